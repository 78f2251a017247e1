/** Executions that others have called: the levels of the list, the children of one, and the sums of its subtree. */
import { type Json, outcomeOf, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, type TestExecution, usage, uuid } from '../support/executions.js';
import { sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';
const child = (n: number, parent: number, rest: object = {}): TestExecution =>
  execution(n, AT, { parent_execution_id: uuid(parent), ...rest });

/** 1 has called 2 and 3, and 3 has called 4; 5 has called nothing. */
const RUNS: TestExecution[] = [
  execution(1, AT, { agent_id: 'boss', cost_usd: 0.5, input_tokens: 100 }),
  child(2, 1, {
    agent_id: 'search',
    agent_name: 'Search',
    cost_usd: 0.25,
    output_tokens: 10,
    execution_time_ms: 7,
  }),
  child(3, 1, { agent_id: 'write', status: 'failure', started_at: '2026-03-18T09:00:01Z' }),
  child(4, 3, { agent_id: 'search', token_usages: [usage('no-such-model', 3, 4)] }),
  execution(5, '2026-03-16T09:00:00Z', { agent_id: 'search' }),
];

interface Page {
  items: (Json & { id: string })[];
  total: number;
}
const list = (tenant: string, query = ''): Promise<Page> => t.read<Page>(`executions?${query}`, tenant);
const found = ({ items, total }: Page): [number[], number] => [
  items.map(({ id }) => Number(id.slice(-12))).sort((a, b) => a - b),
  total,
];

it('are not in the list unless it is asked for all, for nested ones or for those of a caller', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, RUNS);
  for (const [query, ids] of [
    ['', [1, 5]],
    ['level=top', [1, 5]],
    ['level=all', [1, 2, 3, 4, 5]],
    ['level=nested', [2, 3, 4]],
    [`parent_execution_id=${uuid(1)}`, [2, 3]],
    [`parent_execution_id=${uuid(1)}&parent_execution_id=${uuid(3)}`, [2, 3, 4]],
    [`parent_execution_id=${uuid(1)}&level=top`, []],
    ['agent_id=search', [5]],
    ['agent_id=search&level=all', [2, 4, 5]],
    ['status=success', [1, 5]],
    ['level=nested&status=failure', [3]],
    ['start_date=2026-03-17', [1]],
    ['start_time=2026-03-16T08:00:00Z&end_time=2026-03-18T09:00:01Z&level=nested', [2, 4]],
    ['q=nothing', []],
  ] as const) {
    expect([query, ...found(await list(tenant, query))]).toEqual([query, ids, ids.length]);
  }
  expect(refusalOf(await t.get('executions?level=middle', tenant))).toEqual([400, 'VALIDATION_ERROR']);
});

it('are counted before the rollup as after it', async () => {
  const tenant = t.tenant();
  await t.post('/api/v1/executions', { executions: RUNS }, tenant);
  expect((await list(tenant)).total).toBe(2);
  await t.rollup();
  expect((await list(tenant)).total).toBe(2);
});

it('are the children of their caller, whose subtree sums up their tokens and cost', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, RUNS);
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    parent_execution_id: null,
    total_tokens: 100,
    cost_usd: 0.5,
    children: [
      {
        id: uuid(2),
        agent_id: 'search',
        agent_name: 'Search',
        status: 'success',
        execution_time_ms: 7,
        cost_usd: 0.25,
      },
      {
        id: uuid(3),
        agent_id: 'write',
        agent_name: null,
        status: 'failure',
        execution_time_ms: null,
        cost_usd: 0,
      },
    ],
    subtree: { executions: 4, total_tokens: 117, cost_usd: 0.75, unpriced_executions: 1 },
  });
  expect(await t.read(`executions/${uuid(3)}`, tenant)).toMatchObject({
    parent_execution_id: uuid(1),
    children: [{ id: uuid(4) }],
    subtree: { executions: 2, total_tokens: 7, cost_usd: null, unpriced_executions: 1 },
  });
  const { items } = await list(tenant, 'start_date=2026-03-18');
  expect(items).toMatchObject([
    { id: uuid(1), total_tokens: 100, subtree: { executions: 4, total_tokens: 117, cost_usd: 0.75 } },
  ]);
});

