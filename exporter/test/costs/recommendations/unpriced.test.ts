import { testApp, type TestApp } from '../../support/app.js';
import { usage } from '../../support/executions.js';
import { ofKind, price, recommendations, runs, send } from './support.js';

const FROM = '2026-03-10T08:00:00Z';
const MODEL = 'our-own-model';
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

it('names the model, its tokens and the executions, without savings', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...runs(2, FROM, () => ({
      agent_id: 'bot',
      token_usages: [usage(MODEL, 100, 10), usage(MODEL, 200, 20), usage('gpt-4o', 1_000, 0)],
    })),
    ...runs(1, FROM, () => ({ agent_id: 'other', provider: 'openai', model_name: MODEL, input_tokens: 40 })),
    ...runs(1, FROM, () => ({ agent_id: 'bot', provider: 'lab', model_name: 'second', output_tokens: 7 })),
  ]);
  const answer = await recommendations(t, tenant);
  expect(answer.total_savings).toBe(0);
  expect(answer.recommendations).toMatchObject([
    {
      ...{ kind: 'unpriced', model: MODEL, agent_id: null, savings: null },
      title: 'The model our-own-model of openai has no price: 700 tokens in 3 executions are in no cost.',
      evidence: { calls: 5, input_tokens: 640, output_tokens: 60, agents: ['bot', 'other'], agent_count: 2 },
    },
    { kind: 'unpriced', model: 'second', agent_id: 'bot', evidence: { provider: 'lab', calls: 1 } },
  ]);
  expect(answer.recommendations[0]!.evidence.executions).toHaveLength(3);
});

it('is gone once the model has a price', async () => {
  const tenant = t.tenant();
  await send(
    t,
    tenant,
    runs(1, FROM, () => ({ token_usages: [usage(MODEL, 100, 10)] })),
  );
  expect(await ofKind(t, tenant, 'unpriced')).toHaveLength(1);
  await price(t, tenant, { model_name: MODEL, input_usd_per_mtok: 1, output_usd_per_mtok: 2 });
  await t.rollup();
  expect(await ofKind(t, tenant, 'unpriced')).toEqual([]);
});

it('is not made where a cost was reported, no token was used, or no model is named', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...runs(1, FROM, () => ({ cost_usd: 0.1, token_usages: [usage(MODEL, 100, 10)] })),
    ...runs(1, FROM, () => ({ provider: 'openai', model_name: MODEL })),
    ...runs(1, FROM, () => ({ input_tokens: 5 })),
  ]);
  expect(await ofKind(t, tenant, 'unpriced')).toEqual([]);
});
