/** The deployment environment of executions: a field, a filter of the list, and a dimension of the metrics. */
import { bodyOf, type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';
const RUNS = [
  execution(1, AT, { environment: 'production', cost_usd: 0.5, execution_time_ms: 100 }),
  execution(2, AT, { environment: 'production', status: 'failure', cost_usd: 0.25 }),
  execution(3, AT, { environment: 'staging', cost_usd: 0.125 }),
  execution(4, AT, { cost_usd: 1 }),
];
const RANGE = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };

it('is a filter of the list that its total knows, and a column of the export', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, RUNS);
  const page = await t.read<{ total: number; items: Json[] }>('executions?environment=production', tenant);
  expect([page.total, page.items.map(({ environment }) => environment)]).toEqual([
    2,
    ['production', 'production'],
  ]);
  const rows = await t.read<Json[]>('export?format=json', tenant);
  expect(rows.map(({ environment }) => environment).sort()).toEqual(
    [null, 'production', 'production', 'staging'].sort(),
  );
});

it('groups and filters the metrics of executions, and lists its values', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, RUNS);
  const results = await t.query(tenant, {
    range: RANGE,
    queries: [
      { refId: 'cost', metric: 'cost_usd', groupBy: ['environment'] },
      { refId: 'rate', metric: 'execution_success_rate', groupBy: ['environment'] },
      {
        refId: 'staging',
        metric: 'executions',
        filters: [{ dimension: 'environment', operator: 'matches', values: ['STAG*'] }],
      },
    ],
  });
  const byEnvironment = (refId: string): Record<string, unknown> =>
    Object.fromEntries(rowsOf(results[refId]!).map(({ environment, value }) => [String(environment), value]));
  expect(byEnvironment('cost')).toEqual({ production: 0.75, staging: 0.125, null: 1 });
  expect(byEnvironment('rate')).toEqual({ production: 50, staging: 100, null: 100 });
  expect(rowsOf(results.staging!)).toEqual([{ value: 1 }]);
  const { values } = bodyOf<{ values: { value: string }[] }>(
    await t.get('dimensions/environment/values', tenant),
  );
  expect(values.map(({ value }) => value)).toEqual(['production', 'staging']);
  expect(await t.read('dimensions/environment/values', t.tenant())).toEqual({ values: [] });
});
