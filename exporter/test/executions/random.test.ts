/**
 * The aggregates of executions held against a recount of what was sent: any order, changes and gaps between rollups, any
 * range of hours, every grouping; percentiles within 2 % of the exact ones, on skewed durations.
 */
import fc from 'fast-check';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage, uuid } from '../support/executions.js';
import { randomOf } from '../support/seed.js';
import { type Fact, factsOf, valueOf, type Wire } from './facts.js';

const HOUR = 3_600_000;
const FIRST = Date.parse('2026-03-10T00:00:00Z');
const HOURS = 24 * 8;

let t: TestApp;
const tenant = 'acme';
/** What is there now, by id. */
const known = new Map<string, TestExecution>();

const random = randomOf('executions');
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** Lognormal: most are short, a few very long. */
function duration(): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.round(Math.exp(6 + 1.8 * normal) * 1000) / 1000;
}

function make(n: number): TestExecution {
  const status = pick(['success', 'success', 'success', 'failure', 'timeout', 'blocked', 'running']);
  const models =
    random() < 0.4 ? [usage('gpt-4o', Math.floor(random() * 9000), 10), usage('acme-1', 5, 5)] : [];
  return execution(n, new Date(FIRST + Math.floor(random() * HOURS * HOUR)).toISOString(), {
    status,
    agent_id: pick(['a', 'b', 'c', null]),
    tags: [...new Set([pick(['t', 'u', 'v']), pick(['t', 'u', 'v'])])].slice(0, pick([0, 1, 2])),
    user_id: pick(['u', 'v', null]),
    flow_id: pick(['f', null]),
    parent_execution_id: pick([null, null, uuid(9_999)]),
    provider: pick(['openai', null]),
    model_name: pick(['gpt-4o', 'gpt-4o-mini', 'acme-1', null]),
    execution_time_ms: random() < 0.9 ? duration() : null,
    error_type: status === 'failure' ? pick(['RateLimit', 'Oops']) : null,
    ...(random() < 0.5 && {
      input_tokens: Math.floor(random() * 5000),
      output_tokens: Math.floor(random() * 500),
    }),
    ...(random() < 0.1 && { cost_usd: Math.floor(random() * 1000) / 1e4 }),
    steps: Array.from({ length: Math.floor(random() * 4) }, (_, i) =>
      step(i, pick(['thought', 'tool_call']), {
        tool_name: pick(['search', 'pay']),
        status: pick(['success', 'failure', null]),
        duration_ms: random() < 0.7 ? Math.floor(random() * 1000) : null,
      }),
    ),
    token_usages: models,
  });
}

async function send(executions: readonly TestExecution[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions }, { tenant });
  expect(response.json<Json>().rejected).toEqual([]);
  for (const sent of executions) {
    const before = known.get(sent.id);
    if (before !== undefined && before.status !== 'running' && sent.status === 'running') continue;
    known.set(sent.id, sent);
  }
}

beforeAll(async () => {
  t = await testApp();
  for (let round = 0; round < 6; round += 1) {
    // Some are new, some are sent again with other values, at other times.
    await send(Array.from({ length: 300 }, () => make(Math.floor(random() * 900))));
    if (round % 2 === 0) await t.rollup();
  }
  await t.rollup();
}, 600_000);
afterAll(() => t.close());

/** What was sent, with what the service has made of tokens and costs, which other tests compare with the prices. */
async function stored(): Promise<Wire[]> {
  const { rows } = await t.pool.query<{
    id: string;
    cost: string | null;
    tokens: number;
    model: string;
    provider: string;
  }>(
    `SELECT id, cost_usd AS cost, total_tokens AS tokens, model_name AS model, provider FROM executions WHERE tenant_id = $1`,
    [tenant],
  );
  expect(rows.map(({ id }) => id).sort()).toEqual([...known.keys()].sort());
  const usages = await storedUsages();
  return rows.map(({ id, cost, tokens, model, provider }) => ({
    ...(known.get(id)! as unknown as Wire),
    model_name: model,
    provider,
    input_tokens: tokens,
    output_tokens: 0,
    cost_usd: cost === null ? null : Number(cost),
    token_usages: usages.get(id) ?? [],
  }));
}

async function storedUsages(): Promise<Map<string, Wire['token_usages']>> {
  const { rows } = await t.pool.query<
    Omit<Wire['token_usages'][number], 'cost_usd'> & { id: string; cost: string | null }
  >(
    `SELECT execution_id AS id, component, model_name AS model, provider, input_tokens, output_tokens, cost_usd AS cost
     FROM token_usages WHERE tenant_id = $1`,
    [tenant],
  );
  const usages = new Map<string, Wire['token_usages']>();
  for (const { id, cost, ...usage } of rows)
    usages.set(id, [...(usages.get(id) ?? []), { ...usage, cost_usd: cost === null ? null : Number(cost) }]);
  return usages;
}

