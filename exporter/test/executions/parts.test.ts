/** Executions in parts and at the edges of what is taken: appended steps and usages, totals, texts, huge counts. */
import { type Json, outcomeOf, refusalOf, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:10:00Z';

interface Answer {
  accepted: number;
  duplicates: number;
  rejected: { index: number; code: string; message: string }[];
}
interface Detail extends Json {
  steps: Json[];
  token_usages: Json[];
}
const send = async (tenant: string, ...executions: TestExecution[]): Promise<Answer> =>
  outcomeOf<Answer>(await t.post('/api/v1/executions', { executions }, { tenant }));
const append = async (tenant: string, id: string, body: object): Promise<Answer> => {
  const [field] = Object.keys(body) as [string];
  return outcomeOf<Answer>(
    await t.post(`/api/v1/executions/${id}/${field.replace('_', '-')}`, body, { tenant }),
  );
};
const detail = (tenant: string, id = uuid(1)): Promise<Detail> => t.read<Detail>(`executions/${id}`, tenant);

it('an agent that is called "null" lends its name to nobody', async () => {
  const tenant = t.tenant();
  const named = { agent_id: 'null', agent_name: 'Nullbot', cost_usd: 1 };
  await send(tenant, execution(1, AT, named), execution(2, AT, { cost_usd: 2 }));
  await t.rollup();
  const range = { from: '2026-03-18T09:00:00Z', to: '2026-03-18T10:00:00Z' };
  const queries = [{ refId: 'A', metric: 'cost_usd', groupBy: ['agent'], interval: 'none' }];
  const { A } = await t.query(tenant, { range, queries } as Parameters<TestApp['query']>[1]);
  expect(rowsOf(A!)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ agent: 'null', agentName: 'Nullbot' }),
      expect.objectContaining({ agent: null, agentName: null }),
    ]),
  );
  expect((await t.read('costs/summary', tenant)).by_agent).toEqual([
    expect.objectContaining({ agent_id: null, agent_name: null }),
    expect.objectContaining({ agent_id: 'null', agent_name: 'Nullbot' }),
  ]);
});

it('a usage of another provider and no model is priced as it is listed', async () => {
  const tenant = t.tenant();
  const house = { provider: 'in-house', model_name: 'house', effective_from: '2026-01-01' };
  const scopes = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
  for (const [provider, usd] of [
    ['in-house', 3],
    ['elsewhere', 7],
  ] as const) {
    const price = { ...house, provider, input_usd_per_mtok: usd, output_usd_per_mtok: 0 };
    expect(
      (
        await t.app.inject({
          method: 'PUT',
          url: '/api/v1/analytics/prices',
          headers: await t.headers({ tenant, scopes }),
          payload: price,
        })
      ).statusCode,
    ).toBe(200);
  }
  const token_usages = [
    { component: 'c', input_tokens: 1_000_000 },
    { component: 'd', provider: 'elsewhere', input_tokens: 1_000_000 },
  ];
  await send(tenant, execution(1, AT, { provider: 'in-house', model_name: 'house', token_usages }));
  expect((await detail(tenant)).token_usages.map(({ cost_usd }) => cost_usd)).toEqual([3, 7]);
});

it('an id in upper case is that of the same execution, whose steps and usages stay', async () => {
  const tenant = t.tenant();
  const id = 'abcdef00-0000-4000-8000-00000000000a';
  const sent = { token_usages: [usage('gpt-4o', 100, 10)], steps: [step(1, 'thought')] };
  await send(tenant, { ...execution(1, AT, sent), id });
  expect(await send(tenant, { ...execution(1, AT, sent), id: id.toUpperCase() })).toMatchObject({
    duplicates: 1,
  });
  const token_usages = [usage('gpt-4o', 7, 1, { component: 'sub_agent' })];
  expect(await append(tenant, id.toUpperCase(), { token_usages })).toMatchObject({ accepted: 1 });
  expect(await append(tenant, id.toUpperCase(), { token_usages })).toMatchObject({ duplicates: 1 });
  expect(await append(tenant, id.toUpperCase(), { steps: [step(2, 'action')] })).toMatchObject({
    accepted: 1,
  });
  const found = await detail(tenant, id);
  expect([found.steps, found.token_usages].map(({ length }) => length)).toEqual([2, 2]);
  expect(found).toMatchObject({ id, input_tokens: 107, output_tokens: 11 });
});

it('half a surrogate pair makes no duplicate of a step or a usage', async () => {
  const tenant = t.tenant();
  await send(tenant, execution(1, AT));
  const steps = [step(1, 'thought', { content: 'x\ud83d', tool_name: 'y\udc00' })];
  const token_usages = [usage('m\ud83d', 1, 1, { component: 'c\ud83d' })];
  for (const body of [{ steps }, { token_usages }]) {
    expect(await append(tenant, uuid(1), body)).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await append(tenant, uuid(1), body)).toMatchObject({ accepted: 0, duplicates: 1 });
  }
  expect((await detail(tenant)).steps[0]).toMatchObject({ content: 'x\ufffd', tool_name: 'y\ufffd' });
});

