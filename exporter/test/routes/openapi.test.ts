/** The OpenAPI document: complete, of the form 3.1, and true to what the routes answer. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { LightMyRequestResponse } from 'fastify';
import { readFileSync } from 'node:fs';
import { ERRORS } from '../../src/errors.js';
import { PREFIX, testApp, type TestApp } from '../support/app.js';
import { call, issued, rotated } from '../support/events.js';
import { execution, step, usage, uuid } from '../support/executions.js';

interface Operation {
  summary: string;
  tags: string[];
  security?: object[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Schema {
  required?: string[];
  properties: Record<string, Schema & { items?: Schema }>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string; license: { name: string } };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: { Error: { properties: { code: { enum: string[] } } } }; securitySchemes: object };
}

let t: TestApp;
let document: Document;
const registered: string[] = [];
const addFormats = formats as unknown as typeof formats.default;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

beforeAll(async () => {
  t = await testApp({
    env: { METRICS_TOKEN: 'prometheus-token' },
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') registered.push(`${one} ${url}`);
    },
  });
  await t.sendAndRollup('acme', [
    call('2026-03-10T08:00:00Z', {
      agentId: 'a',
      agentName: 'alpha',
      endpoint: 'GET /x',
      status: 200,
      durationMs: 5,
    }),
    call('2026-03-10T09:00:00Z', { agentId: 'b', endpoint: 'GET /x', status: 500 }),
    call('2026-03-10T09:00:00Z', {}),
    issued('2026-03-10T08:00:00Z', { agentId: 'a' }),
    issued('2026-03-10T08:00:00Z', { agentId: 'b' }),
    rotated('2026-03-10T08:00:00Z', { agentId: 'b' }),
    rotated('2026-03-12T08:00:00Z', { agentId: 'b' }),
  ]);
  const executions = [
    execution(1, '2026-03-10T08:00:00Z', {
      agent_id: 'a',
      model_name: 'gpt-4o',
      error_type: 'E',
      tags: ['x'],
      execution_time_ms: 7,
      steps: [step(1, 'thought')],
      token_usages: [usage('gpt-4o', 10, 1)],
    }),
    execution(2, '2026-03-18T08:00:00Z', { status: 'running' }),
  ];
  await t.post('/api/v1/executions', { executions });
  await t.rollup();
  await t.services.ledger.runSlot('nightly', Date.parse('2026-03-18T00:05:00Z'), async () => 1);
  document = await t.read<Document>('/openapi.json', { token: null });
  ajv.addSchema(document, 'openapi');
});
afterAll(() => t.close());

const pointer = (...parts: string[]): string =>
  parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

function schemaOf(path: string, method: string, status: number): ValidateFunction {
  const response = document.paths[path]?.[method]?.responses[status];
  const type = Object.keys(response?.content ?? {})[0];
  if (type === undefined) throw new Error(`${method} ${path} does not document ${status}`);
  return ajv.compile({
    $ref: `openapi#/${pointer('paths', path, method, 'responses', String(status), 'content', type, 'schema')}`,
  });
}

function expectDocumented(path: string, method: string, response: LightMyRequestResponse): void {
  const validate = schemaOf(path, method, response.statusCode);
  validate(response.json());
  expect([path, response.statusCode, validate.errors]).toEqual([path, response.statusCode, null]);
}

const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      path,
      method,
      operation,
    ]),
  );

describe('GET /openapi.json', () => {
  it('needs no token and is of OpenAPI 3.1', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'AgentIdP Analytics', license: { name: 'Apache-2.0' } });
  });

  it('is of the version of the service, which its package has', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(document.info.version).toBe(version);
  });

  it('lists every route once, under its full canonical path', () => {
    const canonical = registered
      .filter((route) => !/ \/(analytics|api\/analytics|docs)(\/|$)/.test(route))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    const listed = operations().map(([path, method]) => `${method.toUpperCase()} ${path}`);
    expect(listed.sort()).toEqual(canonical.sort());
    expect(listed).toContain(`GET ${PREFIX}/tokens`);
    expect(listed).toContain('POST /api/v1/events');
    for (const route of listed) expect(route).not.toMatch(/ (\/analytics|\/api\/analytics)\//);
  });

  it('gives each a summary, a tag and, where a token is wanted, the security', () => {
    const open = [
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
      `${PREFIX}/export/{id}/download`,
    ];
    for (const [path, , { summary, tags, security }] of operations()) {
      expect([path, summary, tags]).toEqual([path, expect.stringMatching(/\w/), [expect.any(String)]]);
      expect([path, security]).toEqual([path, open.includes(path) ? undefined : [{ bearer: [] }]]);
    }
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
  });

  it('documents the errors of each route with the one schema of errors', () => {
    expect(document.components.schemas.Error.properties.code.enum).toEqual(Object.keys(ERRORS));
    for (const [path, method, { responses }] of operations()) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400 || path === '/health/ready') continue;
        expect([path, method, content?.['application/json']?.schema]).toEqual([
          path,
          method,
          { $ref: '#/components/schemas/Error' },
        ]);
      }
    }
  });

  it('names every parameter of the contract', () => {
    const named = (path: string): string[] =>
      (document.paths[`${PREFIX}/${path}`]!.get!.parameters ?? []).map(({ name }) => name).sort();
    expect(named('tokens')).toEqual(['days']);
    expect(named('agents')).toEqual(['cursor', 'limit']);
    expect(named('agents/activity')).toEqual(['agentId', 'from', 'to']);
    expect(named('usage-summary')).toEqual(['from', 'to']);
    expect(named('agent-activity')).toEqual(['agentId', 'cursor', 'from', 'limit', 'to']);
    expect(named('token-trends')).toEqual(['from', 'granularity', 'to']);
    expect(named('credential-rotations')).toEqual(['cursor', 'from', 'limit', 'to']);
    expect(named('call-patterns')).toEqual(['from', 'limit', 'to']);
    expect(named('dimensions/{dimension}/values')).toEqual(['dimension', 'limit', 'search']);
    expect(named('jobs')).toEqual(['from', 'to']);
    expect(named('catalog')).toEqual([]);
  });

  it('describes an event field by field', () => {
    const body = document.paths['/api/v1/events']!.post!.requestBody!.content['application/json'].schema;
    const event = body.properties.events!.items!;
    expect(Object.keys(event.properties)).toEqual([
      'id',
      'occurredAt',
      'agentId',
      'agentName',
      'metricType',
      'count',
      'endpoint',
      'status',
      'durationMs',
      'userId',
      'userName',
      'environment',
    ]);
    expect(event.required).toEqual(['metricType']);
    expect(event.properties.metricType).toMatchObject({
      enum: ['api_calls', 'token_issuances', 'token_failures', 'credential_rotations'],
    });
  });

  it('tells the formats of an export', () => {
    const { get } = document.paths['/api/v1/analytics/export']!;
    const { content } = get!.responses[200] as { content: Record<string, unknown> };
    expect(Object.keys(content)).toEqual([
      ...['text/csv', 'application/json', 'application/x-ndjson', 'application/vnd.apache.parquet'],
    ]);
  });

  it('has only references that lead somewhere', () => {
    for (const [path, method, { responses }] of operations()) {
      for (const status of Object.keys(responses).filter((code) => code !== '204'))
        expect(() => schemaOf(path, method, Number(status))).not.toThrow();
    }
    expect(JSON.stringify(document)).not.toMatch(/"\$ref":"(?!#\/components\/)/);
  });
});

describe('what a route answers is what the document says', () => {
  const PERIOD = 'from=2026-03-01&to=2026-03-18';
  it.each([
    ['tokens', 'tokens'],
    ['agents/activity', `agents/activity?${PERIOD}`],
    ['agents', 'agents?limit=1'],
    ['usage-summary', `usage-summary?${PERIOD}`],
    ['usage-summary', 'usage-summary?from=2026-01-01&to=2026-01-02'],
    ['agent-activity', `agent-activity?limit=1&${PERIOD}`],
    ['token-trends', `token-trends?granularity=week&${PERIOD}`],
    ['credential-rotations', `credential-rotations?limit=1&${PERIOD}`],
    ['call-patterns', `call-patterns?${PERIOD}`],
    ['catalog', 'catalog'],
    ['jobs', `jobs?to=2099-01-01&from=2026-01-01`],
    ['dimensions/{dimension}/values', 'dimensions/agent/values'],
    ['dimensions/{dimension}/values', 'dimensions/nonsense/values'],
    ['overview', 'overview'],
    ['overview', 'overview?period=24h'],
    ['overview', 'overview?start_date=x'],
    ['agents/{id}/stats', 'agents/a/stats?period=30d'],
    ['agents/{id}/stats', 'agents/nobody/stats'],
    ['costs/summary', 'costs/summary?period=30d'],
    ['costs/forecast', 'costs/forecast'],
    ['comparison/models', 'comparison/models?period=30d'],
    ['executions', 'executions?page_size=1'],
    ['executions', 'executions?page=0'],
    ['executions/{id}', `executions/${uuid(1)}`],
    ['executions/{id}', `executions/${uuid(9)}`],
    ['prices', 'prices'],
    ['tokens', 'tokens?days=0'],
    ['token-trends', 'token-trends?granularity=x'],
    ['usage-summary', 'usage-summary?from=x'],
    ['agent-activity', 'agent-activity?agentId=nobody'],
  ])('%s: GET %s', async (path, asked) => {
    expectDocumented(`${PREFIX}/${path}`, 'get', await t.get(asked));
    expectDocumented(`${PREFIX}/${path}`, 'get', await t.get(asked, { token: null }));
    expectDocumented(`${PREFIX}/${path}`, 'get', await t.get(asked, { scopes: [] }));
  });

  it.each(['/health/live', '/health/ready', '/openapi.json'])('GET %s', async (path) => {
    expectDocumented(path, 'get', await t.get(path, { token: null }));
  });

  it('POST /query, its good and its bad results', async () => {
    const range = { from: '2026-03-09T00:00:00Z', to: '2026-03-20T00:00:00Z' };
    const queries = [
      { refId: 'A', metric: 'api_error_rate', groupBy: ['agent', 'statusCode'], interval: 'day' },
      { refId: 'B', metric: 'nonsense' },
      { refId: 'C', metric: 'days_since_rotation', interval: 'day' },
    ];
    const path = `${PREFIX}/query`;
    expectDocumented(path, 'post', await t.post('query', { range, queries }));
    expectDocumented(path, 'post', await t.post('query', { range, queries: [queries[1]] }));
    expectDocumented(path, 'post', await t.post('query', 'x', { headers: { 'content-type': 'text/csv' } }));
    expectDocumented(path, 'post', await t.post('query', 'x'.repeat(2_000_000)));
  });

  it('POST /api/v1/events, with everything accepted and with something rejected', async () => {
    const path = '/api/v1/events';
    for (const events of [
      [],
      [{ metricType: 'api_calls' }],
      [{}, { metricType: 'api_calls', occurredAt: '2001-01-01T00:00:00Z' }],
    ]) {
      expectDocumented(path, 'post', await t.post(path, { events }));
    }
    expectDocumented(path, 'post', await t.post(path, { events: Array(10_001).fill({}) }));
  });

  it('executions, their steps and token usages, with something accepted and something rejected', async () => {
    const path = '/api/v1/executions';
    expectDocumented(
      path,
      'post',
      await t.post(path, { executions: [execution(7, '2026-03-10T08:00:00Z'), {}] }),
    );
    expectDocumented(path, 'post', await t.post(path, { executions: Array(1_001).fill({}) }));
    for (const [what, field] of [
      ['steps', 'steps'],
      ['token-usages', 'token_usages'],
    ] as const) {
      const named = `${path}/{id}/${what}`;
      expectDocumented(named, 'post', await t.post(`${path}/${uuid(7)}/${what}`, { [field]: [{}] }));
      expectDocumented(named, 'post', await t.post(`${path}/${uuid(8)}/${what}`, { [field]: [] }));
    }
  });

  it('prices, budgets and reservations, made, read, changed, refused and deleted', async () => {
    const admin = { scopes: ['analytics:read', 'analytics:write', 'analytics:admin'] } as const;
    type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    const asked = async (method: Method, named: string, id: string, payload?: object) => {
      const response = await t.app.inject({
        method,
        url: `${PREFIX}/${named.replace('{id}', id)}`,
        headers: await t.headers(admin),
        ...(payload && { payload }),
      });
      const path = `${PREFIX}/${named}`;
      if (response.statusCode !== 204) expectDocumented(path, method.toLowerCase(), response);
      else
        expect([document.paths[path]?.delete?.responses[204] !== undefined, response.body]).toEqual([
          true,
          '',
        ]);
      return response;
    };
    const idOf = (response: { json: <T>() => T }): string => response.json<{ id: string }>().id;

    const price = {
      provider: 'own',
      model_name: 'm',
      effective_from: '2026-03-01T00:00:00Z',
      input_usd_per_mtok: 1,
      output_usd_per_mtok: 2,
    };
    const priced = idOf(await asked('PUT', 'prices', '', price));
    await asked('PUT', 'prices', '', { ...price, input_usd_per_mtok: -1 });
    await asked('GET', 'prices', '');
    expect((await asked('DELETE', 'prices/{id}', priced)).statusCode).toBe(204);
    expect((await asked('DELETE', 'prices/{id}', priced)).statusCode).toBe(404);

    const stop = { name: 'stop', threshold_usd: 1_000, alert_type: 'hard_stop' };
    const budget = idOf(await asked('POST', 'budgets', '', stop));
    expect((await asked('POST', 'budgets', '', { threshold_usd: 0 })).statusCode).toBe(400);
    expect((await asked('GET', 'budgets', '')).statusCode).toBe(200);
    expect((await asked('GET', 'budgets/{id}', budget)).statusCode).toBe(200);
    expect((await asked('GET', 'budgets/{id}', uuid(99))).statusCode).toBe(404);
    expect((await asked('PATCH', 'budgets/{id}', budget, { threshold_usd: 2_000 })).statusCode).toBe(200);

    const reservations = 'budgets/reservations';
    const held = idOf(await asked('POST', reservations, '', { estimated_cost_usd: 1 }));
    const refused = await asked('POST', reservations, '', { estimated_cost_usd: 5_000 });
    expect(refused.statusCode).toBe(402);
    expect((await asked('DELETE', `${reservations}/{id}`, held)).statusCode).toBe(204);
    expect((await asked('DELETE', `${reservations}/{id}`, held)).statusCode).toBe(404);
    expect((await asked('DELETE', 'budgets/{id}', budget)).statusCode).toBe(204);
  });
});

describe('GET /docs', () => {
  it('is a page of the document, without a token', async () => {
    const page = await t.get('/docs/', { token: null });
    expect([page.statusCode, page.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    expect((await t.get('/docs/json', { token: null })).json()).toEqual(document);
  });
});