it('are exported with their caller and their service', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    execution(1, AT),
    child(2, 1, { service_name: 'shop', service_version: '1.2.0' }),
  ]);
  const rows = await t.read<Json[]>('export?format=json', tenant);
  expect(rows).toMatchObject([
    { id: uuid(1), parent_execution_id: null, service_name: null, service_version: null },
    { id: uuid(2), parent_execution_id: uuid(1), service_name: 'shop', service_version: '1.2.0' },
  ]);
  expect(found(await list(tenant, 'service_name=shop&service_version=1.2.0&level=all'))).toEqual([[2], 1]);
});

it('name a caller that another tenant has without seeing it', async () => {
  const [tenant, other] = [t.tenant(), t.tenant()];
  await sendAndRollup(t, tenant, RUNS);
  await sendAndRollup(t, other, [child(6, 1, { cost_usd: 9 })]);
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    subtree: { executions: 4, cost_usd: 0.75 },
  });
  expect(found(await list(other, 'level=all'))).toEqual([[6], 1]);
});

it('that call each other in a circle are counted once each', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    child(1, 3, { cost_usd: 1 }),
    child(2, 1, { cost_usd: 2 }),
    child(3, 2, { cost_usd: 4 }),
  ]);
  for (const n of [1, 2, 3]) {
    expect(await t.read(`executions/${uuid(n)}`, tenant)).toMatchObject({
      subtree: { executions: 3, cost_usd: 7 },
    });
  }
});

it('are counted by level from the aggregates', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, RUNS);
  await t.pool.query(
    `UPDATE execution_status_days SET executions = executions + 100 WHERE tenant_id = $1 AND level = 'nested'`,
    [tenant],
  );
  expect((await list(tenant)).total).toBe(2);
  expect((await list(tenant, 'level=nested')).total).toBe(3 + 200);
  expect((await list(tenant, 'level=all')).total).toBe(5 + 200);
});

it('are summed up to a bound, which small trees leave to large ones', async () => {
  const tenant = t.tenant();
  await sendAndRollup(
    t,
    tenant,
    [1, 2, 3].map((n) => execution(n, AT, { input_tokens: 1, cost_usd: 1 })),
  );
  const below = async (parent: number, count: number): Promise<unknown> =>
    t.pool.query(
      `INSERT INTO executions (tenant_id, id, parent_execution_id, status, started_at, cost_source, cost_usd, header_digest,
         steps, own_tokens, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, tags)
       SELECT $1, gen_random_uuid(), $2, 'success', $3, 'computed', 1, gen_random_uuid(), 0, true, 1, 0, 0, 0, 0, '{}'
       FROM generate_series(1, $4)`,
      [tenant, uuid(parent), AT, count],
    );
  await below(1, 30_000);
  await below(2, 8_000);
  const { items } = await list(tenant, 'sort_order=asc');
  const whole = (executions: number): object => ({
    executions,
    total_tokens: executions,
    cost_usd: executions,
    unpriced_executions: 0,
  });
  expect(items.map(({ subtree }) => subtree)).toEqual([
    { ...whole(20_000 - 8_001 - 1), truncated: true },
    whole(8_001),
    whole(1),
  ]);
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    subtree: { ...whole(20_000), truncated: true },
  });
}, 600_000);

it('cannot have called themselves', async () => {
  const sent = { executions: [child(0xa, 0xa), execution(1, AT, { parent_execution_id: 'none' })] };
  const answer = outcomeOf<Json>(await t.post('/api/v1/executions', sent));
  expect(answer).toMatchObject({
    accepted: 0,
    rejected: [
      { index: 0, code: 'VALIDATION_ERROR', message: expect.stringContaining('the execution itself') },
      { index: 1, code: 'VALIDATION_ERROR', message: expect.stringContaining('parent_execution_id') },
    ],
  });
});

it('that were stored without a caller are not changed by being sent again as they were', async () => {
  const tenant = t.tenant();
  const sent = [execution(1, AT, { agent_id: 'a' })];
  await sendAndRollup(t, tenant, sent);
  const post = async (executions: object[]): Promise<Json> =>
    (await t.post('/api/v1/executions', { executions }, tenant)).json<Json>();
  expect(await post([{ ...sent[0], parent_execution_id: null }])).toMatchObject({
    accepted: 0,
    duplicates: 1,
  });
  expect(await post([{ ...sent[0], parent_execution_id: uuid(2) }])).toMatchObject({ accepted: 1 });
  expect(found(await list(tenant))).toEqual([[], 0]);
});
