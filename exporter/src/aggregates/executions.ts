/** The aggregates of executions. Their marks name hours; minutes are kept of the dimensions that one table can carry. */
import { columnOf, NESTED, RUNNING, type StoredDimension, SUCCESS, TOP } from '../catalog/index.js';
import {
  type Aggregate,
  aggregate,
  by,
  count,
  type Declaration,
  type Facts,
  money,
  shared,
  sum,
} from './aggregate.js';
import {
  cost,
  difference,
  distinct,
  histogram,
  type MeasureSql,
  rounded,
  total,
  totalWhere,
} from './measures.js';
import { isUnused, partsOf, USAGES_BY_MODEL } from '../facts/execution/parts-of.js';

export const EXECUTIONS = {
  table: 'executions',
  time: 'started_at',
  marks: { hour: 'execution' },
  retention: { watermark: 'executions_from', lock: 'executions' },
} as const satisfies Facts;

const LEVEL = by('level', `CASE WHEN e.parent_execution_id IS NULL THEN '${TOP}' ELSE '${NESTED}' END`);

const FINISHED = `<> '${RUNNING}'`;
const SUCCEEDED = `= '${SUCCESS}'`;

const figures = [
  count('executions', 'count(*)'),
  count('duration_count', `count(e.execution_time_ms) FILTER (WHERE e.status ${FINISHED})`),
  sum('duration_sum', `sum(e.execution_time_ms) FILTER (WHERE e.status ${FINISHED})`),
  count('steps', 'sum(e.steps)'),
  count('input_tokens', 'sum(e.input_tokens)'),
  count('output_tokens', 'sum(e.output_tokens)'),
  count('priced_tokens', 'coalesce(sum(e.total_tokens) FILTER (WHERE e.cost_usd IS NOT NULL), 0)'),
  money('cost_usd', 'sum(e.cost_usd)'),
  // What budgets count: the held estimate where the cost is not known.
  money('spend_usd', 'sum(coalesce(e.cost_usd, e.held_usd))'),
  count('unpriced', 'count(*) FILTER (WHERE e.cost_usd IS NULL)'),
  count('cached_input_tokens', 'sum(e.cached_input_tokens)'),
  count('reasoning_tokens', 'sum(e.reasoning_tokens)'),
];

const tokens = ['input_tokens', 'output_tokens'];

/** Tokens and cost are those of models by the token usages: see `executionModel`. */
const ofExecution = (measure: MeasureSql): MeasureSql => ({ ...measure, notBy: ['provider', 'model'] });

const measures = {
  executions: total('executions'),
  finished: totalWhere(['executions'], 'status', FINISHED),
  succeeded: totalWhere(['executions'], 'status', SUCCEEDED),
  failed: totalWhere(['executions'], 'status', `= 'failure'`),
  timedOut: totalWhere(['executions'], 'status', `= 'timeout'`),
  unsuccessful: totalWhere(['executions'], 'status', `NOT IN ('${RUNNING}', '${SUCCESS}')`),
  executionDurationSum: total('duration_sum'),
  executionDurationCount: total('duration_count'),
  executionDurations: histogram,
  steps: total('steps'),
  finishedSteps: totalWhere(['steps'], 'status', FINISHED),
  inputTokens: ofExecution(total('input_tokens')),
  outputTokens: ofExecution(total('output_tokens')),
  totalTokens: ofExecution(total(...tokens)),
  finishedTokens: ofExecution(totalWhere(tokens, 'status', FINISHED)),
  pricedTokens: ofExecution(total('priced_tokens')),
  costUsd: ofExecution(cost),
  knownCost: ofExecution(total('cost_usd')),
  unpriced: ofExecution(total('unpriced')),
  priced: ofExecution(difference('executions', 'unpriced')),
  cachedInputTokens: ofExecution(total('cached_input_tokens')),
  reasoningTokens: ofExecution(total('reasoning_tokens')),
};

/**
 * All figures of executions by their level and some of their columns. The status is always among these: most measures look
 * at it.
 */
