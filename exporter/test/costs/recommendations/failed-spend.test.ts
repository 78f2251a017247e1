import { testApp, type TestApp } from '../../support/app.js';
import { ofKind, runs, send } from './support.js';

const FROM = '2026-03-10T08:00:00Z';
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const failing = (count: number, fields: object = {}) =>
  runs(count, FROM, () => ({
    ...{
      agent_id: 'bot',
      agent_name: 'Billing bot',
      provider: 'openai',
      model_name: 'gpt-4o',
      status: 'failure',
    },
    ...{ error_type: 'ToolTimeout', cost_usd: 0.0625, ...fields },
  }));

it('is what failed runs have cost, by kind of error and model', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...failing(180, { status: 'success', error_type: null }),
    ...failing(12),
    ...failing(20, { status: 'timeout', error_type: null, cost_usd: 0.03 }),
    ...failing(10, { model_name: 'gpt-4o-mini', cost_usd: 0.02 }),
    ...failing(5, { cost_usd: null, model_name: 'unheard-of' }),
  ]);
  const found = await ofKind(t, tenant, 'failed_spend');
  expect(found.map(({ model, savings, evidence }) => [model, evidence.error_type, savings])).toEqual([
    ['gpt-4o', 'ToolTimeout', 0.75],
    ['gpt-4o', 'unknown', 0.6],
    ['gpt-4o-mini', 'ToolTimeout', 0.2],
  ]);
  expect(found[0]!.title).toBe(
    'Billing bot spends $0.75 a month on runs on gpt-4o that fail with ToolTimeout: 12 of 212 runs, 5.7 %.',
  );
  expect(found[0]!.evidence.arithmetic).toBe(
    '12 failed runs cost $0.75 in 30 days; × 30 ÷ 30 = $0.75 in 30 days.',
  );
  const id = found[0]!.evidence.executions[0]!;
  expect(await t.read(`executions/${id}`, tenant)).toMatchObject({ error_type: 'ToolTimeout' });
});

it('is not recommended on few failures, or on a share that every agent has', async () => {
  const tenant = t.tenant();
  await send(t, tenant, failing(9));
  expect(await ofKind(t, tenant, 'failed_spend')).toEqual([]);
  const large = t.tenant();
  await send(t, large, [...failing(1_200, { status: 'success', error_type: null }), ...failing(11)]);
  expect(await ofKind(t, large, 'failed_spend')).toEqual([]);
});

it('is not recommended for failures that have cost nothing, and for runs that go on', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...failing(50, { cost_usd: 0 }),
    ...failing(50, { status: 'running', error_type: null }),
  ]);
  expect(await ofKind(t, tenant, 'failed_spend')).toEqual([]);
});
