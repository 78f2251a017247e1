/** Executions made up at random, and the facts that the metrics of them count. */
import fc from 'fast-check';

export interface Wire {
  id: string;
  started_at: string;
  agent_id: string | null;
  tags: string[];
  user_id: string | null;
  flow_id: string | null;
  parent_execution_id: string | null;
  environment: string | null;
  provider: string | null;
  model_name: string | null;
  status: string;
  error_type: string | null;
  execution_time_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  cost_usd: number | null;
  steps: {
    step_number: number;
    step_type: string;
    tool_name: string;
    status: string | null;
    duration_ms: number | null;
    cost_usd: number | null;
  }[];
  token_usages: {
    component: string;
    model: string | null;
    provider: string | null;
    input_tokens: number;
    output_tokens: number;
    cached_input_tokens: number;
    reasoning_tokens: number;
    cost_usd: number | null;
  }[];
}

/** An execution, a step or a token usage, as one of the aggregates sees it. */
export interface Fact {
  at: number;
  dimensions: Record<string, string | null>;
  /** Dimensions of which it has any number of values. */
  sets: Record<string, readonly string[]>;
  finished: boolean;
  succeeded: boolean;
  /** Milliseconds. */
  duration: number | null;
  steps: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  /** What its tool calls have cost, or the call itself. */
  tools: number;
  /** Of an hour of a cost item, which is no execution. */
  item?: number;
  cost: number | null;
  /** Whether its cost, or that of a part of it, is not known. */
  unpriced: boolean;
}

/** How the agents are tagged. */
export const AGENT_TAGS: Readonly<Record<string, readonly string[]>> = { a: ['x', 'Y_1'], b: ['x'], c: [] };

const maybe = <T>(...values: T[]): fc.Arbitrary<T | null> => fc.constantFrom(...values, null);
const cents = fc.option(
  fc.integer({ min: 0, max: 500 }).map((n) => n / 100),
  { nil: null },
);

/** Models that no price book knows, so that what has no reported cost has none. */
export const madeOf = (from: number, to: number): fc.Arbitrary<Wire> =>
  fc.record({
    id: fc.constant(''),
    started_at: fc
      .oneof(fc.integer({ min: from, max: to }), fc.integer({ min: to - 86_400_000, max: to }))
      .map((at) => new Date(at).toISOString()),
    agent_id: maybe('a', 'b', 'c'),
    tags: fc.array(fc.constantFrom('t', 'T_2', 'slow'), { maxLength: 3 }),
    user_id: maybe('u', 'v'),
    flow_id: maybe('f', 'g'),
    parent_execution_id: maybe('00000000-0000-4000-8000-999999999999'),
    environment: maybe('production', 'staging'),
    provider: maybe('p'),
    model_name: fc.constantFrom('m-1', 'm_2'),
    status: fc.constantFrom('success', 'success', 'failure', 'timeout', 'blocked', 'running'),
    error_type: maybe('Oops', 'Slow'),
    execution_time_ms: fc.option(fc.integer({ min: 1, max: 60_000 }), { nil: null }),
    input_tokens: fc.integer({ min: 1, max: 999 }),
    output_tokens: fc.integer({ min: 0, max: 99 }),
    ...{ cached_input_tokens: fc.constantFrom(0, 1), reasoning_tokens: fc.constant(0) },
    cost_usd: cents,
    steps: fc
      .array(
        fc.record({
          step_type: fc.constantFrom('thought', 'tool_call'),
          tool_name: fc.constantFrom('search', 'pay'),
          status: fc.constantFrom('success', 'failure', 'running', null),
          duration_ms: fc.option(fc.integer({ min: 0, max: 999 }), { nil: null }),
          cost_usd: cents,
        }),
        { maxLength: 3 },
      )
      .map((steps) => steps.map((step, i) => ({ step_number: i, ...step }))),
    token_usages: fc.array(
      fc.record({
        component: fc.constantFrom('main_agent', 'tool_call'),
        model: maybe('m-1', 'm-3'),
        provider: maybe('p'),
        input_tokens: fc.integer({ min: 1, max: 99 }),
        output_tokens: fc.integer({ min: 2, max: 9 }),
        ...{ cached_input_tokens: fc.constantFrom(0, 1), reasoning_tokens: fc.integer({ min: 0, max: 2 }) },
        cost_usd: cents,
      }),
      { maxLength: 2 },
    ),
  });

