/** What is counted of events: their types, the measures that aggregates keep of them, and the metrics made of those. */
import type { METRIC_TYPES, MetricType } from '../facts/event/metric-types.js';
import type { MetricOf } from './metric.js';

/** An API call with this status or a higher one is an error. */
export const ERROR_STATUS = 400;
/** The status of a call that was refused because there were too many. */
export const RATE_LIMITED_STATUS = 429;

/** The endpoint of calls that name none, or one beyond the names that a tenant may have. */
export const OTHER_ENDPOINT = 'other';

export type EventMeasure =
  | (typeof METRIC_TYPES)[MetricType]
  | 'errors'
  | 'rateLimited'
  | 'durationSum'
  | 'durationCount'
  /** A histogram. */
  | 'durations'
  | 'agents'
  | 'tokenAgents'
  /** Times of the first and last rotation. */
  | 'rotationTimes';

const percentile = (p: number, title: string): MetricOf<EventMeasure> => ({
  name: `api_duration_p${p * 100}_ms`,
  title,
  description: `${p * 100} % of API calls took at most this long, within 1.5 %. Only calls with a duration count.`,
  unit: 'ms',
  kind: 'duration',
  formula: { op: 'percentile', of: 'durations', p },
});

export const EVENT_METRICS: readonly MetricOf<EventMeasure>[] = [
  {
    name: 'api_calls',
    title: 'API calls',
    description: 'Calls that agents made.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'calls' },
  },
  {
    name: 'api_errors',
    title: 'API errors',
    description: 'Calls answered with a status of 400 or more.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'errors' },
  },
  {
    name: 'rate_limited_calls',
    title: 'Rate limited calls',
    description: 'Calls answered with status 429.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'rateLimited' },
  },
  {
    name: 'api_error_rate',
    title: 'API error rate',
    description: 'Share of calls answered with a status of 400 or more.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'errors', of: ['calls'] },
  },
  {
    name: 'api_duration_avg_ms',
    title: 'Average API duration',
    description: 'Mean duration of the calls with a duration.',
    unit: 'ms',
    kind: 'duration',
    formula: { op: 'mean', sum: 'durationSum', count: 'durationCount' },
  },
  percentile(0.5, 'Median API duration'),
  percentile(0.95, 'P95 API duration'),
  percentile(0.99, 'P99 API duration'),
  {
    name: 'token_issuances',
    title: 'Token issuances',
    description: 'Tokens issued.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'issuances' },
  },
  {
    name: 'token_failures',
    title: 'Token failures',
    description: 'Token requests that were refused.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'failures' },
  },
  {
    name: 'token_failure_rate',
    title: 'Token failure rate',
    description: 'Share of token requests that were refused.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'failures', of: ['issuances', 'failures'] },
  },
  {
    name: 'credential_rotations',
    title: 'Credential rotations',
    description: 'Credentials rotated.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'rotations' },
  },
  {
    name: 'rotation_interval_avg_days',
    title: 'Average rotation interval',
    description: 'Mean days between the rotations within the range; null below two rotations.',
    unit: 'd',
    kind: 'duration',
    formula: { op: 'meanInterval', of: 'rotationTimes' },
  },
  {
    name: 'days_since_rotation',
    title: 'Days since last rotation',
    description:
      "Days since an agent's last credential rotation, or since it was first seen if it never rotated, at the end of " +
      'each bucket; without grouping the longest of all agents.',
    unit: 'd',
    kind: 'gauge',
    formula: { op: 'age', of: 'rotationTimes' },
  },
  {
    name: 'last_rotation_time',
    title: 'Last credential rotation',
    description:
      "When an agent's credentials were last rotated, at the end of each bucket, in milliseconds since 1970; null for one " +
      'that never rotated. Without grouping the latest of all agents.',
    unit: 'dateTimeAsIso',
    kind: 'gauge',
    formula: { op: 'latest', of: 'rotationTimes' },
  },
  {
    name: 'active_agents',
    title: 'Active agents',
    description: 'Agents with at least one event of any kind.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'distinct', of: 'agents' },
  },
  {
    name: 'token_active_agents',
    title: 'Agents using tokens',
    description: 'Agents with at least one token issuance or failure.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'distinct', of: 'tokenAgents' },
  },
];