const executionsBy = (
  name: string,
  table: string,
  dimensions: readonly StoredDimension[],
  {
    levels = ['hour', 'day'],
    minutes,
    measures: more,
    keys = [],
    figures: others = [],
  }: Partial<Declaration> = {},
): Aggregate =>
  aggregate({
    name,
    table,
    levels,
    minutes,
    keys: [...dimensions.map((dimension) => by(dimension)), ...keys, LEVEL],
    figures: [...figures, ...others],
    histogram: {
      bucket: `CASE WHEN e.status ${FINISHED} THEN duration_bucket(e.execution_time_ms) END`,
      weight: 'executions',
      merge: 'union',
    },
    from: EXECUTIONS,
    measures: { ...measures, ...more },
  });

/** The minutes of those below that carry no other dimensions. */
const executionMinute = executionsBy(
  'executionMinute',
  'execution',
  ['agent', 'provider', 'model', 'environment', 'executionStatus'],
  { levels: ['minute'] },
);

/** All of a tenant together. */
export const executionStatus = executionsBy('executionStatus', 'execution_status', ['executionStatus'], {
  minutes: executionMinute,
});

export const execution = executionsBy(
  'execution',
  'execution',
  ['agent', 'provider', 'model', 'executionStatus'],
  { minutes: executionMinute, measures: { executionAgents: distinct('agent_id') } },
);

export const executionUser = executionsBy('executionUser', 'execution_user', ['user', 'executionStatus'], {
  measures: { executionUsers: distinct('user_id') },
});

export const executionFlow = executionsBy('executionFlow', 'execution_flow', ['flow', 'executionStatus']);

export const executionEnvironment = executionsBy(
  'executionEnvironment',
  'execution_environment',
  ['environment', 'executionStatus'],
  { minutes: executionMinute },
);

/** By all tags of an execution together, so that it counts once under whichever of them. They are too long for a key. */
export const executionTag = executionsBy('executionTag', 'execution_tag', ['agent', 'executionStatus'], {
  keys: [{ column: 'tag_set', raw: 'md5(e.tags::text)::uuid' }],
  figures: [shared('tags')],
});

export const executionError = aggregate({
  name: 'executionError',
  table: 'execution_error',
  levels: ['hour', 'day'],
  keys: [by('agent'), by('provider'), by('model'), by('errorType'), LEVEL, by('executionStatus')],
  figures: [count('executions', 'count(*)')],
  from: { ...EXECUTIONS, where: 'e.error_type IS NOT NULL' },
  measures: { executions: measures.executions },
});

/** What a tool call has cost, as reported or by the price of the tool when its execution began; null where it is not known. */
const TOOL_COST = `coalesce(s.reported_cost_usd, (
  SELECT p.usd_per_call FROM tool_prices p
  WHERE p.tenant_id = $1 AND p.tool_name = s.tool_name AND p.effective_from <= e.started_at
  ORDER BY p.effective_from DESC LIMIT 1))`;

export const executionTool = aggregate({
  name: 'executionTool',
  table: 'execution_tool',
  levels: ['hour', 'day'],
  keys: [by('agent'), by('tool', 's.tool_name')],
  figures: [
    count('calls', 'count(*)'),
    count('rated', `count(*) FILTER (WHERE s.status ${FINISHED})`),
    count('successes', `count(*) FILTER (WHERE s.status ${SUCCEEDED})`),
    count('duration_count', 'count(s.duration_ms)'),
    sum('duration_sum', 'sum(s.duration_ms)'),
    money('cost_usd', `sum(${TOOL_COST})`),
    count('priced', `count(${TOOL_COST})`),
  ],
  histogram: { bucket: 'duration_bucket(s.duration_ms)', weight: 'calls', merge: 'union' },
  from: {
    ...EXECUTIONS,
    join: `JOIN LATERAL (${partsOf('execution_steps')}) AS s ON s.step_type = 'tool_call'`,
  },
  measures: {
    toolCalls: total('calls'),
    toolRated: total('rated'),
    toolSuccesses: total('successes'),
    toolDurationSum: total('duration_sum'),
    toolDurationCount: total('duration_count'),
    toolDurations: histogram,
    toolCost: { ...rounded(['cost_usd']), unknown: true },
    toolPriced: total('priced'),
  },
});

