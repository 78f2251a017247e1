/** Spend from aggregates and changed hours, against a plain sum over the executions, at any moment. */
import fc from 'fast-check';
import type { BudgetScope, SpendTarget } from '../../src/costs/spend.js';
import { readSpend } from '../../src/costs/spend.js';
import { formatUsd } from '../../src/money.js';
import { withClient } from '../../src/db/pool.js';
import { DAY, HOUR, MINUTE } from '../../src/time.js';
import { testApp, type TestApp } from '../support/app.js';
import { execution, type TestExecution } from '../support/executions.js';
import { ADMIN, ask, makeBudget, mustReserve, readBudget, run } from './budgets-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await testApp();
});
afterEach(() => t.close());

const TARGETS: SpendTarget[] = [
  ...[1, 2, 7, 30].map((periodDays): SpendTarget => ({ scope: 'global', scopeId: null, periodDays })),
  ...(['agent', 'user', 'flow'] as const).flatMap((scope) =>
    ['x', 'y', 'nobody'].flatMap((scopeId) =>
      [1, 30].map((periodDays): SpendTarget => ({ scope, scopeId, periodDays })),
    ),
  ),
];
const COLUMN: Record<BudgetScope, string> = {
  global: '',
  agent: 'AND agent_id = $3',
  user: 'AND user_id = $3',
  flow: 'AND flow_id = $3',
};

/** Both in one snapshot, while whoever wants to writes and rolls up. */
async function expectPlainSums(tenant: string): Promise<void> {
  await withClient(t.pool, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      const now = t.clock.now;
      const spent = await readSpend(client, tenant, TARGETS, now);
      const expected: string[] = [];
      for (const { scope, scopeId, periodDays } of TARGETS) {
        const { rows } = await client.query<{ sum: string }>(
          `SELECT trim_scale(coalesce(sum(coalesce(cost_usd, held_usd)), 0))::text AS sum FROM executions
           WHERE tenant_id = $1 AND started_at >= $2 ${COLUMN[scope]}`,
          [tenant, new Date(now - periodDays * DAY), ...(scopeId === null ? [] : [scopeId])],
        );
        expected.push(rows[0]!.sum);
      }
      expect(spent.map(({ spend }) => formatUsd(spend))).toEqual(expected);
    } finally {
      await client.query('ROLLBACK');
    }
  });
}

interface Sent {
  n: number;
  agoMs: number;
  agent: string | null;
  user: string | null;
  flow: string | null;
  cost: number | null;
  status: string;
}

const who = fc.constantFrom('x', 'y', 'z', null);
const sent: fc.Arbitrary<Sent> = fc.record({
  // Few, so that many are sent again, with other costs, times and names.
  n: fc.integer({ min: 1, max: 40 }),
  agoMs: fc.oneof(
    fc.integer({ min: -4 * MINUTE, max: 3 * HOUR }),
    fc.integer({ min: 0, max: 50 * HOUR }),
    fc.integer({ min: 0, max: 32 * DAY }),
    fc
      .constantFrom(DAY, 30 * DAY)
      .chain((edge) => fc.integer({ min: edge - 2 * HOUR, max: edge + 2 * HOUR })),
    fc.constantFrom(0, DAY, 2 * DAY, 7 * DAY, 30 * DAY),
  ),
  agent: who,
  user: who,
  flow: who,
  cost: fc.option(
    fc.integer({ min: 0, max: 10_000_000 }).map((micros) => micros / 1e7),
    { nil: null },
  ),
  status: fc.constantFrom('success', 'failure', 'running'),
});
type Step = { send: Sent[] } | { wait: number } | 'rollup' | 'reprice';
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.array(sent, { minLength: 1, maxLength: 12 }).map((send): Step => ({ send })) },
    { weight: 3, arbitrary: fc.constant<Step>('rollup') },
    { weight: 1, arbitrary: fc.constant<Step>('reprice') },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 * HOUR }).map((wait): Step => ({ wait })) },
  ),
  { minLength: 4, maxLength: 12 },
);

/** One without a reported cost has that of its model. */
const executionOf = ({ n, agoMs, agent, user, flow, cost, status }: Sent): TestExecution =>
  execution(n, new Date(t.clock.now - agoMs).toISOString(), {
    agent_id: agent,
    user_id: user,
    flow_id: flow,
    status,
    model_name: 'acme-1',
    provider: 'acme',
    input_tokens: 1000,
    cost_usd: cost,
  });

const setPrice = async (tenant: string, usd: number): Promise<void> => {
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: {
      provider: 'acme',
      model_name: 'acme-1',
      effective_from: '2020-01-01',
      input_usd_per_mtok: usd,
      output_usd_per_mtok: 1,
    },
  });
  expect(response.statusCode).toBe(200);
};

