/** Concurrent requests of a tenant share transactions. */
import { randomUUID } from 'node:crypto';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { countQueries } from '../support/counting.js';
import { chat, envelope, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const newTrace = (): string => randomUUID().replaceAll('-', '');
const uuidOf = (trace: string): string =>
  trace.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const call = (trace: string, id: string, input: number, more: object = {}): object =>
  wireSpan({ id, from: 0, to: 1, attributes: chat(input, 1, more) }, trace);
const send = async (tenant: string, spans: readonly object[]): Promise<number> =>
  (await t.post('/v1/traces', envelope(spans), tenant)).statusCode;

it('writes many requests in few transactions', async () => {
  const tenant = t.tenant();
  await send(tenant, [call(newTrace(), 'first', 1)]);
  const traces = Array.from({ length: 64 }, newTrace);
  const statuses = await Promise.all(traces.map((trace) => send(tenant, [call(trace, 'a', 1)])));
  expect(new Set(statuses)).toEqual(new Set([200]));
  // xmin is the transaction that wrote the row.
  const { rows } = await t.pool.query<{ traces: number; transactions: number }>(
    `SELECT count(*) AS traces, count(DISTINCT xmin::text) AS transactions FROM otlp_traces WHERE tenant_id = $1`,
    [tenant],
  );
  expect(rows[0]!.traces).toBe(65);
  expect(rows[0]!.transactions).toBeLessThan(32);
});

it('merges the spans of a trace from different requests', async () => {
  const tenant = t.tenant();
  const trace = newTrace();
  const inputs = Array.from({ length: 20 }, (_, i) => i + 1);
  const run = { id: 'run', from: 0, to: 1, attributes: { 'gen_ai.operation.name': 'invoke_agent' } };
  await Promise.all([
    send(tenant, [wireSpan(run, trace)]),
    ...inputs.map((input) =>
      send(tenant, [
        wireSpan({ id: `s${input}`, parent: 'run', from: 0, to: 1, attributes: chat(input, 1) }, trace),
      ]),
    ),
  ]);
  expect(await t.read<Json>(`executions/${uuidOf(trace)}`, tenant)).toMatchObject({ input_tokens: 210 });
});

it('separates tenants that send the same trace', async () => {
  const trace = newTrace();
  const [one, another] = [t.tenant(), t.tenant()];
  await Promise.all([send(one, [call(trace, 'a', 1)]), send(another, [call(trace, 'a', 2)])]);
  expect(await t.read(`executions/${uuidOf(trace)}`, one)).toMatchObject({ input_tokens: 1 });
  expect(await t.read(`executions/${uuidOf(trace)}`, another)).toMatchObject({ input_tokens: 2 });
});

it('fails no request because of another’s spans', async () => {
  await t.pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.spans::text LIKE '%poison%' THEN RAISE 'refused by the test'; END IF;
      RETURN new;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON otlp_traces FOR EACH ROW EXECUTE FUNCTION refuse()`);
  try {
    const tenant = t.tenant();
    const traces = Array.from({ length: 6 }, newTrace);
    const statuses = await Promise.all(
      traces.map((trace, i) =>
        send(tenant, [call(trace, 'a', 1, i === 3 ? { 'gen_ai.conversation.id': 'poison' } : {})]),
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 500, 200, 200]);
    expect(await t.read('executions', tenant)).toMatchObject({ total: 5 });
  } finally {
    await t.pool.query('DROP FUNCTION refuse() CASCADE');
  }
});

it('only reads a trace that does not change', async () => {
  const tenant = t.tenant();
  const trace = newTrace();
  const spans = [call(trace, 'a', 1), call(trace, 'b', 2)];
  await send(tenant, spans);
  await send(tenant, spans);
  const queries = countQueries(t.pool);
  for (const sent of [spans, spans.toReversed(), [spans[1]!]]) {
    queries.taken();
    expect(await send(tenant, sent)).toBe(200);
    const of = (table: string): number => queries.taken().filter((sql) => sql.includes(table)).length;
    expect(of('otlp_traces')).toBe(1);
  }
  queries.taken();
  await send(tenant, spans);
  expect(queries.taken().filter((sql) => / (?:executions|agents)\b/.test(sql))).toEqual([]);
});
