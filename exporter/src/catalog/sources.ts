/** The aggregates that metrics are read from: which measures and dimensions each carries, and at which levels. */

export { METRIC_TYPES, type MetricType } from '../facts/event/metric-types.js';

export type Level = 'minute' | 'hour' | 'day';

/** Additive figures of a row; `durations` and `executionDurations` are mergeable histograms. */
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
  | 'executionAgents'
  | 'rotationTimes'
  | 'executions'
  | 'finished'
  | 'succeeded'
  | 'unsuccessful'
  | 'executionDurationSum'
  | 'executionDurationCount'
  | 'executionDurations'
  | 'steps'
  | 'inputTokens'
  | 'outputTokens'
  | 'totalTokens'
  | 'pricedTokens'
  | 'costUsd'
  | 'unpriced'
  | 'toolCalls'
  | 'toolRated'
  | 'toolSuccesses'
  | 'toolDurationSum'
  | 'toolDurationCount';

/** Dimensions that a row carries itself; weekday and hourOfDay are derived from its time instead. */
export type StoredDimension =
  | 'agent'
  | 'endpoint'
  | 'statusCode'
  | 'statusClass'
  | 'executionStatus'
  | 'model'
  | 'provider'
  | 'user'
  | 'flow'
  | 'tool'
  | 'errorType'
  | 'component';

export interface Source {
  name: string;
  /** Table by level; a level that is missing is not kept. */
  tables: Partial<Record<Level, string>>;
  measures: readonly Measure[];
  dimensions: readonly StoredDimension[];
}

const EXECUTION_MEASURES = [
  'executions',
  'finished',
  'succeeded',
  'unsuccessful',
  'executionDurationSum',
  'executionDurationCount',
  'executionDurations',
  'steps',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'pricedTokens',
  'costUsd',
  'unpriced',
] as const satisfies readonly Measure[];

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
  {
    name: 'executionStatus',
    tables: { hour: 'execution_status_hours', day: 'execution_status_days' },
    measures: EXECUTION_MEASURES,
    dimensions: ['executionStatus'],
  },
  {
    name: 'execution',
    tables: { hour: 'execution_hours', day: 'execution_days' },
    measures: [...EXECUTION_MEASURES, 'executionAgents'],
    dimensions: ['agent', 'provider', 'model', 'executionStatus'],
  },
  {
    name: 'executionUser',
    tables: { hour: 'execution_user_hours', day: 'execution_user_days' },
    measures: EXECUTION_MEASURES,
    dimensions: ['user', 'executionStatus'],
  },
  {
    name: 'executionFlow',
    tables: { hour: 'execution_flow_hours', day: 'execution_flow_days' },
    measures: EXECUTION_MEASURES,
    dimensions: ['flow', 'executionStatus'],
  },
  {
    name: 'executionError',
    tables: { hour: 'execution_error_hours', day: 'execution_error_days' },
    measures: ['executions'],
    dimensions: ['agent', 'provider', 'model', 'errorType', 'executionStatus'],
  },
  {
    name: 'executionTool',
    tables: { hour: 'execution_tool_hours', day: 'execution_tool_days' },
    measures: ['toolCalls', 'toolRated', 'toolSuccesses', 'toolDurationSum', 'toolDurationCount'],
    dimensions: ['agent', 'tool'],
  },
  {
    name: 'executionComponent',
    tables: { hour: 'execution_component_hours', day: 'execution_component_days' },
    measures: ['inputTokens', 'outputTokens', 'totalTokens', 'costUsd'],
    dimensions: ['agent', 'component', 'provider', 'model'],
  },
] as const satisfies readonly Source[];

/** An API call with this status or a higher one is an error. */
export const ERROR_STATUS = 400;
