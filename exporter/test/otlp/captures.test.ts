/** Recorded traces of instrumentation libraries: what becomes of each, however it arrives. */
import { readCaptures, newTraceId, requestOf, type Truth } from '../support/captures.js';
import { bodyOf, type Json, testApp, type TestApp } from '../support/app.js';
import { describeReal } from '../support/optional.js';
import { runsOf } from '../support/otlp.js';

/** The service of the captures, which is the agent of runs without a named one. */
const SERVICE = 'shop-assistant';

interface Run extends Json {
  agent_id: string | null;
  agent_name: string | null;
  parent_execution_id: string | null;
  completed_at: string;
  steps: { tool_name: string; status: string }[];
  token_usages: Usage[];
}

interface Usage {
  model: string | null;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  total_tokens: number;
  cost_source: string;
}

/** The orders in which the spans of a capture arrive, as requests. */
const ORDERS: [string, <T>(spans: readonly T[]) => T[][]][] = [
  ['in order', (spans) => [[...spans]]],
  ['reversed', (spans) => [[...spans].reverse()]],
  ['span by span', (spans) => spans.map((span) => [span])],
  ['span by span, reversed', (spans) => spans.map((span) => [span]).reverse()],
  ['twice', (spans) => [[...spans], [...spans]]],
];

/** Of the runs of a trace, what its truth says. */
function foundIn(runs: readonly Run[], cost: string | null, unknown: readonly string[]) {
  const usages = runs.flatMap(({ token_usages }) => token_usages);
  const agents = runs.map(({ agent_id, agent_name }) => agent_name ?? agent_id);
  return {
    status: lastOf(runs)?.status ?? null,
    agents: agents.filter((name) => name !== SERVICE),
    session: runs[0]?.session_id ?? null,
    flow: runs[0]?.flow_id ?? null,
    calls: sorted(
      usages.filter(({ total_tokens }) => total_tokens > 0).map((usage) => callOf(usage, unknown)),
    ),
    // The cost of a call that went well without tokens is not known.
    failed_calls: usages.filter(
      ({ total_tokens, cost_source }) => total_tokens === 0 && cost_source !== 'unpriced',
    ).length,
    tools: runs.flatMap(({ steps }) => steps.map(({ tool_name, status }) => [tool_name, status])),
    // Truths have 7 decimals.
    cost_usd: cost === null ? null : Number(Number(cost).toFixed(7)),
  };
}

/** The calls of nested runs stand among those of their callers. */
const sorted = (calls: Truth['calls']): Truth['calls'] =>
  calls.sort((a, b) => a.input - b.input || (a.model < b.model ? -1 : 1));

/** A call without the counts that its library does not send. Models are named as they answer, with a date. */
function callOf(usage: Usage, unknown: readonly string[]): Truth['calls'][number] {
  const count = (name: string, value: number): number => (unknown.includes(name) ? 0 : value);
  return {
    model: usage.model?.replace(/-\d{4}-\d\d-\d\d$/, '') ?? '',
    input: usage.input_tokens,
    output: usage.output_tokens,
    cached: count('cached', usage.cached_input_tokens),
    cache_write: count('cache_write', usage.cache_write_tokens),
    reasoning: count('reasoning', usage.reasoning_tokens),
  };
}

/** The run at the top level that ended last decides on the outcome of a trace. */
const lastOf = (runs: readonly Run[]): Run | undefined =>
  runs
    .filter(({ parent_execution_id }) => parent_execution_id === null)
    .reduce<Run | undefined>(
      (last, run) => (last === undefined || run.completed_at >= last.completed_at ? run : last),
      undefined,
    );

function wantedOf(truth: Truth): ReturnType<typeof foundIn> {
  const { status, agents, session, flow, failed_calls, tools, cannot_be_known: unknown, cost_usd } = truth;
  const calls = unknown.includes('calls') ? [] : truth.calls;
  return {
    status,
    agents,
    session: session === '*' ? expect.any(String) : session,
    flow: flow?.replaceAll(' ', '-') ?? null,
    calls: sorted(
      calls.map((call) => ({
        ...call,
        ...(unknown.includes('cached') && { cached: 0 }),
        ...(unknown.includes('cache_write') && { cache_write: 0 }),
        ...(unknown.includes('reasoning') && { reasoning: 0 }),
      })),
    ),
    failed_calls,
    tools,
    cost_usd: unknown.includes('cost') ? expect.anything() : cost_usd,
  };
}

describeReal('otlp', 'Recorded traces', (folder) => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(() => t.close());

  /** Null if one of the runs has no price. */
  async function costOf(tenant: string, trace: string): Promise<string | null> {
    const { rows } = await t.pool.query<{ cost: string | null }>(
      `SELECT CASE WHEN bool_and(cost_usd IS NOT NULL) THEN sum(cost_usd) END AS cost FROM executions
       WHERE tenant_id = $1 AND trace_id = $2`,
      [tenant, trace],
    );
    return rows[0]!.cost;
  }

  const captures = readCaptures(folder);
  describe.each(captures)('of $name', ({ name, truths, spans }) => {
    it.each(ORDERS)('are what they are, %s', async (order, requests) => {
      const tenant = `${name}-${order.replaceAll(/[ ,]+/g, '-')}`;
      for (const sent of requests(spans)) {
        expect(bodyOf(await t.post('/v1/traces', requestOf(sent, order), tenant))).toEqual({});
      }
      const found: [string, unknown][] = [];
      for (const { traceId, title, cannot_be_known } of truths) {
        const trace = newTraceId(traceId, order);
        const runs = (await runsOf(t, tenant, trace)) as unknown as Run[];
        found.push([title, foundIn(runs, await costOf(tenant, trace), cannot_be_known)]);
      }
      expect(found).toEqual(truths.map((truth) => [truth.title, wantedOf(truth)]));
    });
  });
});
