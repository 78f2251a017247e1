import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { promRange } from '../../lib/prometheus.js';
import { rate, SERVICE } from './selectors.js';

const chart = { width: 12, height: 8, draw: 'lines' } as const;

export const ingestPanels = [
  timeSeries({
    ...chart,
    title: 'Events by outcome',
    description: 'Events per second: accepted, duplicate (already stored) or rejected.',
    unit: 'eps',
    noValue: 'No events in this time range',
    draw: 'bars',
    stacked: true,
    legendCalcs: ['mean', 'max'],
    targets: [
      promRange(`sum by (outcome) (${rate('agentidp_analytics_ingest_events_total')})`, '{{outcome}}'),
    ],
    overrides: [
      { field: 'accepted', properties: [set.color(COLOR.good)] },
      { field: 'duplicate', properties: [set.color(COLOR.neutral)] },
      { field: 'rejected', properties: [set.color(COLOR.bad)] },
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Ingest failures',
    description:
      'Write requests per second that failed with a server error. Nothing of them was acknowledged.',
    unit: 'ops',
    noValue: 'Not scraped in this time range',
    softMax: 0.1,
    targets: [promRange(`sum(${rate('agentidp_analytics_ingest_failures_total')})`, 'Failures')],
    overrides: [{ field: 'Failures', properties: [set.color(COLOR.bad)] }],
  }),
];

export const aggregationPanels = [
  timeSeries({
    ...chart,
    title: 'Rollup lag',
    description: 'How far the aggregates are behind the events; the maximum of all replicas.',
    unit: 's',
    noValue: 'Not scraped in this time range',
    targets: [promRange(`max(agentidp_analytics_rollup_lag_seconds{${SERVICE}})`, 'Lag')],
  }),
  timeSeries({
    ...chart,
    title: 'Nightly aggregation duration',
    description: 'Duration of the last run of the nightly job.',
    unit: 'ms',
    noValue: 'The nightly job has not run yet',
    targets: [promRange(`max(agentidp_analytics_aggregation_job_duration_ms{${SERVICE}})`, 'Duration')],
  }),
];
