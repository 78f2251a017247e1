/** Service tiers, cache writes for an hour and audio: from the way in to the list, the detail and the export. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';
import { sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';
const COUNTS = {
  input_tokens: 100,
  cache_write_tokens: 40,
  cache_write_1h_tokens: 30,
  input_audio_tokens: 20,
  output_tokens: 50,
  output_audio_tokens: 10,
};
const PLAIN = { cache_write_1h_tokens: 0, input_audio_tokens: 0, output_audio_tokens: 0 };

const send = async (tenant: string, sent: object): Promise<Json> =>
  (await t.post('/api/v1/executions', { executions: [sent] }, tenant)).json<Json>();

it('are stored, shown, listed and exported, with defaults', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    execution(1, AT, { ...COUNTS, service_tier: 'flex' }),
    execution(2, AT, { input_tokens: 5 }),
  ]);
  const [one, two] = [
    { ...COUNTS, service_tier: 'flex' },
    { ...PLAIN, service_tier: 'standard', cost_note: 'no model is named' },
  ];
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject(one);
  expect(await t.read(`executions/${uuid(2)}`, tenant)).toMatchObject(two);
  expect(await t.read('executions?sort_by=total_tokens', tenant)).toMatchObject({ items: [one, two] });
  expect(await t.read('export?format=json', tenant)).toMatchObject([one, two]);
});

it('of token usages are stored, shown and exported, and add up to those of their execution', async () => {
  const tenant = t.tenant();
  const token_usages = [
    usage('gpt-4o', 100, 50, { ...COUNTS, service_tier: 'batch' }),
    usage('gpt-4o', 100, 50, { ...COUNTS, service_tier: 'batch' }),
  ];
  await sendAndRollup(t, tenant, [execution(1, AT, { token_usages })]);
  const each = { ...COUNTS, service_tier: 'batch' };
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    service_tier: 'batch',
    cache_write_1h_tokens: 60,
    input_audio_tokens: 40,
    output_audio_tokens: 20,
    token_usages: [each, each],
  });
  expect(await t.read('export?format=json&dataset=token_usages', tenant)).toMatchObject([each, each]);
});

it('a usage is of the tier of its execution unless it names its own', async () => {
  const tenant = t.tenant();
  const token_usages = [usage('gpt-4o', 1, 1), usage('gpt-4o', 1, 1, { service_tier: 'standard' })];
  await sendAndRollup(t, tenant, [
    execution(1, AT, { service_tier: 'batch', token_usages }),
    execution(2, AT, {
      token_usages: [usage('gpt-4o', 1, 1, { service_tier: 'flex' }), usage('gpt-4o', 1, 1)],
    }),
  ]);
  const tiersOf = async (n: number): Promise<unknown[]> => {
    const { service_tier, token_usages: usages } = await t.read<Json & { token_usages: Json[] }>(
      `executions/${uuid(n)}`,
      tenant,
    );
    return [service_tier, ...usages.map((each) => each.service_tier)];
  };
  expect(await tiersOf(1)).toEqual(['batch', 'batch', 'standard']);
  expect(await tiersOf(2)).toEqual(['standard', 'flex', 'standard']);
});

it('sent again unchanged they are a duplicate, and a default says nothing new', async () => {
  const tenant = t.tenant();
  const plain = execution(1, AT, { input_tokens: 10 });
  await send(tenant, plain);
  expect(await send(tenant, { ...plain, ...PLAIN, service_tier: 'standard' })).toMatchObject({
    duplicates: 1,
  });
  expect(await send(tenant, { ...plain, service_tier: 'batch' })).toMatchObject({ accepted: 1 });
  expect(await send(tenant, { ...plain, service_tier: 'batch' })).toMatchObject({ duplicates: 1 });
  expect(await send(tenant, { ...plain, input_audio_tokens: 1 })).toMatchObject({ accepted: 1 });
});

it('cache writes are at least those for an hour where only these are sent', async () => {
  const tenant = t.tenant();
  await send(tenant, execution(1, AT, { input_tokens: 10, cache_write_1h_tokens: 4 }));
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    cache_write_tokens: 4,
    cache_write_1h_tokens: 4,
  });
});

it.each([
  [{ service_tier: 'express' }, /service_tier.*standard.*batch.*flex.*priority/],
  [{ input_tokens: 9, cache_write_tokens: 3, cache_write_1h_tokens: 4 }, /cache_write_1h_tokens are part of/],
  [{ input_tokens: 3, cache_write_1h_tokens: 4 }, /part of input_tokens/],
  [{ input_tokens: 3, input_audio_tokens: 4 }, /input_audio_tokens are part of input_tokens: 4 exceed 3/],
  [{ output_tokens: 3, output_audio_tokens: 4 }, /output_audio_tokens are part of output_tokens: 4 exceed 3/],
  [{ cost_source: 'reported' }, /cost_source reported needs cost_usd/],
  [{ cost_source: 'unpriced', cost_usd: 1 }, /cost_usd must be null/],
])('%j is refused with its reason', async (wrong, message) => {
  const wrongs = [
    execution(1, AT, wrong),
    execution(2, AT, { token_usages: [{ component: 'main_agent', ...wrong }] }),
  ];
  const executions = [...wrongs, execution(3, AT)];
  const { rejected } = (await t.post('/api/v1/executions', { executions })).json<{ rejected: Json[] }>();
  expect(rejected).toEqual(
    wrongs.map((_, index) => ({
      index,
      code: 'VALIDATION_ERROR',
      message: expect.stringMatching(message),
    })),
  );
});

it('a call without tokens is unpriced, and one that says it used none is free', async () => {
  const tenant = t.tenant();
  const bare = { component: 'main_agent', provider: 'openai', model: 'gpt-4o' };
  await send(tenant, execution(1, AT, { token_usages: [bare] }));
  await send(tenant, execution(2, AT, { token_usages: [{ ...bare, input_tokens: 0, output_tokens: 0 }] }));
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    cost_usd: null,
    cost_source: 'unpriced',
  });
  expect(await t.read(`executions/${uuid(2)}`, tenant)).toMatchObject({
    cost_usd: 0,
    cost_source: 'computed',
  });
});

it('a cost of 0 beside tokens is no report', async () => {
  const tenant = t.tenant();
  await send(tenant, execution(1, AT, { token_usages: [usage('gpt-4o', 10_000, 1_000, { cost_usd: 0 })] }));
  await send(tenant, execution(2, AT, { model_name: 'house', input_tokens: 10, cost_usd: 0 }));
  await send(tenant, execution(3, AT, { model_name: 'house', cost_usd: 0 }));
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    cost_usd: 0.035,
    cost_source: 'computed',
  });
  expect(await t.read(`executions/${uuid(2)}`, tenant)).toMatchObject({
    cost_usd: null,
    cost_source: 'unpriced',
  });
  expect(await t.read(`executions/${uuid(3)}`, tenant)).toMatchObject({
    cost_usd: 0,
    cost_source: 'reported',
  });
});
