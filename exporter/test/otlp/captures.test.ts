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
  token_usages: { total_tokens: number }[];
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
function foundIn(runs: readonly Run[]) {
  const usages = runs.flatMap(({ token_usages }) => token_usages);
  const agents = runs.map(({ agent_id, agent_name }) => agent_name ?? agent_id);
  return {
    status: lastOf(runs)?.status ?? null,
    agents: agents.filter((name) => name !== SERVICE),
    session: runs[0]?.session_id ?? null,
    flow: runs[0]?.flow_id ?? null,
    calls: usages.filter(({ total_tokens }) => total_tokens > 0).length,
    failed_calls: usages.filter(({ total_tokens }) => total_tokens === 0).length,
    tools: runs.flatMap(({ steps }) => steps.map(({ tool_name, status }) => [tool_name, status])),
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
  const { status, agents, session, flow, calls, failed_calls, tools, cannot_be_known } = truth;
  const unknown = cannot_be_known.includes('calls');
  return {
    status,
    agents,
    session: session === '*' ? expect.any(String) : session,
    flow: flow?.replaceAll(' ', '-') ?? null,
    calls: unknown ? expect.any(Number) : calls.length,
    failed_calls: unknown ? expect.any(Number) : failed_calls,
    tools,
  };
}

describeReal('otlp', 'Recorded traces', (folder) => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(() => t.close());

  const captures = readCaptures(folder);
  describe.each(captures)('of $name', ({ name, truths, spans }) => {
    it.each(ORDERS)('are what they are, %s', async (order, requests) => {
      const tenant = `${name}-${order.replaceAll(/[ ,]+/g, '-')}`;
      for (const sent of requests(spans)) {
        expect(bodyOf(await t.post('/v1/traces', requestOf(sent, order), tenant))).toEqual({});
      }
      const found: [string, unknown][] = [];
      for (const { traceId, title } of truths) {
        const runs = await runsOf(t, tenant, newTraceId(traceId, order));
        found.push([title, foundIn(runs as unknown as Run[])]);
      }
      expect(found).toEqual(truths.map((truth) => [truth.title, wantedOf(truth)]));
    });
  });
});
