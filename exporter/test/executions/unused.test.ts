/** Calls that failed without having used tokens cost nothing, and are not counted as priced, whichever way they came. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, uuid } from '../support/executions.js';
import { chat, envelope, type SpanSpec, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T11:00:00Z';
const gpt = { provider: 'openai', model_name: 'gpt-4o' };
const called = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.system': 'openai',
};

const overRest = (tenant: string) =>
  t.post(
    '/api/v1/executions',
    {
      executions: [
        execution(1, AT, { ...gpt, input_tokens: 1_000_000, output_tokens: 0 }),
        execution(2, AT, { ...gpt, status: 'failure' }),
        execution(3, AT, { ...gpt }),
      ],
    },
    tenant,
  );

const SPANS: SpanSpec[] = [
  { id: 'good', from: 0, to: 1, attributes: chat(1_000_000, 0) },
  { id: 'failed', from: 2, to: 3, attributes: called, error: 'overloaded' },
  { id: 'silent', from: 4, to: 5, attributes: called },
];
const overOtlp = (tenant: string) =>
  t.post('/v1/traces', envelope(SPANS.map((span) => wireSpan(span))), tenant);

it.each([
  ['REST', overRest],
  ['OTLP', overOtlp],
])('means are of what has a price, over %s', async (_way, send) => {
  const tenant = t.tenant();
  expect((await send(tenant)).statusCode).toBe(200);
  await t.rollup();
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', tenant);
  expect(models).toMatchObject([
    { executions: 3, total_cost_usd: 2.5, cost_per_execution_usd: 2.5, unpriced_executions: 1 },
  ]);
  const { items } = await t.read<{ items: Json[] }>('executions?period=24h', tenant);
  expect(items.map(({ cost_usd }) => cost_usd).sort()).toEqual([0, 2.5, null]);
});

it('a model of which nothing has a price has no cost, though a call of it has failed', async () => {
  const tenant = t.tenant();
  await t.post(
    '/api/v1/executions',
    { executions: [execution(4, AT, gpt), execution(5, AT, { ...gpt, status: 'failure' })] },
    tenant,
  );
  await t.rollup();
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', tenant);
  expect(models).toMatchObject([{ total_cost_usd: null, cost_per_execution_usd: null }]);
  expect(await t.read<Json>(`executions/${uuid(5)}`, tenant)).toMatchObject({ cost_usd: 0 });
});