const unlessZero = (cost: number | null): number | null => (cost === 0 ? null : cost);

/** What the service takes as reported: a cost of 0 beside tokens is no report, and all of these have tokens. */
export const asReported = (sent: Wire): Wire => ({
  ...sent,
  cost_usd: unlessZero(sent.cost_usd),
  token_usages: sent.token_usages.map((usage) => ({ ...usage, cost_usd: unlessZero(usage.cost_usd) })),
});

/** A reported cost wins; otherwise the sum of the usages, where each of them has one. */
function costOf({ cost_usd, token_usages }: Wire): number | null {
  if (cost_usd !== null || token_usages.length === 0) return cost_usd;
  return token_usages.reduce<number | null>(
    (sum, usage) => (sum === null || usage.cost_usd === null ? null : sum + usage.cost_usd),
    0,
  );
}

const callsOf = ({ steps }: Wire): Wire['steps'] =>
  steps.filter(({ step_type }) => step_type === 'tool_call');

/** What a call of `pay` costs, by when its execution begins; calls of `search` have no price. */
export const PAY_PRICES = { first: 0.25, then: 0.5 };

/** A reported cost wins. */
export const toolCostOf = (
  { cost_usd, tool_name }: Wire['steps'][number],
  { started_at }: Wire,
  thenFrom = Infinity,
): number =>
  cost_usd ??
  (tool_name === 'pay' ? (Date.parse(started_at) < thenFrom ? PAY_PRICES.first : PAY_PRICES.then) : 0);

/** A cost item of storage of these days, of an agent. */
export interface Item {
  agent: string | null;
  amount: number;
  /** Milliseconds. */
  from: number;
  days: number;
}

const HOUR = 3_600_000;

/** Its hours. */
const hoursOf = ({ agent, amount, from, days }: Item): Fact[] =>
  Array.from({ length: days * 24 }, (_, i) => ({
    ...NOTHING,
    at: from + i * HOUR,
    dimensions: { agent },
    sets: { agentTag: (agent !== null && AGENT_TAGS[agent]) || [], tag: [] },
    item: amount / (days * 24),
  }));

const NOTHING = {
  finished: false,
  succeeded: false,
  duration: null,
  steps: 0,
  input: 0,
  output: 0,
  cached: 0,
  reasoning: 0,
  tools: 0,
  cost: null,
  unpriced: false,
};

function executionOf(sent: Wire): Fact {
  return {
    at: Date.parse(sent.started_at),
    dimensions: {
      agent: sent.agent_id,
      user: sent.user_id,
      flow: sent.flow_id,
      environment: sent.environment,
      provider: sent.provider,
      model: sent.model_name,
      executionStatus: sent.status,
      level: sent.parent_execution_id === null ? 'top' : 'nested',
      errorType: sent.error_type,
    },
    sets: {
      agentTag: (sent.agent_id !== null && AGENT_TAGS[sent.agent_id]) || [],
      tag: [...new Set(sent.tags)],
    },
    finished: sent.status !== 'running',
    succeeded: sent.status === 'success',
    duration: sent.status === 'running' ? null : sent.execution_time_ms,
    steps: sent.steps.length,
    input: sent.input_tokens,
    output: sent.output_tokens,
    cached: sent.cached_input_tokens,
    reasoning: sent.reasoning_tokens,
    tools: sum(callsOf(sent).map((step) => toolCostOf(step, sent))),
    cost: costOf(sent),
    unpriced: costOf(sent) === null,
  };
}

type Usages = Wire['token_usages'];

const tokensOf = (usages: Usages): number =>
  sum(usages.map((usage) => usage.input_tokens + usage.output_tokens));

/** What usages cost together, as far as it is known; null where none has a price. */
function knownOf(usages: Usages): number | null {
  const known = usages.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [cost_usd]));
  return known.length === 0 ? null : sum(known);
}

