/** A trace that gets further spans is read anew: its executions are then those of all of its spans. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, step, uuid } from '../support/executions.js';
import { chat, envelope, EXECUTION, runsOf, type SpanSpec, TRACE, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const send = async (tenant: string, ...spans: SpanSpec[]): Promise<void> => {
  const response = await t.post('/v1/traces', envelope(spans.map((span) => wireSpan(span))), tenant);
  expect([response.statusCode, response.json()]).toEqual([200, {}]);
};
const agent = (name: string): Record<string, unknown> => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': name,
});
const AGENT = { id: 'agent', from: 0, to: 9, attributes: agent('boss') };
const CALLS = [1, 3, 5].map((from) => ({
  id: `c${from}`,
  parent: 'agent',
  from,
  to: from + 1,
  attributes: chat(10 * from, 1),
}));
const idsOf = async (tenant: string): Promise<unknown[]> => (await runsOf(t, tenant)).map(({ id }) => id);
const rowsOf = async (table: string, tenant: string): Promise<number> => {
  const { rows } = await t.pool.query<{ n: number }>(
    `SELECT count(*) AS n FROM ${table} WHERE tenant_id = $1`,
    [tenant],
  );
  return rows[0]!.n;
};

it('leaves no executions of runs that have become part of another one, and their hours are counted again', async () => {
  const tenant = t.tenant();
  const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
  await send(tenant, ...CALLS, { id: 't', parent: 'agent', from: 7, to: 8, attributes: tool });
  await t.rollup();
  expect(await idsOf(tenant)).toHaveLength(4);
  expect(await t.read('overview?period=30d', tenant)).toMatchObject({ total_tokens: 93 });
  await send(tenant, AGENT);
  expect(await runsOf(t, tenant)).toMatchObject([
    { id: EXECUTION, agent_id: 'boss', steps: [{}], token_usages: [{}, {}, {}] },
  ]);
  expect(await rowsOf('execution_steps', tenant)).toBe(1);
  expect(await rowsOf('token_usages', tenant)).toBe(3);
  await t.rollup();
  expect(await t.read('overview?period=30d', tenant)).toMatchObject({
    total_executions: 1,
    total_tokens: 93,
  });
});

it('leaves alone what else names the trace', async () => {
  const tenant = t.tenant();
  const own = execution(1, '2026-03-18T10:00:00Z', { trace_id: TRACE });
  await t.post('/api/v1/executions', { executions: [own] }, tenant);
  await send(tenant, ...CALLS);
  await send(tenant, AGENT);
  expect(await idsOf(tenant)).toEqual([uuid(1), EXECUTION]);
});

it('replaces an execution of the whole trace, as earlier releases made it', async () => {
  const tenant = t.tenant();
  const helper = { id: 'helper', parent: 'agent', from: 2, to: 8, attributes: agent('helper') };
  const inner = { id: 'inner', parent: 'helper', from: 3, to: 4, attributes: chat(50, 5) };
  await send(tenant, AGENT, CALLS[0]!, helper, inner);
  // One execution with the tokens of both agents.
  const { rows } = await t.pool.query<{ id: string }>(
    'DELETE FROM executions WHERE tenant_id = $1 AND id <> $2 RETURNING id',
    [tenant, EXECUTION],
  );
  await t.pool.query('UPDATE token_usages SET execution_id = $2 WHERE tenant_id = $1 AND execution_id = $3', [
    tenant,
    EXECUTION,
    rows[0]!.id,
  ]);
  await t.pool.query(
    `UPDATE executions SET input_tokens = 60, header_digest = gen_random_uuid(), usages_digest = gen_random_uuid()
     WHERE tenant_id = $1`,
    [tenant],
  );
  // Without further spans it stays.
  await send(tenant, helper, inner);
  expect(await runsOf(t, tenant)).toMatchObject([{ id: EXECUTION, input_tokens: 60 }]);
  await send(tenant, CALLS[1]!);
  expect(await runsOf(t, tenant)).toMatchObject([
    { id: EXECUTION, agent_id: 'boss', input_tokens: 40 },
    { parent_execution_id: EXECUTION, agent_id: 'helper', input_tokens: 50 },
  ]);
});

it('gives the first id to the run that began first, whenever it arrives', async () => {
  const tenant = t.tenant();
  await send(tenant, { id: 'later', from: 20, to: 30, attributes: agent('later') });
  await t.post(`/api/v1/executions/${EXECUTION}/steps`, { steps: [step(1, 'thought')] }, tenant);
  await send(tenant, AGENT);
  expect(await runsOf(t, tenant)).toMatchObject([
    { id: EXECUTION, agent_id: 'boss', steps: [] },
    { agent_id: 'later', parent_execution_id: null },
  ]);
});

it('keeps a trace of many runs apart from that of another tenant', async () => {
  const [one, two] = [t.tenant(), t.tenant()];
  await send(one, ...CALLS);
  await send(two, ...CALLS);
  await send(one, AGENT);
  expect([await idsOf(one), await idsOf(two)]).toEqual([[EXECUTION], expect.any(Array)]);
  expect(await t.read<Json>('executions', two)).toMatchObject({ total: 3 });
});
