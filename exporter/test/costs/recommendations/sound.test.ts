/** A tenant of which nothing may be recommended, however much it runs. */
import { testApp, type TestApp } from '../../support/app.js';
import { step, usage } from '../../support/executions.js';
import { price, recommendations, runs, send } from './support.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

it('nothing is recommended to a tenant that uses its cache, succeeds, and knows its prices', async () => {
  const tenant = t.tenant();
  const rates = { input_usd_per_mtok: 3, output_usd_per_mtok: 15, cached_input_usd_per_mtok: 0.3 };
  await price(t, tenant, { model_name: 'm', ...rates });
  await send(
    t,
    tenant,
    runs(600, '2026-03-10T08:00:00Z', (i) => ({
      ...{ agent_id: `bot-${i % 2}`, user_id: `user-${i % 5}`, query_preview: `request ${i}` },
      // Five that failed, each another request.
      status: i % 120 === 0 ? 'failure' : 'success',
      error_type: i % 120 === 0 ? 'Timeout' : null,
      steps: [step(1, 'thought'), step(2, 'tool_call', { tool_name: 'search' })],
      token_usages: [2_000, 4_000, 6_000, 8_000].map((input, n) =>
        usage('m', input, 100, { step_number: n + 1, cached_input_tokens: input - 500 }),
      ),
    })),
  );
  for (const period of ['24h', '7d', '30d', '90d'])
    expect(await recommendations(t, tenant, `?period=${period}`)).toMatchObject({
      ...{ total_savings: 0, recommendations: [] },
    });
});
