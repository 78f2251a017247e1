/** Hostile values in every parameter and body of every route of the OpenAPI document, in turn. */
import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { signToken } from '../../src/auth/tokens.js';
import { ERRORS } from '../../src/errors.js';
import { SECRET, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, step, usage } from '../support/executions.js';
import {
  type HostileRequest,
  type Operation,
  operationsOf,
  requestOf,
  type Schema,
} from '../support/hostile.js';

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

/** Live figures are sent until the token expires. */
const tokenFor = async ({ path }: Operation): Promise<string> =>
  path.endsWith('/live')
    ? signToken({
        ...{ secret: SECRET, tenantId: 'acme', subject: 'tests', lifetimeSeconds: 2 },
        scopes: ['analytics:read'],
      })
    : token;

it('is answered, or refused with an error of the catalogue', async () => {
  expect(operations.length).toBeGreaterThan(50);
  const each = Math.max(1, Math.floor(INPUTS / operations.length));
  const seen = new Set<number>();
  for (const operation of operations) {
    const property = fc.asyncProperty(requestOf(operation), async (sent) => {
      const { url, contentType, payload } = sent;
      const authorization = `Bearer ${await tokenFor(operation)}`;
      const response = await t.app.inject({
        method: operation.method as 'GET',
        url,
        headers: {
          authorization,
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

/** A value of the schema in which every text has U+0000. */
function withNul({ type, properties, items, anyOf }: Schema): unknown {
  if (anyOf !== undefined) return withNul(anyOf.find((one) => one.type !== 'null') ?? {});
  switch (Array.isArray(type) ? type.find((one) => one !== 'null') : type) {
    case 'object':
      return Object.fromEntries(Object.entries(properties ?? {}).map(([name, one]) => [name, withNul(one)]));
    case 'array':
      return [withNul(items ?? {})];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return 'a\0b';
  }
}

describe('U+0000', () => {
  const send = async ({ method }: Operation, url: string, payload?: object): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const { statusCode, body } = await t.app.inject({ method: method as 'GET', url, headers, payload });
    expect({ url, body: body.slice(0, 200), isInternal: statusCode >= 500 }).toMatchObject({
      isInternal: false,
    });
    return statusCode;
  };
  const pathOf = ({ path }: Operation): string =>
    path.replace('{dimension}', 'agent').replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000001');

  it('in a parameter is refused', async () => {
    for (const operation of operations) {
      for (const { name } of operation.parameters.filter((parameter) => parameter.in === 'query')) {
        const url = `${pathOf(operation)}?${name}=a%00b`;
        // A signed link with any other text is none that the service has signed.
        const wanted = operation.path.endsWith('/download') ? 403 : 400;
        expect([url, await send(operation, url)]).toEqual([url, wanted]);
      }
    }
  });

  it('in a list of parameters is refused', async () => {
    const funnel = operations.find(({ path }) => path.endsWith('/sessions/funnel'))!;
    expect(await send(funnel, `${funnel.path}?steps=a&steps=b%00c`)).toBe(400);
  });

  it('in the path is refused, or names what there cannot be', async () => {
    for (const operation of operations) {
      for (const { name } of operation.parameters.filter((parameter) => parameter.in === 'path')) {
        const url = pathOf({ ...operation, path: operation.path.replace(`{${name}}`, 'a%00b') });
        expect([400, 404]).toContain(await send(operation, url, {}));
      }
    }
  });

  it('in a body is refused, field by field', async () => {
    let fields = 0;
    for (const operation of operations) {
      const schema = operation.bodies['application/json'];
      if (schema === undefined) continue;
      for (const [name, one] of Object.entries(schema.properties ?? {})) {
        const value = withNul(one);
        if (!JSON.stringify(value).includes('\\u0000')) continue;
        fields += 1;
        const status = await send(operation, pathOf(operation), { [name]: value });
        expect([operation.path, name, status]).toEqual([operation.path, name, 400]);
      }
    }
    expect(fields).toBeGreaterThan(10);
  });

  it('is refused after all else is right', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const send = async (method: 'POST' | 'PUT', path: string, payload: object): Promise<unknown> => {
      const response = await t.app.inject({ method, url: `/api/v1/analytics/${path}`, headers, payload });
      return [response.statusCode, response.json<{ message: string }>().message];
    };
    expect(await send('POST', 'budgets', { threshold_usd: 1, name: 'a\0' })).toEqual([
      400,
      'field name must not contain U+0000',
    ]);
    expect(await send('PUT', 'directory/agents/a', { tags: ['x', 'y\0'] })).toEqual([
      400,
      expect.stringMatching(/^field tags/),
    ]);
  });
});

it('leaves a service that answers as before', async () => {
  await t.rollup();
  expect((await t.get('/health/ready', { token: null })).statusCode).toBe(200);
  for (const path of ['overview', 'tokens', 'costs/summary', 'executions', 'budgets', 'prices', 'agents'])
    expect((await t.get(path)).statusCode).toBe(200);
  const events = [call('2026-03-18T08:00:00Z', { agentId: 'after' })];
  expect((await t.post('/api/v1/events', { events }, 'another')).json()).toMatchObject({ accepted: 1 });
});
