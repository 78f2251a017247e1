/** Lists by model, agent, user, component and tool are bounded, and still add up to the whole. */
import { MAX_GROUPS } from '../../src/query/fold.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, step, usage } from '../support/executions.js';

const MORE = 5;
const COUNT = MAX_GROUPS + MORE;

/** Each has names of its own and costs more than the one before. */
const runs = (fields: (i: number) => object): object[] =>
  Array.from({ length: COUNT }, (_, i) =>
    execution(i + 1, '2026-03-18T08:00:00Z', {
      ...{ status: 'failure', error_type: `error-${i}`, execution_time_ms: 100 + i },
      ...{ provider: 'openai', model_name: `model-${i}`, agent_id: `agent-${i}`, user_id: `user-${i}` },
      token_usages: [{ ...usage(`model-${i}`, 10, 1), component: `part-${i}`, cost_usd: cost(i) }],
      steps: [step(1, 'tool_call', { tool_name: `tool-${i}`, cost_usd: cost(i) })],
      ...fields(i),
    }),
  );
const cost = (i: number): number => (i + 1) / 1_000;
const sumOf = (first: number, end: number): number => (end * (end + 1) - first * (first + 1)) / 2 / 1_000;
const ALL = sumOf(0, COUNT);
/** The cheapest ones are together. */
const REST = sumOf(0, MORE);

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const send = async (tenant: string, executions: object[]): Promise<void> => {
    for (const part of [executions.slice(0, 600), executions.slice(600)])
      expect((await t.post('/api/v1/executions', { executions: part }, tenant)).statusCode).toBe(200);
  };
  await send(
    'many',
    runs(() => ({})),
  );
  await send(
    'one',
    runs(() => ({ agent_id: 'one' })),
  );
  // The model of an execution, and the one that it has used.
  await send(
    'apart',
    runs((i) => ({ token_usages: [usage(`used-${i}`, 10, 1)] })),
  );
  await t.rollup();
}, 600_000);
afterAll(() => t.close());

const total = (rows: readonly Json[], field: string): number =>
  rows.reduce((sum, row) => sum + Number(row[field]), 0);

it.each([
  ['by_model', 'cost_usd', { provider: null, model_name: 'other' }],
  ['by_agent', 'cost_usd', { agent_id: null, agent_name: 'other' }],
  ['by_user', 'cost_usd', { user_id: null, user_name: 'other' }],
  ['by_component', 'cost_usd', { component: 'other' }],
])('%s of GET /costs/summary', async (list, field, name) => {
  const answer = await t.read<Json>('costs/summary?period=24h', 'many');
  const rows = answer[list] as Json[];
  expect(rows).toHaveLength(MAX_GROUPS + 1);
  expect(rows[0]![field]).toBeCloseTo(cost(COUNT - 1), 9);
  expect(rows.at(-1)).toMatchObject(name);
  expect(rows.at(-1)![field]).toBeCloseTo(REST, 9);
  expect(total(rows, field)).toBeCloseTo(answer.total_cost_usd as number, 6);
  expect(answer.total_cost_usd).toBeCloseTo(ALL, 6);
  expect(total(rows, 'share')).toBeCloseTo(100, 6);
  expect(total(rows, 'total_tokens')).toBe(11 * COUNT);
});

it.each([
  ['by_agent', 2 * ALL, 2 * REST, { agent_id: null, name: 'other' }],
  ['by_model', ALL, REST, { name: 'other', provider: null }],
  ['by_tool', ALL, REST, { name: 'other', call_count: MORE }],
])('%s of GET /costs', async (list, whole, rest, name) => {
  const rows = (await t.read<Json>('costs?period=24h', 'many'))[list] as Json[];
  expect(rows).toHaveLength(MAX_GROUPS + 1);
  expect(rows.at(-1)).toMatchObject(name);
  expect(rows.at(-1)!.cost).toBeCloseTo(rest, 9);
  expect(total(rows, 'cost')).toBeCloseTo(whole, 6);
  expect(total(rows, 'share')).toBeCloseTo(100, 6);
});

it('GET /overview and GET /comparison/models', async () => {
  const { cost_by_model: costs } = await t.read<{ cost_by_model: Json[] }>('overview?period=24h', 'many');
  expect(costs).toHaveLength(MAX_GROUPS + 1);
  expect(costs.at(-1)).toMatchObject({ model_name: 'other', executions: MORE, total_tokens: 11 * MORE });
  expect(total(costs, 'cost_usd')).toBeCloseTo(ALL, 6);
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', 'many');
  expect(models).toHaveLength(MAX_GROUPS + 1);
  expect(total(models, 'executions')).toBe(COUNT);
  expect(total(models, 'total_cost_usd')).toBeCloseTo(ALL, 6);
  const rest = models.at(-1)!;
  expect(rest).toMatchObject({ model_name: 'other', error_rate: 100, avg_execution_time_ms: 102 });
  expect(Math.abs((rest.p50_execution_time_ms as number) - 102)).toBeLessThan(0.02 * 102);
});

it('models that are only run and models that are only used are in the list together', async () => {
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', 'apart');
  expect(models).toHaveLength(MAX_GROUPS + 1);
  expect(models.at(-1)).toMatchObject({ provider: null, model_name: 'other' });
  expect(total(models, 'executions')).toBe(COUNT);
  expect(total(models, 'total_tokens')).toBe(11 * COUNT);
});

it('GET /tokens/usage', async () => {
  const answer = await t.read<Json>('tokens/usage?period=24h', 'many');
  const rows = answer.by_model as Json[];
  expect(rows).toHaveLength(MAX_GROUPS + 1);
  expect(rows.at(-1)).toMatchObject({ name: 'other', provider: null, tokens: 11 * MORE });
  expect(total(rows, 'tokens')).toBe(answer.total_tokens);
});

it('GET /agents/{id}/stats', async () => {
  const answer = await t.read<Json>('agents/one/stats?period=24h', 'one');
  const [models, errors] = [answer.by_model as Json[], answer.errors as Json[]];
  expect(models).toHaveLength(MAX_GROUPS + 1);
  expect(total(models, 'cost_usd')).toBeCloseTo(answer.total_cost_usd as number, 6);
  expect(errors).toHaveLength(MAX_GROUPS + 1);
  expect(errors.at(-1)).toMatchObject({ type: 'other', count: MORE });
  expect(total(errors, 'percentage')).toBeCloseTo(100, 6);
});

it.each(['agent', 'model'])('GET /costs/trends by %s', async (groupBy) => {
  const path = `costs/trends?period=7d&granularity=daily&group_by=${groupBy}`;
  const { data } = await t.read<{ data: { groups: Json[] }[] }>(path, 'many');
  expect(data).toHaveLength(7);
  for (const { groups } of data) {
    expect(groups).toHaveLength(21);
    expect(groups.at(-1)).toMatchObject({ id: null, name: 'other' });
  }
  expect(total(data.at(-1)!.groups, 'cost')).toBeCloseTo(2 * ALL, 6);
  // What tools have cost is of no model.
  const first = data.at(-1)!.groups.find(({ id }) => id !== null);
  expect(first).toMatchObject({ id: `${groupBy}-${COUNT - 1}` });
});
