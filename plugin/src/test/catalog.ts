import type { Catalog, Metric } from '../api/types';

const ALL_INTERVALS: Metric['intervals'] = [
  'minute',
  '5m',
  '15m',
  'hour',
  '6h',
  'day',
  'week',
  'month',
  'none',
];
const HOURS = ALL_INTERVALS.slice(3);
const CALLS = ['agent', 'endpoint', 'statusClass', 'statusCode', 'weekday', 'hourOfDay'];
const IDENTITY = ['agent', 'weekday', 'hourOfDay'];

/** The exporter has no such metric today. */
export const WITHOUT_INTERVALS = 'snapshot';

const metric = (name: string, title: string, rest: Partial<Metric>): Metric => ({
  name,
  title,
  description: `${title}, described.`,
  unit: 'short',
  kind: 'count',
  dimensions: IDENTITY,
  intervals: ALL_INTERVALS,
  ...rest,
});

/** A part of the real catalog, which `real-executions.test.ts` compares with it, and one metric without intervals. */
export const CATALOG: Catalog = {
  metrics: [
    metric('api_calls', 'API calls', { dimensions: CALLS }),
    metric('api_error_rate', 'API error rate', { unit: 'percent', kind: 'rate', dimensions: CALLS }),
    metric('api_duration_p95_ms', 'P95 API duration', {
      unit: 'ms',
      kind: 'duration',
      dimensions: CALLS.filter((dimension) => dimension !== 'agent'),
    }),
    metric('token_issuances', 'Token issuances', {}),
    metric('credential_rotations', 'Credential rotations', {}),
    metric('days_since_rotation', 'Days since last rotation', {
      unit: 'd',
      kind: 'gauge',
      dimensions: ['agent'],
      intervals: HOURS,
    }),
    metric(WITHOUT_INTERVALS, 'Snapshot', { kind: 'gauge', dimensions: ['agent'], intervals: ['none'] }),
  ],
  dimensions: [
    { name: 'agent', title: 'Agent', description: 'Who acted.' },
    { name: 'endpoint', title: 'Endpoint', description: 'Method and path.' },
    { name: 'statusClass', title: 'Status class', description: '2xx and so on.' },
    { name: 'statusCode', title: 'Status code', description: 'HTTP status.' },
    { name: 'weekday', title: 'Weekday', description: '0 is Sunday.' },
    { name: 'hourOfDay', title: 'Hour of day', description: '0 to 23.' },
  ],
};
