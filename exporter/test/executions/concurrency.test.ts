/** The same executions sent at once to two replicas, and connections that are cut in the middle: one truth in the end. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, step, usage, uuid } from '../support/executions.js';

let one: TestApp;
let two: TestApp;
beforeAll(async () => {
  one = await testApp();
  two = await testApp({ database: one.database });
});
afterAll(async () => {
  await two.close();
  await one.close();
});

const AT = '2026-03-18T09:00:00Z';
const full = (n: number, output: number): object =>
  execution(n, AT, {
    agent_id: 'a',
    model_name: 'gpt-4o',
    steps: [step(1, 'thought', { content: `${output}` }), step(2, 'final_answer')],
    token_usages: [usage('gpt-4o', 100, output), usage('gpt-4o', 100, output)],
  });

/** Whatever has come in, the aggregates say the same as the executions, and these as their usages. */
async function expectOneTruth(tenant: string): Promise<void> {
  await one.rollup();
  const { rows } = await one.pool.query<Json>(
    `SELECT (SELECT count(*) FROM executions WHERE tenant_id = $1) = (SELECT sum(executions) FROM execution_days WHERE tenant_id = $1) AS counted,
            (SELECT sum(cost_usd) FROM executions WHERE tenant_id = $1) = (SELECT sum(cost_usd) FROM execution_days WHERE tenant_id = $1) AS priced,
            (SELECT sum(cost_usd) FROM executions WHERE tenant_id = $1) = (SELECT sum(cost_usd) FROM token_usages WHERE tenant_id = $1) AS usages,
            (SELECT sum(output_tokens) FROM executions WHERE tenant_id = $1) = (SELECT sum(output_tokens) FROM token_usages WHERE tenant_id = $1) AS tokens,
            (SELECT sum(steps) FROM executions WHERE tenant_id = $1) = (SELECT count(*) FROM execution_steps WHERE tenant_id = $1) AS steps`,
    [tenant],
  );
  expect(rows).toEqual([{ counted: true, priced: true, usages: true, tokens: true, steps: true }]);
}

it('new ones sent at once by many are accepted once', async () => {
  const tenant = one.tenant();
  const executions = Array.from({ length: 40 }, (_, i) => full(i, 7));
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      // In another order each, which must not deadlock.
      (i % 2 ? one : two).post(
        '/api/v1/executions',
        { executions: i % 3 ? executions : [...executions].reverse() },
        tenant,
      ),
    ),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
  const bodies = answers.map((answer) => answer.json<{ accepted: number; duplicates: number }>());
  expect(bodies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(40);
  expect(bodies.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(11 * 40);
  await expectOneTruth(tenant);
});

it('changes, steps and usages sent at once leave each execution whole', async () => {
  const tenant = one.tenant();
  await one.post('/api/v1/executions', { executions: [full(1, 1), full(2, 1)] }, tenant);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => {
      const app = i % 2 ? one : two;
      const id = uuid(1 + (i % 2));
      if (i % 3 === 0)
        return app.post('/api/v1/executions', { executions: [full(1, i), full(2, i)] }, tenant);
      if (i % 3 === 1) {
        const steps = [step(3 + i, 'tool_call', { tool_name: 'search' })];
        return app.post(`/api/v1/executions/${id}/steps`, { steps }, tenant);
      }
      const token_usages = [usage('gpt-4o', 10, 1, { id: `u-${i}` })];
      return app.post(`/api/v1/executions/${id}/token-usages`, { token_usages }, tenant);
    }),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
  await expectOneTruth(tenant);
});

it('a connection that is cut in the middle loses nothing that was acknowledged and doubles nothing', async () => {
  const tenant = one.tenant();
  let cutting = true;
  const cut = (async () => {
    while (cutting) {
      await delay(15);
      // Those of this database's replicas that are in a transaction, as a crash would catch them.
      await one.pool
        .query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`,
        )
        .catch(() => undefined);
    }
  })();
  const acknowledged = new Set<number>();
  let refused = 0;
  const sendAll = async (app: TestApp, first: number): Promise<void> => {
    for (let n = first; n < 120; n += 2) {
      for (let tries = 0; tries < 200; tries += 1) {
        const { statusCode } = await app.post(
          '/api/v1/executions',
          { executions: [full(n, n), full(n + 1, n + 1)] },
          tenant,
        );
        if (statusCode === 200) {
          acknowledged.add(n);
          break;
        }
        expect(statusCode).toBe(503);
        refused += 1;
        await delay(5);
      }
    }
  };
  await Promise.all([sendAll(one, 0), sendAll(two, 0)]);
  cutting = false;
  await cut;
  expect([acknowledged.size, refused > 0]).toEqual([60, true]);
  const { rows } = await one.pool.query('SELECT count(*) AS there FROM executions WHERE tenant_id = $1', [
    tenant,
  ]);
  expect(rows).toEqual([{ there: 120 }]);
  await expectOneTruth(tenant);
}, 600_000);

it('a recompute of prices that is cut off goes on where it stopped, on whichever replica', async () => {
  const tenant = one.tenant();
  const count = 1_800;
  for (let first = 0; first < count; first += 600) {
    const executions = Array.from({ length: 600 }, (_, i) =>
      execution(first + i, AT, { provider: 'p', model_name: 'm', input_tokens: 1_000_000, output_tokens: 0 }),
    );
    await one.post('/api/v1/executions', { executions }, tenant);
  }
  const price = {
    provider: 'p',
    model_name: 'm',
    effective_from: '2026-01-01',
    input_usd_per_mtok: 3,
    output_usd_per_mtok: 1,
  };
  const headers = await one.headers({ tenant, scopes: ['analytics:admin'] });
  const put = await one.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers,
    payload: price,
  });
  expect(put.statusCode).toBe(200);
  const left = async (): Promise<number> =>
    (await one.pool.query('SELECT FROM price_recomputes WHERE tenant_id = $1', [tenant])).rowCount!;
  for (let i = 0; i < 100 && (await left()) > 0; i += 1) {
    const running = Promise.allSettled([one.rollup(), two.rollup()]);
    await delay(20);
    if (i < 5) {
      await one.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`,
      );
    }
    await running;
  }
  await one.rollup();
  const { rows } = await one.pool.query(
    `SELECT sum(cost_usd)::text AS cost, (SELECT sum(cost_usd)::text FROM execution_days WHERE tenant_id = $1) AS days
     FROM executions WHERE tenant_id = $1`,
    [tenant],
  );
  expect([await left(), rows]).toEqual([0, [{ cost: '5400', days: '5400' }]]);
}, 600_000);
