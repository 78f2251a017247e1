/** The metrics of executions and budgets: by agent, model and budget, bounded, of one tenant, and never falling. */
import { testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';
import { parseExposition } from '../support/exposition.js';
import { makeBudget, run } from '../budgets/budgets-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ env: { METRICS_TOKEN: 'prometheus-token' } });
});
afterAll(() => t.close());

const AT = '2026-03-18T10:00:00Z';
/** A price that leaves no doubt: 1 USD for a million tokens in, 2 for a million out. */
const PRICE = {
  provider: 'own',
  model_name: 'priced',
  effective_from: '2026-01-01T00:00:00Z',
  input_usd_per_mtok: 1,
  output_usd_per_mtok: 2,
};

/** Series of a tenant by their other labels, as `a/success`. */
async function series(metric: string, tenant: string): Promise<Record<string, number>> {
  const { body } = await t.get('/metrics/tenants', { token: 'prometheus-token' });
  const samples = parseExposition(body)[metric]?.samples ?? [];
  return Object.fromEntries(
    samples
      .filter(({ labels }) => labels.tenant === tenant)
      .map(({ labels: { tenant: _, ...labels }, value }) => [Object.values(labels).join('/'), value]),
  );
}

async function price(tenant: string): Promise<void> {
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: PRICE,
  });
  expect(response.statusCode).toBe(200);
}

