/** The aggregates that metrics are read from: which measures and dimensions each carries, and at which levels. */

export type Level = 'minute' | 'hour' | 'day';

/** Additive figures of a row; `durations` is the mergeable histogram. */
export type Measure =
  | 'calls'
  | 'errors'
  | 'issuances'
  | 'failures'
  | 'rotations'
  | 'durationSum'
  | 'durationCount'
  | 'durations'
  | 'agents'
  | 'tokenAgents'
  | 'rotationTimes';

/** Dimensions that a row carries itself; weekday and hourOfDay are derived from its time instead. */
export type StoredDimension = 'agent' | 'endpoint' | 'statusCode' | 'statusClass';

export interface Source {
  name: string;
  /** Table by level; a level that is missing is not kept. */
  tables: Partial<Record<Level, string>>;
  measures: readonly Measure[];
  dimensions: readonly StoredDimension[];
}

/** Narrowest first: a query reads the first source that carries all that it asks for. */
export const SOURCES = [
  {
    name: 'usage',
    tables: { minute: 'usage_minutes', hour: 'usage_hours', day: 'analytics_daily_aggregates' },
    measures: ['calls', 'issuances', 'failures', 'rotations', 'agents', 'tokenAgents', 'rotationTimes'],
    dimensions: ['agent'],
  },
  {
    name: 'endpoint',
    tables: { minute: 'endpoint_minutes', hour: 'endpoint_hours', day: 'endpoint_days' },
    measures: ['calls', 'errors', 'durationSum', 'durationCount', 'durations'],
    dimensions: ['endpoint', 'statusClass', 'statusCode'],
  },
  {
    name: 'agentEndpoint',
    tables: { hour: 'agent_endpoint_hours', day: 'agent_endpoint_days' },
    measures: ['calls', 'errors', 'durationSum', 'durationCount'],
    dimensions: ['agent', 'endpoint', 'statusClass', 'statusCode'],
  },
] as const satisfies readonly Source[];

/** The facts that an event may carry, by the measure that counts them. */
export const METRIC_TYPES = {
  api_calls: 'calls',
  token_issuances: 'issuances',
  token_failures: 'failures',
  credential_rotations: 'rotations',
} as const satisfies Record<string, Measure>;

export type MetricType = keyof typeof METRIC_TYPES;

/** An API call with this status or a higher one is an error. */
export const ERROR_STATUS = 400;
