/** Hostile values in every parameter and body of every route of the OpenAPI document, in turn. */
import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { ERRORS } from '../../src/errors.js';
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, step, usage } from '../support/executions.js';
import { type HostileRequest, type Operation, operationsOf, requestOf } from '../support/hostile.js';

/** Inputs over all routes. A longer run sets FUZZ_INPUTS. */
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 500);

let t: TestApp;
let token: string;
let operations: Operation[];
beforeAll(async () => {
  t = await testApp({ env: { METRICS_TOKEN: 'a token of Prometheus' } });
  token = await t.token('acme', ['analytics:read', 'analytics:write', 'analytics:admin']);
  const run = execution(1, '2026-03-10T08:00:00Z', {
    ...{ agent_id: 'agent-1', provider: 'openai', model_name: 'gpt-4o', session_id: 'a' },
    ...{ steps: [step(1, 'tool_call', { tool_name: 'a' })], token_usages: [usage('gpt-4o', 10, 1)] },
  });
  expect((await t.post('/api/v1/executions', { executions: [run] })).statusCode).toBe(200);
  await t.sendAndRollup('acme', [call('2026-03-10T08:00:00Z', { agentId: 'agent-1', status: 200 })]);
  operations = operationsOf((await t.get('/openapi.json', { token: null })).json());
});
afterAll(() => t.close());

function checked(operation: Operation, sent: HostileRequest, response: LightMyRequestResponse): void {
  const { statusCode, body, headers } = response;
  const request = `${operation.method} ${sent.url.slice(0, 300)} ${sent.payload?.toString().slice(0, 1_000) ?? ''}`;
  if (statusCode < 400) return;
  // OTLP over protobuf has errors of its own.
  if (headers['content-type'] === 'application/x-protobuf' && statusCode < 500) return;
  const error = JSON.parse(body) as { code: keyof typeof ERRORS; message: string };
  const log = statusCode >= 500 ? t.log.slice(-3).join('') : '';
  expect({ request, log, status: statusCode, known: ERRORS[error.code] }).toEqual({
    ...{ request, log: '', status: ERRORS[error.code] },
    known: expect.any(Number),
  });
  expect(statusCode).toBeLessThan(500);
  expect(Object.keys(error).filter((key) => key !== 'details')).toEqual(['code', 'message']);
  expect(error.message).not.toBe('');
}

it('is answered, or refused with an error of the catalogue', async () => {
  expect(operations.length).toBeGreaterThan(50);
  const each = Math.max(1, Math.floor(INPUTS / operations.length));
  const seen = new Set<number>();
  for (const operation of operations) {
    const property = fc.asyncProperty(requestOf(operation), async (sent) => {
      const { url, contentType, payload } = sent;
      const response = await t.app.inject({
        method: operation.method as 'GET',
        url,
        headers: {
          authorization: `Bearer ${token}`,
          ...(contentType !== undefined && { 'content-type': contentType }),
        },
        payload,
      });
      seen.add(response.statusCode);
      checked(operation, sent, response);
    });
    await fc.assert(property, { numRuns: each, endOnFailure: true });
  }
  // Some of it is right, some wrong, and some names what there is not.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 404]));
});

/** A value of a part of a path, so that only the parameter is wrong. A UUID is an id of anything. */
const wellFormed = (part: string): string =>
  part === '{dimension}' ? 'agent' : '01890a5d-ac96-774b-bcce-b302099a8057';

it('with U+0000 in a parameter is refused', async () => {
  for (const { method, path, parameters } of operations) {
    for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
      const url = `${path.replace(/\{\w+\}/g, wellFormed)}?${name}=a%00b`;
      const headers = { authorization: `Bearer ${token}` };
      const response = await t.app.inject({ method: method as 'GET', url, headers });
      expect({ url, status: response.statusCode }).toEqual({ url, status: 400 });
    }
  }
});

it('leaves a service that answers as before', async () => {
  await t.rollup();
  expect((await t.get('/health/ready', { token: null })).statusCode).toBe(200);
  for (const path of ['overview', 'tokens', 'costs/summary', 'executions', 'budgets', 'prices', 'agents'])
    expect((await t.get(path)).statusCode).toBe(200);
  const events = [call('2026-03-18T08:00:00Z', { agentId: 'after' })];
  expect((await t.post('/api/v1/events', { events }, 'another')).json()).toMatchObject({ accepted: 1 });
});