const of = (agent_id: string, model_name: string, rest: object = {}): Record<string, unknown> => ({
  agent_id,
  model_name,
  provider: 'own',
  ...rest,
});
const sum = (values: Record<string, number>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

describe('the metrics of executions', () => {
  it('count what has finished by agent and outcome, and tokens and cost by model', async () => {
    const tenant = t.tenant();
    await price(tenant);
    await run(
      t,
      tenant,
      execution(1, AT, of('a', 'priced', { input_tokens: 1_000_000, output_tokens: 500_000 })),
      execution(2, AT, of('a', 'priced', { status: 'failure', input_tokens: 10, output_tokens: 5 })),
      execution(3, AT, of('a', 'unheard of', { input_tokens: 7, output_tokens: 3 })),
      execution(4, AT, of('b', 'priced', { status: 'running' })),
      execution(5, AT, { status: 'timeout' }),
    );
    await t.rollup();
    expect(await series('agentidp_executions_total', tenant)).toEqual({
      'a/success': 2,
      'a/failure': 1,
      'other/timeout': 1,
    });
    expect(await series('agentidp_tokens_total', tenant)).toEqual({
      'priced/input': 1_000_010,
      'priced/output': 500_005,
      'unheard of/input': 7,
      'unheard of/output': 3,
      'unknown/input': 0,
      'unknown/output': 0,
    });
    const { priced, ...rest } = await series('agentidp_cost_usd_total', tenant);
    expect(priced).toBeCloseTo(1 + 1 + 0.00002, 9);
    expect(sum(rest)).toBe(0);
  });

  it('never fall when an execution is corrected, and rise again once more have happened than before', async () => {
    const tenant = t.tenant();
    await price(tenant);
    const made = (n: number, rest: object): ReturnType<typeof execution> =>
      execution(n, AT, of('a', 'priced', { input_tokens: 1_000_000, output_tokens: 0, ...rest }));
    await run(t, tenant, made(11, {}), made(12, {}), made(13, {}));
    await t.rollup();
    expect(await series('agentidp_executions_total', tenant)).toEqual({ 'a/success': 3 });

    // Two had failed after all; one had cost a tenth, and one was of another model, as a third that did succeed.
    await run(
      t,
      tenant,
      made(11, { status: 'failure', input_tokens: 100_000 }),
      made(12, { status: 'failure', model_name: 'unheard of' }),
      made(13, { model_name: 'unheard of' }),
    );
    await t.rollup();
    expect(await series('agentidp_executions_total', tenant)).toEqual({ 'a/success': 3, 'a/failure': 2 });
    expect(await series('agentidp_tokens_total', tenant)).toMatchObject({
      'priced/input': 3_000_000,
      'unheard of/input': 2_000_000,
    });
    expect((await series('agentidp_cost_usd_total', tenant)).priced).toBeCloseTo(3, 9);
    const { rows } = await t.pool.query<{ executions: number }>(
      `SELECT sum(executions)::int AS executions FROM execution_totals WHERE tenant_id = $1 AND status = 'success'`,
      [tenant],
    );
    expect(rows[0]!.executions).toBe(1);

    await run(t, tenant, ...[14, 15, 16, 17].map((n) => made(n, {})));
    await t.rollup();
    expect(await series('agentidp_executions_total', tenant)).toEqual({ 'a/success': 5, 'a/failure': 2 });
    expect((await series('agentidp_cost_usd_total', tenant)).priced).toBeCloseTo(4 + 0.1, 9);
  });

  it('name 20 agents and 20 models, and all of them are the total', async () => {
    const tenant = t.tenant();
    await run(
      t,
      tenant,
      ...Array.from({ length: 30 }, (_, i) =>
        execution(100 + i, AT, of(`agent-${i}`, `model-${i}`, { input_tokens: i + 1, output_tokens: 1 })),
      ),
    );
    await t.rollup();
    const executions = await series('agentidp_executions_total', tenant);
    expect(Object.keys(executions)).toHaveLength(21);
    expect(executions['other/success']).toBe(10);
    expect(sum(executions)).toBe(30);
    const tokens = await series('agentidp_tokens_total', tenant);
    expect(Object.keys(tokens)).toHaveLength(2 * 21);
    expect(tokens['model-29/input']).toBe(30);
    expect(tokens['other/input']).toBe((10 * 11) / 2);
    expect(sum(tokens)).toBe((30 * 31) / 2 + 30);
  });

  it('of the other models never fall when one of them gets a series of its own', async () => {
    const tenant = t.tenant();
    const ran = (n: number, model: string, input_tokens: number, output_tokens: number, cost_usd: number) =>
      execution(n, AT, of('a', model, { input_tokens, output_tokens, cost_usd }));
    await run(
      t,
      tenant,
      ...Array.from({ length: 19 }, (_, i) => ran(300 + i, `large-${i}`, 1_000, 1_000, 1)),
      ran(320, 'reads', 100, 1, 1),
      ran(321, 'writes', 1, 99, 9),
    );
    await t.rollup();
    const others = async (): Promise<(number | undefined)[]> => {
      const tokens = await series('agentidp_tokens_total', tenant);
      return [
        tokens['other/input'],
        tokens['other/output'],
        (await series('agentidp_cost_usd_total', tenant)).other,
      ];
    };
    expect(await others()).toEqual([1, 99, 9]);
    await run(t, tenant, ran(322, 'writes', 0, 2, 1));
    await t.rollup();
    expect(await series('agentidp_tokens_total', tenant)).toMatchObject({
      'writes/input': 1,
      'writes/output': 101,
    });
    // Of the model that has gone there, input is more than has been shown before, output and cost are less.
    expect(await others()).toEqual([100, 99, 9]);
    await run(t, tenant, ran(323, 'small', 2, 3, 4));
    await t.rollup();
    expect(await others()).toEqual([102, 99, 9]);
    expect(Object.keys(await series('agentidp_tokens_total', tenant))).toHaveLength(2 * 21);
  });

  it('of a tenant whose counts are beyond all numbers leave those of others as they are', async () => {
    const [one, another] = [t.tenant(), t.tenant()];
    for (const tenant of [one, another])
      await run(t, tenant, execution(1, AT, of('a', 'm', { input_tokens: 5, output_tokens: 0 })));
    await t.rollup();
    // As some ten thousand executions with the most tokens that are taken would leave it.
    await t.pool.query(
      'UPDATE execution_model_counters SET input_tokens = 10000000000000000 WHERE tenant_id = $1',
      [one],
    );
    await t.rollup();
    expect((await series('agentidp_tokens_total', one))['m/input']).toBe(1e16);
    expect((await series('agentidp_tokens_total', another))['m/input']).toBe(5);
  });

  it('count tokens once where an execution has usages of several models', async () => {
    const tenant = t.tenant();
    await run(
      t,
      tenant,
      execution(200, AT, {
        ...of('a', 'gpt-4o'),
        token_usages: [usage('gpt-4o', 100, 10), usage('gpt-4o-mini', 50, 5)],
      }),
    );
    await t.rollup();
    expect(sum(await series('agentidp_tokens_total', tenant))).toBe(165);
  });
});

describe('the metrics of budgets', () => {
  it('show spend by threshold and the state, of equal names with the id of the later one', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { name: 'all', threshold_usd: 10 });
    const twin = await makeBudget(t, tenant, { name: 'all', threshold_usd: 5 });
    const nameless = await makeBudget(t, tenant, { threshold_usd: 100 });
    const gone = await makeBudget(t, tenant, { name: 'off', threshold_usd: 1, is_active: false });
    await run(t, tenant, execution(300, AT, of('a', 'm', { cost_usd: 8.5 })));
    await t.rollup();
    expect(await series('agentidp_budget_spend_ratio', tenant)).toEqual({
      all: 0.85,
      [`all ${twin.id}`]: 1.7,
      [nameless.id]: 0.085,
    });
    expect(await series('agentidp_budget_state', tenant)).toEqual({
      all: 1,
      [`all ${twin.id}`]: 2,
      [nameless.id]: 0,
    });
    expect(gone.is_active).toBe(false);
  });

  it('name 50, and of the rest the highest ratio and the worst state', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < 52; i++)
      await makeBudget(t, tenant, { name: `budget-${i}`, threshold_usd: i === 51 ? 1 : 1000 });
    await run(t, tenant, execution(400, AT, of('a', 'm', { cost_usd: 2 })));
    await t.rollup();
    const ratios = await series('agentidp_budget_spend_ratio', tenant);
    expect(Object.keys(ratios)).toHaveLength(51);
    expect([ratios['budget-0'], ratios.other]).toEqual([0.002, 2]);
    expect((await series('agentidp_budget_state', tenant)).other).toBe(2);
  });
});

describe('one tenant', () => {
  it('sees its own executions, models and budgets alone', async () => {
    const [mine, theirs] = [t.tenant(), t.tenant()];
    for (const [index, tenant] of [mine, theirs].entries()) {
      await makeBudget(t, tenant, { name: `budget of ${tenant}`, threshold_usd: 5 });
      await run(t, tenant, execution(500 + index, AT, of(`agent-of-${tenant}`, `model of ${tenant}`)));
    }
    await t.rollup();
    const { body } = await t.get('/metrics/tenant', mine);
    expect(body).toContain(`agent="agent-of-${mine}"`);
    expect(body).toContain(`model="model of ${mine}"`);
    expect(body).toContain(`budget="budget of ${mine}"`);
    expect(body).not.toContain(theirs);
    expect(uuid(500)).not.toBe(uuid(501));
  });
});