/** An execution for each model that its usages name. Its own cost is shared out where theirs is another one. */
function modelsOf(one: Wire): Fact[] {
  const execution = executionOf(one);
  const all = one.token_usages;
  const names = all.map(({ provider, model }) =>
    JSON.stringify([provider ?? one.provider, model ?? one.model_name]),
  );
  const groups = [...new Set(names)].map((name) => ({
    name,
    usages: all.filter((_, i) => names[i] === name),
  }));
  const isComplete = all.every(({ cost_usd }) => cost_usd !== null);
  const whole = sum(all.map(({ cost_usd }) => cost_usd ?? 0));
  const shareOf = (usages: Usages): number => {
    if (isComplete && whole > 0) return knownOf(usages)! / whole;
    return tokensOf(all) > 0 ? tokensOf(usages) / tokensOf(all) : 1 / groups.length;
  };
  return groups.map(({ name, usages }) => {
    const [provider, model] = JSON.parse(name) as [string | null, string];
    return {
      ...execution,
      dimensions: { ...execution.dimensions, provider, model },
      input: sum(usages.map(({ input_tokens }) => input_tokens)),
      output: sum(usages.map(({ output_tokens }) => output_tokens)),
      cached: sum(usages.map(({ cached_input_tokens }) => cached_input_tokens)),
      reasoning: sum(usages.map(({ reasoning_tokens }) => reasoning_tokens)),
      cost: one.cost_usd === null ? knownOf(usages) : one.cost_usd * shareOf(usages),
      unpriced: one.cost_usd === null && usages.some(({ cost_usd }) => cost_usd === null),
    };
  });
}

/** A fact counts under each value of such a dimension, and under null where it has none. */
const underEach = (facts: readonly Fact[], name: string): Fact[] =>
  facts.flatMap((fact) => {
    const values = fact.sets[name];
    if (values === undefined) return [fact];
    return (values.length === 0 ? [null] : values).map((value) => ({
      ...fact,
      dimensions: { ...fact.dimensions, [name]: value },
    }));
  });

const OF_USAGES = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cached_input_tokens',
  'cache_hit_rate',
  'reasoning_tokens',
  'execution_tokens_avg',
  'execution_cost_avg_usd',
  'cost_usd',
  'unpriced_executions',
];
const OF_ITEMS = ['model_cost_usd', 'storage_cost_usd', 'total_cost_usd'];

/**
 * What a metric counts: tool calls, token usages where a component is asked for, executions by the model of their usages
 * where tokens or costs are, otherwise executions.
 */
export function factsOf(
  asked: { metric: string; groupBy: string[]; filters: { dimension: string }[] },
  sent: readonly Wire[],
  items: readonly Item[] = [],
): Fact[] {
  const used = [...asked.groupBy, ...asked.filters.map(({ dimension }) => dimension)];
  const hours = OF_ITEMS.includes(asked.metric) ? items.flatMap(hoursOf) : [];
  return sent
    .flatMap((one): Fact[] => {
      const execution = executionOf(one);
      const { dimensions } = execution;
      if (asked.metric.startsWith('tool_')) {
        return one.steps
          .filter(({ step_type }) => step_type === 'tool_call')
          .map((step) => ({
            ...execution,
            dimensions: { ...dimensions, tool: step.tool_name },
            // Of a call without an outcome it is not known whether it has ended.
            finished: step.status !== null && step.status !== 'running',
            succeeded: step.status === 'success',
            duration: step.duration_ms,
            tools: toolCostOf(step, one),
          }));
      }
      if (used.includes('component') && one.token_usages.length > 0) {
        return one.token_usages.map((usage) => ({
          ...execution,
          dimensions: {
            ...dimensions,
            component: usage.component,
            provider: usage.provider ?? one.provider,
            model: usage.model ?? one.model_name,
          },
          input: usage.input_tokens,
          output: usage.output_tokens,
          cost: usage.cost_usd,
          unpriced: usage.cost_usd === null,
        }));
      }
      const byModel = used.includes('model') || used.includes('provider');
      if (byModel && OF_USAGES.includes(asked.metric) && one.token_usages.length > 0) return modelsOf(one);
      // By error type only executions that have one are counted; no percentile is of what took no known time.
      if (used.includes('errorType') && one.error_type === null) return [];
      return [execution];
    })
    .concat(hours)
    .flatMap((fact) => asked.groupBy.reduce(underEach, [fact]))
    .filter((fact) => !/_p\d/.test(asked.metric) || fact.duration !== null || asked.groupBy.length === 0);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length;
const rate = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);