/** What executions have in common whose tool calls are paid together. */
export type ToolCostOf = 'user' | 'flow' | 'environment';
const TOOL_COST_OF: readonly ToolCostOf[] = ['user', 'flow', 'environment'];

/** Costs of tool calls by what their execution ran for. One table, so that the steps are read once for all of them. */
export const executionToolCost = aggregate({
  name: 'executionToolCost',
  table: 'execution_tool_cost',
  levels: ['hour', 'day'],
  keys: [
    { column: 'cost_of', raw: 'o.cost_of' },
    { column: 'of_id', raw: 'o.of_id' },
  ],
  figures: [money('cost_usd', 'sum(c.usd)')],
  from: {
    ...EXECUTIONS,
    join: `JOIN LATERAL (
      SELECT sum(${TOOL_COST}) AS usd FROM (${partsOf('execution_steps')}) AS s WHERE s.step_type = 'tool_call' OFFSET 0
    ) AS c ON c.usd > 0
    JOIN LATERAL (VALUES ${TOOL_COST_OF.map((of) => `('${of}', e.${columnOf(of)})`).join(', ')}) AS o (cost_of, of_id) ON true`,
  },
  measures: {},
});

/** A figure of the token usage, or of the execution itself where it has none. */
const ofUsage = (column: string): string =>
  `CASE WHEN u.usage_key IS NULL THEN e.${column} ELSE u.${column} END`;

const USED_TOKENS = `${ofUsage('input_tokens')} + ${ofUsage('output_tokens')}`;

/** An execution without usages counts as one of no component. */
export const executionComponent = aggregate({
  name: 'executionComponent',
  table: 'execution_component',
  levels: ['hour', 'day'],
  keys: [
    by('agent'),
    by('component', 'u.component'),
    by('provider', 'coalesce(u.provider, e.provider)'),
    by('model', 'coalesce(u.model_name, e.model_name)'),
  ],
  figures: [
    count('usages', 'count(*)'),
    count('input_tokens', `sum(${ofUsage('input_tokens')})`),
    count('output_tokens', `sum(${ofUsage('output_tokens')})`),
    count(
      'priced_tokens',
      `coalesce(sum(${USED_TOKENS}) FILTER (WHERE ${ofUsage('cost_usd')} IS NOT NULL), 0)`,
    ),
    money('cost_usd', `sum(${ofUsage('cost_usd')})`),
    count('unpriced', `count(*) FILTER (WHERE ${ofUsage('cost_usd')} IS NULL)`),
  ],
  from: { ...EXECUTIONS, join: `LEFT JOIN LATERAL (${partsOf('token_usages')}) AS u ON true` },
  measures: {
    usages: total('usages'),
    unpricedUsages: total('unpriced'),
    inputTokens: total('input_tokens'),
    outputTokens: total('output_tokens'),
    totalTokens: total(...tokens),
    pricedTokens: total('priced_tokens'),
    costUsd: cost,
    knownCost: total('cost_usd'),
  },
});

const PRICED_TOKENS = 'CASE WHEN e.cost_usd IS NULL THEN 0 ELSE e.input_tokens + e.output_tokens END';
const UNPRICED = '(e.cost_usd IS NULL)::int';
const UNUSED = `coalesce(${isUnused('e')}, false)::int`;

/** A figure of a model's usages, or of the execution itself where it has none. */
const ofModel = (column: string, ofItself = `e.${column}`): string =>
  `CASE WHEN u.usages IS NULL THEN ${ofItself} ELSE u.${column} END`;