describe('a total without its parts', () => {
  it('is that of the usages, and checked', async () => {
    const tenant = t.tenant();
    const token_usages = [usage('gpt-4o', 100, 10), usage('gpt-4o', 20, 5)];
    expect(await send(tenant, execution(1, AT, { total_tokens: 135, token_usages }))).toMatchObject({
      accepted: 1,
    });
    expect(await detail(tenant)).toMatchObject({ input_tokens: 120, output_tokens: 15, total_tokens: 135 });
    const { rejected } = await send(tenant, execution(1, AT, { total_tokens: 134, token_usages }));
    expect(rejected).toEqual([
      {
        index: 0,
        code: 'VALIDATION_ERROR',
        message: 'total_tokens must be those of token_usages together, 135, not 134',
      },
    ]);
  });

  it('is refused where nothing says what it is made of', async () => {
    const { rejected } = await send(t.tenant(), execution(1, AT, { total_tokens: 5 }));
    expect(rejected[0]).toMatchObject({ message: expect.stringContaining('total_tokens must be') });
  });
});

describe('huge counts', () => {
  const huge = (id: number): object => usage('m', 1e12, 1e12, { id: `u-${id}` });

  it('are taken as far as their sum can be read again', async () => {
    const tenant = t.tenant();
    expect(await send(tenant, execution(1, AT, { token_usages: [huge(1)] }))).toMatchObject({ accepted: 1 });
    expect(await detail(tenant)).toMatchObject({ input_tokens: 1e12, total_tokens: 2e12 });
    const { rejected } = await send(
      tenant,
      execution(2, AT, { token_usages: [huge(1), huge(2)] }),
      execution(3, AT, { input_tokens: 1e12 + 1 }),
      execution(4, AT, { input_tokens: Number.MAX_SAFE_INTEGER }),
    );
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'VALIDATION_ERROR'],
      [1, 'VALIDATION_ERROR'],
      [2, 'VALIDATION_ERROR'],
    ]);
  });

  it('are refused where they are appended to others, which stay', async () => {
    const tenant = t.tenant();
    await send(tenant, execution(1, AT, { token_usages: [huge(1)] }));
    const response = await t.post(
      `/api/v1/executions/${uuid(1)}/token-usages`,
      { token_usages: [huge(2)] },
      { tenant },
    );
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect((await detail(tenant)).token_usages).toHaveLength(1);
  });
});

describe('a content that is too long', () => {
  const kept = async (content: string): Promise<string> => {
    const tenant = t.tenant();
    await send(tenant, execution(1, AT, { steps: [step(1, 'thought', { content })] }));
    return (await detail(tenant)).steps[0]!.content as string;
  };

  it.each([
    ['one byte', 'a'],
    ['two bytes', 'é'],
    ['three bytes', '€'],
    ['four bytes', '😀'],
  ])('is cut between characters of %s', async (_size, character) => {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      const content = await kept(before + character.repeat(17_000));
      expect(content).toMatch(new RegExp(`^${before}(?:${character})+…$`, 'u'));
      const bytes = Buffer.byteLength(content);
      expect(bytes).toBeLessThanOrEqual(16 * 1024);
      expect(bytes).toBeGreaterThan(16 * 1024 - Buffer.byteLength(character));
    }
  });

  it('keeps its first character, whichever it is', async () => {
    expect((await kept(`\ufeff${'a'.repeat(17_000)}`)).codePointAt(0)).toBe(0xfeff);
  });

  it('is cut in no time, whatever it ends with', async () => {
    const tenant = t.tenant();
    const content = `${'\ufffd'.repeat(5_400)}${'a'.repeat(200)}`;
    const steps = Array.from({ length: 300 }, (_, i) => step(i, 'thought', { content }));
    const started = performance.now();
    await send(tenant, execution(1, AT, { steps }));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

it('a provider of a strange name refuses nothing, and does not hide the price of the model', async () => {
  const tenant = t.tenant();
  const names = ['constructor', '__proto__', 'toString'];
  const sent = names.map((provider, n) =>
    execution(n, AT, { provider, model_name: 'gpt-4o', input_tokens: 5, output_tokens: 1 }),
  );
  expect(await send(tenant, ...sent)).toEqual({ accepted: 3, duplicates: 0, rejected: [] });
  expect(await detail(tenant)).toMatchObject({ cost_usd: 0.0000225, cost_source: 'computed' });
});
