/** The trace that an execution is part of, from the way in to the list and the export. */
import { type Json, testApp, type TestApp, outcomeOf } from '../support/app.js';
import { execution, uuid } from '../support/executions.js';
import { chat, envelope, EXECUTION, TRACE, wireSpan } from '../support/otlp.js';
import { sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';

it('is stored, shown, listed, exported and recognised when it is sent again', async () => {
  const tenant = t.tenant();
  const sent = [execution(1, AT, { trace_id: 'trace-1' }), execution(2, AT)];
  await sendAndRollup(t, tenant, sent);
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({ trace_id: 'trace-1' });
  expect(await t.read(`executions/${uuid(2)}`, tenant)).toMatchObject({ trace_id: null });
  expect(await t.read('executions?trace_id=trace-1', tenant)).toMatchObject({
    total: 1,
    items: [{ id: uuid(1), trace_id: 'trace-1' }],
  });
  expect(await t.read('executions?trace_id=trace-1&trace_id=trace-2&status=failure', tenant)).toMatchObject({
    total: 0,
    items: [],
  });
  const rows = await t.read<Json[]>('export?format=json', tenant);
  expect(rows.map(({ trace_id }) => trace_id)).toEqual(['trace-1', null]);
  const again = await t.post('/api/v1/executions', { executions: sent }, tenant);
  expect(again.json<Json>()).toMatchObject({ accepted: 0, duplicates: 2 });
  const changed = [execution(2, AT, { trace_id: 'trace-2' })];
  expect((await t.post('/api/v1/executions', { executions: changed }, tenant)).json<Json>()).toMatchObject({
    accepted: 1,
  });
});

it('is refused where it is no id', async () => {
  const response = await t.post('/api/v1/executions', {
    executions: [execution(1, AT, { trace_id: 'a b' })],
  });
  expect(outcomeOf(response)).toMatchObject({
    accepted: 0,
    rejected: [{ code: 'VALIDATION_ERROR', message: expect.stringContaining('trace_id') }],
  });
});

it('is the trace id of spans that came over OTLP', async () => {
  const tenant = t.tenant();
  const span = wireSpan({ id: 'chat', from: 0, to: 1, attributes: chat(10, 5) });
  expect((await t.post('/v1/traces', envelope([span]), tenant)).statusCode).toBe(200);
  expect(await t.read(`executions/${EXECUTION}`, tenant)).toMatchObject({ trace_id: TRACE });
});