const METRICS = [
  'executions',
  'execution_agents',
  'execution_success_rate',
  'execution_error_rate',
  'execution_duration_avg_ms',
  'execution_duration_p50_ms',
  'execution_duration_p95_ms',
  'execution_duration_p99_ms',
  'steps',
  'total_tokens',
  'cost_usd',
  'unpriced_executions',
];
const SETS = [
  ['agent', 'model', 'provider', 'level', 'executionStatus'],
  ['user', 'level', 'executionStatus'],
  ['flow', 'level', 'executionStatus'],
  ['agent', 'tag', 'level', 'executionStatus'],
];

it('answer as a recount does', async () => {
  const all = await stored();
  expect(all.length).toBeGreaterThan(700);
  let worst = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...METRICS),
      fc.constantFrom(...SETS),
      fc.infiniteStream(fc.boolean()),
      fc.integer({ min: 0, max: HOURS - 1 }),
      fc.integer({ min: 1, max: HOURS }),
      async (metric, drawn, chosen, first, length) => {
        // Only the first set has agents.
        const set = metric === 'execution_agents' ? SETS[0]! : drawn;
        const groupBy = set.filter(() => chosen.next().value);
        const [from, to] = [FIRST + first * HOUR, FIRST + Math.min(HOURS, first + length) * HOUR];
        const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
        const { A } = await t.query(tenant, { range, queries: [{ refId: 'A', metric, groupBy }] });
        expect(A!.error).toBeUndefined();
        const groups = new Map<string, Fact[]>(groupBy.length === 0 ? [['[]', []]] : []);
        for (const fact of factsOf({ metric, groupBy, filters: [] }, all)) {
          if (fact.at < from || fact.at >= to) continue;
          const key = JSON.stringify(groupBy.map((name) => fact.dimensions[name] ?? null));
          groups.set(key, [...(groups.get(key) ?? []), fact]);
        }
        const found = rowsOf(A!);
        expect(found).toHaveLength(groups.size);
        for (const row of found) {
          const exact = valueOf(
            metric,
            groups.get(JSON.stringify(groupBy.map((name) => row[name] ?? null)))!,
          );
          const value = row.value as number | null;
          if (exact === null || value === null) expect(value).toBe(exact);
          else if (metric.includes('_p')) worst = Math.max(worst, Math.abs(value / exact - 1));
          else expect(Math.abs(value - exact)).toBeLessThanOrEqual(1e-6 * Math.max(1, exact));
        }
      },
    ),
    { numRuns: 150 },
  );
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThanOrEqual(0.02);
});

it('count tools and error types as they were sent', async () => {
  const all = await stored();
  const range = { from: new Date(FIRST).toISOString(), to: new Date(FIRST + HOURS * HOUR).toISOString() };
  const ask = async (metric: string, dimension: string): Promise<Record<string, unknown>> => {
    const { A } = await t.query(tenant, { range, queries: [{ refId: 'A', metric, groupBy: [dimension] }] });
    return Object.fromEntries(rowsOf(A!).map((row) => [String(row[dimension]), row.value]));
  };
  const calls = all.flatMap(({ steps }) => steps.filter(({ step_type }) => step_type === 'tool_call'));
  const of = (tool: string): Wire['steps'] => calls.filter(({ tool_name }) => tool_name === tool);
  expect(await ask('tool_calls', 'tool')).toEqual({ search: of('search').length, pay: of('pay').length });
  const rated = of('pay').filter(({ status }) => status !== null);
  expect((await ask('tool_success_rate', 'tool')).pay).toBeCloseTo(
    (100 * rated.filter(({ status }) => status === 'success').length) / rated.length,
    6,
  );
  expect(await ask('executions', 'errorType')).toEqual(
    Object.fromEntries(
      ['RateLimit', 'Oops'].map((type) => [type, all.filter(({ error_type }) => error_type === type).length]),
    ),
  );
});

it('keep their sums exact, and the all-time totals with them', async () => {
  const { rows } = await t.pool.query(
    `SELECT (SELECT sum(cost_usd) FROM executions) = (SELECT sum(cost_usd) FROM execution_days) AS days,
            (SELECT sum(cost_usd) FROM executions) = (SELECT sum(cost_usd) FROM execution_hours) AS hours,
            (SELECT sum(cost_usd) FROM executions) = (SELECT sum(cost_usd) FROM execution_totals) AS totals,
            (SELECT sum(cost_usd) FROM execution_model_days) = (SELECT sum(cost_usd) FROM execution_model_totals) AS models,
            (SELECT sum(cost_usd) FROM execution_model_hours) = (SELECT sum(cost_usd) FROM execution_model_totals) AS "modelHours",
            (SELECT count(*) FROM executions) = (SELECT sum(executions) FROM execution_totals) AS counted,
            (SELECT bool_and(executions >= 0 AND cost_usd >= 0) FROM execution_totals) AS plausible`,
  );
  expect(rows).toEqual([
    { days: true, hours: true, totals: true, models: true, modelHours: true, counted: true, plausible: true },
  ]);
});
