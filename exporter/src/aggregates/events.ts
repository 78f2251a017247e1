/** The aggregates of events. Every figure weighs an event by its count. */
import {
  ERROR_STATUS,
  type Measure,
  METRIC_TYPES,
  type MetricType,
  OTHER_ENDPOINT,
  RATE_LIMITED_STATUS,
} from '../catalog/index.js';
import {
  type Aggregate,
  aggregate,
  by,
  count,
  extreme,
  type Facts,
  type Key,
  type Sparse,
  sum,
} from './aggregate.js';
import {
  distinct,
  distinctOnly,
  histogram,
  type MeasureSql,
  type Only,
  total,
  totalWhere,
} from './measures.js';

export const EVENTS = {
  table: 'usage_events',
  time: 'occurred_at',
  marks: { minute: 'minute', hour: 'hour' },
  retention: { watermark: 'raw_from', lock: 'partitions' },
} as const satisfies Facts;
const CALL: MetricType = 'api_calls';
const CALLS: Facts = { ...EVENTS, where: `e.metric_type = '${CALL}'` };

const only = (...values: readonly MetricType[]): Only => ({
  column: 'metric_type',
  values,
});

/** The usage tables count every type of event in one column. */
const ofType = (type: MetricType): MeasureSql => ({
  columns: ['metric_type', 'count'],
  sql: (row) => `sum(${row}.count) FILTER (WHERE ${row}.metric_type = '${type}')`,
  only: only(type),
});

const counted = Object.fromEntries(
  Object.entries(METRIC_TYPES).map(([type, measure]) => [measure, ofType(type as MetricType)]),
) as Partial<Record<Measure, MeasureSql>>;

const METRIC_TYPE: Key = { column: 'metric_type', raw: 'e.metric_type' };

const usageFigures = [
  count('count', 'sum(e.count)'),
  extreme('first_at', 'min', 'e.occurred_at'),
  extreme('last_at', 'max', 'e.occurred_at'),
];

const usageMeasures = {
  ...counted,
  agents: distinct('agent_id'),
  tokenAgents: distinctOnly('agent_id', only('token_issuances', 'token_failures')),
};

export const usage = aggregate({
  name: 'usage',
  table: 'usage',
  tables: { day: 'analytics_daily_aggregates' },
  levels: ['minute', 'hour', 'day'],
  keys: [by('agent'), METRIC_TYPE],
  figures: usageFigures,
  from: EVENTS,
  measures: {
    ...usageMeasures,
    rotationTimes: {
      columns: ['agent_id', 'metric_type', 'count', 'first_at', 'last_at'],
      only: only('credential_rotations'),
    },
  },
});

/** What is computed seldom: the hour is its granule. */
const SELDOM: Facts['marks'] = {
  hour: 'agent_endpoint',
  seldom: { after: EVENTS.marks, computed: 'agent_endpoint_computed' },
};

/** Which environments there were. Most senders name none: then the aggregates by environment keep no rows. */
export const eventEnvironment = aggregate({
  name: 'eventEnvironment',
  table: 'event_environment',
  levels: ['hour', 'day'],
  keys: [by('environment')],
  figures: [count('count', 'sum(e.count)')],
  from: { ...EVENTS, where: 'e.environment IS NOT NULL', marks: SELDOM },
  measures: {},
});

const byEnvironment = (otherwise: Aggregate): Sparse => ({
  key: 'environment',
  keptWith: eventEnvironment,
  otherwise,
});

/** Without the times of rotations: a credential is that of the agent, whatever the environment. */
export const usageEnvironment = aggregate({
  name: 'usageEnvironment',
  table: 'usage_environment',
  levels: ['hour', 'day'],
  keys: [by('agent'), by('environment'), METRIC_TYPE],
  figures: usageFigures,
  sparse: byEnvironment(usage),
  from: { ...EVENTS, marks: SELDOM },
  measures: usageMeasures,
});

const callKeys: readonly Key[] = [
  by('endpoint', `coalesce(e.endpoint, '${OTHER_ENDPOINT}')`),
  by('statusCode', 'coalesce(e.status_code, 0::smallint)'),
];

const callFigures = [
  count('calls', 'sum(e.count)'),
  count('duration_count', 'coalesce(sum(e.count) FILTER (WHERE e.duration_ms IS NOT NULL), 0)'),
  sum('duration_sum', 'sum(e.duration_ms * e.count)'),
];

const callDurations = { bucket: 'duration_bucket(e.duration_ms)', weight: 'calls' };

const callMeasures = {
  calls: total('calls'),
  rateLimited: totalWhere(['calls'], 'status_code', `= ${RATE_LIMITED_STATUS}`),
  errors: totalWhere(['calls'], 'status_code', `>= ${ERROR_STATUS}`),
  durationSum: total('duration_sum'),
  durationCount: total('duration_count'),
};

export const endpoint = aggregate({
  name: 'endpoint',
  table: 'endpoint',
  levels: ['minute', 'hour', 'day'],
  keys: callKeys,
  figures: callFigures,
  histogram: { ...callDurations, merge: 'join' },
  from: CALLS,
  measures: { ...callMeasures, durations: histogram },
});

export const callEnvironment = aggregate({
  name: 'callEnvironment',
  table: 'call_environment',
  levels: ['hour', 'day'],
  keys: [by('environment'), ...callKeys],
  figures: callFigures,
  histogram: { ...callDurations, merge: 'union' },
  sparse: byEnvironment(endpoint),
  from: { ...CALLS, marks: SELDOM },
  measures: { ...callMeasures, durations: histogram },
});

export const agentEndpoint = aggregate({
  name: 'agentEndpoint',
  table: 'agent_endpoint',
  levels: ['hour', 'day'],
  keys: [by('agent'), ...callKeys],
  figures: callFigures,
  from: { ...CALLS, marks: SELDOM },
  measures: callMeasures,
});

/** All of them together: the finest. */
export const agentCallEnvironment = aggregate({
  name: 'agentCallEnvironment',
  table: 'agent_call_environment',
  levels: ['hour', 'day'],
  keys: [by('agent'), by('environment'), ...callKeys],
  figures: callFigures,
  sparse: byEnvironment(agentEndpoint),
  from: { ...CALLS, marks: SELDOM },
  measures: callMeasures,
});

/** Narrowest first. */
export const EVENT_AGGREGATES = [
  usage,
  eventEnvironment,
  usageEnvironment,
  endpoint,
  callEnvironment,
  agentEndpoint,
  agentCallEnvironment,
];