export function valueOf(metric: string, facts: readonly Fact[]): number | null {
  const finished = facts.filter((fact) => fact.finished).length;
  const succeeded = facts.filter((fact) => fact.succeeded).length;
  const durations = facts
    .flatMap(({ duration }) => (duration === null ? [] : [duration]))
    .sort((a, b) => a - b);
  const costs = facts.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  switch (metric) {
    case 'executions':
    case 'tool_calls':
      return facts.length;
    case 'execution_agents':
      return new Set(facts.flatMap(({ dimensions }) => dimensions.agent ?? [])).size;
    case 'execution_success_rate':
    case 'tool_success_rate':
      return rate(succeeded, finished);
    case 'execution_error_rate':
      return rate(finished - succeeded, finished);
    case 'cached_input_tokens':
      return sum(facts.map(({ cached }) => cached));
    case 'cache_hit_rate':
      return rate(sum(facts.map(({ cached }) => cached)), sum(facts.map(({ input }) => input)));
    case 'reasoning_tokens':
      return sum(facts.map(({ reasoning }) => reasoning));
    case 'execution_tokens_avg':
      return mean(facts.flatMap((fact) => (fact.finished ? [fact.input + fact.output] : [])));
    case 'execution_steps_avg':
      return mean(facts.flatMap((fact) => (fact.finished ? [fact.steps] : [])));
    case 'execution_cost_avg_usd': {
      const priced = facts.filter(({ unpriced }) => !unpriced).length;
      return priced === 0 ? null : sum(costs) / priced;
    }
    case 'active_users':
      return new Set(facts.flatMap(({ dimensions }) => dimensions.user ?? [])).size;
    case 'tool_cost_usd':
      return sum(facts.map(({ tools }) => tools));
    case 'storage_cost_usd':
      return sum(facts.map(({ item = 0 }) => item));
    case 'model_cost_usd':
    case 'total_cost_usd': {
      const runs = facts.filter(({ item }) => item === undefined);
      const others = sum(facts.map(({ tools, item = 0 }) => tools + item));
      const isTotal = metric === 'total_cost_usd';
      const isKnown = runs.length === 0 || costs.length > 0 || (isTotal && others > 0);
      return isKnown ? sum(costs) + (isTotal ? others : 0) : null;
    }
    case 'execution_duration_avg_ms':
    case 'tool_duration_avg_ms':
      return durations.length === 0 ? null : sum(durations) / durations.length;
    case 'tool_duration_p50_ms':
    case 'tool_duration_p95_ms':
    case 'tool_duration_p99_ms':
    case 'execution_duration_p50_ms':
    case 'execution_duration_p95_ms':
    case 'execution_duration_p99_ms':
      return durations[Math.ceil((durations.length * Number(/\d\d/.exec(metric)![0])) / 100) - 1] ?? null;
    case 'steps':
      return sum(facts.map(({ steps }) => steps));
    case 'input_tokens':
      return sum(facts.map(({ input }) => input));
    case 'output_tokens':
      return sum(facts.map(({ output }) => output));
    case 'total_tokens':
      return sum(facts.map(({ input, output }) => input + output));
    case 'cost_usd':
      // Where nothing has a price, the cost is not known. What has used nothing and costs nothing has none.
      return facts.some(({ unpriced }) => unpriced) &&
        facts.every(({ cost, input, output }) => cost === null || (cost === 0 && input + output === 0))
        ? null
        : sum(costs);
    case 'unpriced_executions':
      return facts.filter(({ unpriced }) => unpriced).length;
    default:
      throw new Error(`no recount of ${metric}`);
  }
}
