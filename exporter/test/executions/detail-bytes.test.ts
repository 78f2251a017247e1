/** An execution with more steps and token usages than one answer may have. */
import { MAX_DETAIL_BYTES, MAX_DETAIL_PARTS } from '../../src/query/executions/detail.js';
import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const executions = [1, 2, 3, 4].map((n) => execution(n, '2026-03-10T08:00:00Z'));
  expect((await t.post('/api/v1/executions', { executions })).statusCode).toBe(200);
});
afterAll(() => t.close());

interface Detail {
  id: string;
  steps: { step_number: number; content: string | null }[];
  token_usages: { input_tokens: number }[];
  next_cursor: string | null;
}

/** Rows as ingest would write them, which takes it much longer. */
async function addSteps(id: string, count: number, content: string): Promise<void> {
  await t.pool.query(
    `INSERT INTO execution_steps (tenant_id, execution_id, step_number, step_type, content, input_tokens, output_tokens)
     SELECT 'acme', $1, n, 'thought', $3, 0, 0 FROM generate_series(1, $2::int) AS n`,
    [id, count, content],
  );
}
async function addUsages(id: string, count: number): Promise<void> {
  await t.pool.query(
    `INSERT INTO token_usages (tenant_id, execution_id, usage_key, position, component, input_tokens, output_tokens,
       cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_source)
     SELECT 'acme', $1, n::text, n, 'main_agent', n, 0, 0, 0, 0, 'unpriced' FROM generate_series(0, $2::int - 1) AS n`,
    [id, count],
  );
}

/** All pages of an execution, and the bytes of the largest. */
async function pages(id: string): Promise<{ details: Detail[]; largest: number }> {
  const details: Detail[] = [];
  let [cursor, largest]: [string | null, number] = ['', 0];
  while (cursor !== null) {
    const response = await t.get(`executions/${id}${cursor && `?cursor=${cursor}`}`);
    expect(response.statusCode).toBe(200);
    largest = Math.max(largest, Buffer.byteLength(response.body));
    details.push(response.json<Detail>());
    cursor = details.at(-1)!.next_cursor;
  }
  return { details, largest };
}
const numbers = (details: Detail[]): number[] =>
  details.flatMap(({ steps }) => steps.map(({ step_number }) => step_number));
const oneTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

it('long contents are read some at a time, and each step and usage once', async () => {
  const count = 2_000;
  await addSteps(uuid(1), count, 'x'.repeat(16 * 1024));
  await addUsages(uuid(1), 3);
  const { details, largest } = await pages(uuid(1));
  expect(details.length).toBe(Math.ceil((count * 16 * 1024) / MAX_DETAIL_BYTES));
  expect(largest).toBeLessThan(MAX_DETAIL_BYTES * 1.01);
  expect(numbers(details)).toEqual(oneTo(count));
  expect(details.map(({ token_usages }) => token_usages.length)).toEqual([0, 0, 3]);
  expect(new Set(details.map(({ id }) => id))).toEqual(new Set([uuid(1)]));
});

it('contents that JSON makes six times as long stay within the bound', async () => {
  await addSteps(uuid(2), 400, '\u0001'.repeat(16 * 1024));
  const { details, largest } = await pages(uuid(2));
  expect(details.length).toBeGreaterThan(2);
  expect(largest).toBeLessThan(MAX_DETAIL_BYTES * 1.01);
  expect(numbers(details)).toEqual(oneTo(400));
});

it('no more than some thousands of steps and of usages are read at a time', async () => {
  await addSteps(uuid(3), MAX_DETAIL_PARTS + 5, 'short');
  await addUsages(uuid(3), 2 * MAX_DETAIL_PARTS);
  const { details } = await pages(uuid(3));
  expect(details.map(({ steps, token_usages }) => [steps.length, token_usages.length])).toEqual([
    [MAX_DETAIL_PARTS, 0],
    [5, MAX_DETAIL_PARTS],
    [0, MAX_DETAIL_PARTS],
  ]);
  const usages = details.flatMap(({ token_usages }) => token_usages.map(({ input_tokens }) => input_tokens));
  expect(usages).toEqual(oneTo(2 * MAX_DETAIL_PARTS).map((n) => n - 1));
});

it('what fits is one answer without a cursor', async () => {
  await addSteps(uuid(4), 2, 'short');
  const [detail, ...others] = (await pages(uuid(4))).details;
  expect(others).toEqual([]);
  expect(detail).toMatchObject({ next_cursor: null, token_usages: [] });
});

it.each(['x', 'W10', 'WzEuNSwwXQ', 'WzFlMzAwLDBd', 'Wy05LDBd'])(
  'the cursor %s is refused',
  async (cursor) => {
    const response = await t.get(`executions/${uuid(4)}?cursor=${cursor}`);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json()).toMatchObject({ message: expect.stringContaining('cursor must be') });
  },
);