/** Executions by the models of their token usages, each of which counts; by their own model where they have none. */
const executionsByModel = (
  name: string,
  more: readonly StoredDimension[],
  { levels, minutes }: Pick<Declaration, 'levels' | 'minutes'>,
): Aggregate =>
  aggregate({
    name,
    table: 'execution_model',
    levels,
    minutes,
    keys: [
      by('agent'),
      by('provider', ofModel('provider')),
      by('model', ofModel('model_name')),
      ...more.map((dimension) => by(dimension)),
      LEVEL,
      by('executionStatus'),
    ],
    figures: [
      count('executions', 'count(*)'),
      count('usages', 'sum(coalesce(u.usages, 1))'),
      count('input_tokens', `sum(${ofModel('input_tokens')})`),
      count('output_tokens', `sum(${ofModel('output_tokens')})`),
      count('priced_tokens', `sum(${ofModel('priced_tokens', PRICED_TOKENS)})`),
      money('cost_usd', `sum(${ofModel('cost_usd')})`),
      count('unpriced', `sum(${ofModel('unpriced', UNPRICED)})`),
      count('cached_input_tokens', `sum(${ofModel('cached_input_tokens')})`),
      count('reasoning_tokens', `sum(${ofModel('reasoning_tokens')})`),
      count('unpriced_executions', `count(*) FILTER (WHERE ${ofModel('unpriced', UNPRICED)} > 0)`),
      count(
        'unused_executions',
        `count(*) FILTER (WHERE ${ofModel('unused', UNUSED)} = coalesce(u.usages, 1))`,
      ),
    ],
    from: { ...EXECUTIONS, join: `LEFT JOIN LATERAL (${USAGES_BY_MODEL}) AS u ON true` },
    measures: {
      executions: measures.executions,
      finished: measures.finished,
      inputTokens: total('input_tokens'),
      outputTokens: total('output_tokens'),
      totalTokens: total(...tokens),
      finishedTokens: totalWhere(tokens, 'status', FINISHED),
      pricedTokens: total('priced_tokens'),
      costUsd: cost,
      knownCost: total('cost_usd'),
      usages: total('usages'),
      unpricedUsages: total('unpriced'),
      unpriced: total('unpriced_executions'),
      unused: total('unused_executions'),
      priced: difference('executions', 'unpriced_executions'),
      cachedInputTokens: total('cached_input_tokens'),
      reasoningTokens: total('reasoning_tokens'),
    },
  });

const executionModelMinute = executionsByModel('executionModelMinute', ['environment'], {
  levels: ['minute'],
});

export const executionModel = executionsByModel('executionModel', [], {
  levels: ['hour', 'day'],
  minutes: executionModelMinute,
});

const OTHER_COSTS = ['tool_usd', 'storage_usd', 'other_usd'] as const;
const HAS_MODEL_COST = (row: string): string =>
  `sum(${row}.unpriced) < sum(${row}.executions) OR coalesce(sum(${row}.executions), 0) = 0`;

/** Costs of all kinds by agent: a view of the aggregates, and of the items that no execution carries. */
export const executionCost = aggregate({
  name: 'executionCost',
  table: 'cost',
  tables: { hour: 'cost_hours', day: 'cost_days' },
  levels: [],
  keys: [by('agent')],
  figures: [],
  from: EXECUTIONS,
  measures: {
    unpriced: total('unpriced'),
    modelCost: rounded(['model_usd'], ['executions', 'unpriced'], HAS_MODEL_COST),
    storageCost: rounded(['storage_usd']),
    otherCost: rounded(['other_usd']),
    totalCost: rounded(
      ['model_usd', ...OTHER_COSTS],
      ['executions', 'unpriced'],
      (row) =>
        `${HAS_MODEL_COST(row)} OR sum(${OTHER_COSTS.map((column) => `${row}.${column}`).join(' + ')}) > 0`,
    ),
  },
});

/** Narrowest first. */
export const EXECUTION_AGGREGATES = [
  executionStatus,
  execution,
  executionUser,
  executionFlow,
  executionEnvironment,
  executionTag,
  executionError,
  executionTool,
  executionToolCost,
  executionModel,
  executionComponent,
  executionMinute,
  executionModelMinute,
  executionCost,
];
