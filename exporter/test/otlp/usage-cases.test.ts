/** Calls of models as real emitters send them, and what they cost. */
import { readFileSync } from 'node:fs';
import { testApp, type TestApp } from '../support/app.js';
import { describeReal } from '../support/optional.js';
import { envelope, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

describeReal('cases/otlp-usage.json', 'calls taken from real emitters cost what they should', (path) => {
  const cases = JSON.parse(readFileSync(path, 'utf8')) as {
    case: string;
    attributes: Record<string, unknown>;
    cost_usd: number | null;
  }[];
  it.each(cases.map((one) => [one.case, one] as const))('%s', async (_name, { attributes, cost_usd }) => {
    const tenant = t.tenant();
    await t.post('/v1/traces', envelope([wireSpan({ id: 'a', from: 0, to: 1, attributes })]), tenant);
    // As it is stored: exact.
    const { rows } = await t.pool.query<{ cost_usd: string | null }>(
      'SELECT cost_usd FROM executions WHERE tenant_id = $1',
      [tenant],
    );
    const [{ cost_usd: stored }] = rows as [{ cost_usd: string | null }];
    expect(stored === null ? null : Number(stored)).toBe(cost_usd);
  });
});