describe('the spend', () => {
  it('is the plain sum after late, changed and repriced executions, between any ingest and rollup', async () => {
    const start = t.clock.now;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: DAY - 1 }), async (script, offset) => {
        const tenant = t.tenant();
        t.clock.now = start + offset;
        for (const [i, step] of script.entries()) {
          if (step === 'rollup') await t.rollup();
          else if (step === 'reprice') await setPrice(tenant, i + 1);
          else if ('wait' in step) t.clock.now += step.wait;
          else await run(t, tenant, ...step.send.map(executionOf));
          await expectPlainSums(tenant);
        }
      }),
      { numRuns: 25 },
    );
  }, 600_000);

  it('is the plain sum in every snapshot while executions stream in and are rolled up', async () => {
    const tenant = t.tenant();
    let streaming = true;
    let looks = 0;
    const looking = (async () => {
      while (streaming) {
        await expectPlainSums(tenant);
        looks += 1;
      }
    })();
    const rolling = (async () => {
      while (streaming) await t.services.rollup.run();
    })();
    for (const batch of fc.sample(fc.array(sent, { minLength: 5, maxLength: 20 }), 60)) {
      await run(t, tenant, ...batch.map(executionOf));
    }
    streaming = false;
    await Promise.all([looking, rolling]);
    expect(looks).toBeGreaterThan(5);
  });

  it('stays where retention has dropped the executions', async () => {
    const tenant = t.tenant();
    await run(t, tenant, execution(1, '2026-03-10T09:10:00Z', { cost_usd: 3 }));
    await t.rollup();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
    await t.pool.query('DELETE FROM executions');
    expect((await readBudget(t, tenant, id)).current_spend_usd).toBe(3);
  });

  it('reads no hour or day of raw executions that is not needed', async () => {
    const tenant = t.tenant();
    await run(t, tenant, execution(1, '2026-03-10T09:10:00Z', { cost_usd: 3 }));
    await t.rollup();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
    // Nothing marks the hour, so it is not looked at: only a rollup or an ingest may change what is spent.
    await t.pool.query('UPDATE executions SET cost_usd = 4');
    expect((await readBudget(t, tenant, id)).current_spend_usd).toBe(3);
  });
});

describe('a budget', () => {
  it('follows an arriving execution at once, a change of it, and the end of the period', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, {
      threshold_usd: 1,
      period_days: 2,
      scope: 'user',
      scope_id: 'u',
    });
    const spend = async () => {
      const { current_spend_usd, spend_percentage, state } = await readBudget(t, tenant, id);
      return [current_spend_usd, spend_percentage, state];
    };
    expect(await spend()).toEqual([0, 0, 'ok']);
    await run(t, tenant, execution(1, '2026-03-18T11:59:59Z', { cost_usd: 0.8, user_id: 'u' }));
    expect(await spend()).toEqual([0.8, 80, 'warning']);
    await run(t, tenant, execution(2, '2026-03-18T11:00:00Z', { cost_usd: 5, user_id: 'another' }));
    await run(t, tenant, execution(3, '2026-03-16T12:00:00Z', { cost_usd: 0.25, user_id: 'u' }));
    expect(await spend()).toEqual([1.05, 105, 'exceeded']);
    t.clock.now += 1;
    expect(await spend()).toEqual([0.8, 80, 'warning']);
    await run(t, tenant, execution(1, '2026-03-18T11:59:59Z', { cost_usd: 0.4, user_id: 'u' }));
    expect(await spend()).toEqual([0.4, 40, 'ok']);
    await t.rollup();
    expect(await spend()).toEqual([0.4, 40, 'ok']);
  });

  it('adds money without drift, and is exact at its marks', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 0.3, alert_at_percentage: 33.3 });
    const cents = Array.from({ length: 3 }, (_, i) =>
      execution(i + 1, '2026-03-18T09:00:00Z', { cost_usd: 0.1 }),
    );
    await run(t, tenant, ...cents);
    expect(await readBudget(t, tenant, id)).toMatchObject({ current_spend_usd: 0.3, state: 'exceeded' });
  });

  it('shows what reservations hold, of its own scope only', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 100 });
    await makeBudget(t, tenant, { threshold_usd: 100, scope: 'agent', scope_id: 'a' });
    await makeBudget(t, tenant, { threshold_usd: 100, scope: 'flow', scope_id: 'f' });
    await mustReserve(t, tenant, { agent_id: 'a', estimated_cost_usd: 3 });
    await mustReserve(t, tenant, { flow_id: 'f', agent_id: 'b', estimated_cost_usd: 4 });
    const { budgets } = (await ask(t, tenant, 'GET')).json<{ budgets: { reserved_usd: number }[] }>();
    expect(budgets.map(({ reserved_usd }) => reserved_usd)).toEqual([7, 3, 4]);
  });

  it('has the costs of tools and the days of cost items, of the tenant and of the agent that they are of', async () => {
    const tenant = t.tenant();
    const headers = await t.headers({ tenant, scopes: ADMIN });
    t.setNow('2026-03-18T12:00:00Z');
    // A day and a half of the four lie within the period.
    const dates = { start_date: '2026-03-17', end_date: '2026-03-20' };
    for (const agent_id of ['a', null]) {
      const payload = { category: 'other', amount_usd: 8, agent_id, ...dates };
      await t.app.inject({ method: 'POST', url: '/api/v1/analytics/cost-items', headers, payload });
    }
    const tool = { step_number: 1, step_type: 'tool_call', tool_name: 'pay', cost_usd: 0.5 };
    await run(
      t,
      tenant,
      execution(1, '2026-03-16T10:00:00Z', { agent_id: 'a', cost_usd: 1, steps: [tool] }),
      execution(2, '2026-03-18T10:00:00Z', {
        agent_id: 'b',
        cost_usd: 1,
        user_id: 'u',
        flow_id: 'f',
        steps: [tool],
      }),
    );
    await t.rollup();
    const spendOf = async (scope: string, scope_id: string | null): Promise<number> =>
      (await makeBudget(t, tenant, { threshold_usd: 100, scope, scope_id })).current_spend_usd;
    expect(await spendOf('global', null)).toBe(2 + 1 + 3 + 3);
    expect(await spendOf('agent', 'a')).toBe(1 + 0.5 + 3);
    expect(await spendOf('agent', 'b')).toBe(1 + 0.5);
    // Cost items are of no user and no flow.
    expect(await spendOf('user', 'u')).toBe(1 + 0.5);
    expect(await spendOf('flow', 'f')).toBe(1 + 0.5);
    expect(await spendOf('flow', 'u')).toBe(0);
  });
});
