/** Whatever is sent to whichever route: never a 5xx, and every refusal an error of the catalogue. */
import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { ERRORS } from '../../src/errors.js';
import { METRICS } from '../../src/catalog/index.js';
import { PREFIX, testApp, type TestApp } from '../support/app.js';
import { call, issued, rotated } from '../support/events.js';
import { execution, step, usage, uuid } from '../support/executions.js';

let t: TestApp;
let token: string;
beforeAll(async () => {
  t = await testApp({ env: { CACHE_ENABLED: 'true', METRICS_TOKEN: 'prometheus-token' } });
  token = await t.token('acme', ['analytics:read', 'analytics:write', 'analytics:admin']);
  const run = execution(1, '2026-03-10T08:00:00Z', {
    agent_id: 'a',
    model_name: 'gpt-4o',
    steps: [step(1, 'tool_call', { tool_name: 'x' })],
    token_usages: [usage('gpt-4o', 10, 1)],
  });
  expect((await t.post('/api/v1/executions', { executions: [run] })).statusCode).toBe(200);
  await t.sendAndRollup('acme', [
    call('2026-03-10T08:00:00Z', { agentId: 'a', endpoint: 'GET /x', status: 200, durationMs: 5 }),
    issued('2026-03-10T08:00:00Z', { agentId: 'a' }),
    rotated('2026-03-18T08:00:00Z', { agentId: 'b' }),
  ]);
});
afterAll(() => t.close());

const PARAMETERS = [
  ...['days', 'from', 'to', 'agentId', 'granularity', 'limit', 'cursor', 'search'],
  ...[
    'period',
    'start_date',
    'end_date',
    'status',
    'agent_id',
    'q',
    'sort_by',
    'sort_order',
    'page',
    'page_size',
  ],
  ...['dataset', 'format'],
];
const GETS = [
  'tokens',
  'agents/activity',
  'agents',
  'usage-summary',
  'agent-activity',
  'token-trends',
  'credential-rotations',
  'call-patterns',
  'catalog',
  'jobs',
  'dimensions/agent/values',
  'dimensions/endpoint/values',
  'dimensions/statusCode/values',
  'dimensions/weekday/values',
  'dimensions/tool/values',
  'overview',
  'agents/a/stats',
  'costs/summary',
  'costs/forecast',
  'comparison/models',
  'executions',
  `executions/${uuid(1)}`,
  'prices',
  'export',
].map((path) => `${PREFIX}/${path}`);
const ROOT = [
  '/metrics',
  '/metrics/tenant',
  '/metrics/tenants',
  '/health/live',
  '/health/ready',
  '/openapi.json',
];

/** Text of every kind: plain, likely, of any script, with controls and halves of characters. */
const text = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '0',
      '-1',
      '1e309',
      'NaN',
      'null',
      'true',
      '2026-03-10',
      '2026-02-30',
      '9999-12-31',
      '1000-01-01',
      'week',
    ],
    ...[
      '2026-03-10T00:00:00Z',
      '9999-12-31T23:59:59.999-23:59',
      '1000-01-01T00:00:00+23:59',
      'a',
      '*',
      '%',
      '\\',
      "'",
    ],
    ...[
      '\0',
      'a\0b',
      '\ud800',
      '__proto__',
      'constructor',
      '[]',
      '{}',
      '${1}',
      '../..',
      'WyJhIl0',
      'WzFlNDAwLCJhIl0',
    ],
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
);
const wellFormed = text.map((value) => value.replace(/\p{Cs}/gu, ''));
const queryString = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...PARAMETERS) },
        { weight: 1, arbitrary: wellFormed },
      ),
      wellFormed,
    ),
    {
      maxLength: 4,
    },
  )
  .map((pairs) =>
    pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
  );
const rawQuery = fc.oneof(
  { weight: 4, arbitrary: queryString },
  { weight: 1, arbitrary: fc.string().map((raw) => raw.replace(/[^\x21-\x7e]|#/g, '')) },
);
const headerValue = fc.string().map((value) => value.replace(/[^\x20-\x7e]/g, ''));
const headers = fc.record(
  {
    'x-request-id': headerValue,
    accept: headerValue,
    'accept-encoding': fc.oneof(headerValue, fc.constantFrom('gzip', 'gzip;q=0', 'br, *;q=0.1')),
    'content-encoding': fc.oneof(headerValue, fc.constantFrom('gzip', 'identity', 'gzip, gzip')),
    'x-forwarded-for': headerValue,
    authorization: fc.oneof(headerValue, fc.constant('Bearer prometheus'), fc.constant('Bearer a.b.c')),
    'if-none-match': headerValue,
  },
  { requiredKeys: [] },
);

function checked(response: LightMyRequestResponse): void {
  const { statusCode, body } = response;
  if (statusCode >= 500) throw new Error(`${statusCode}: ${body}\n${t.log.slice(-3).join('')}`);
  expect(response.headers['x-request-id']).toEqual(expect.any(String));
  if (statusCode < 400) return;
  const error = response.json<{ code: keyof typeof ERRORS; message: string }>();
  expect(Object.keys(error).filter((key) => key !== 'details')).toEqual(['code', 'message']);
  expect(ERRORS[error.code]).toBe(statusCode);
  expect(error.message.length).toBeGreaterThan(5);
}

const RUNS = { numRuns: 30, endOnFailure: true };

describe('anything in a query string or in headers', () => {
  it.each([...GETS, ...ROOT])('of GET %s', async (url) => {
    const property = fc.asyncProperty(rawQuery, headers, async (query, more) => {
      const given = { authorization: `Bearer ${token}`, ...more };
      checked(await t.app.inject({ method: 'GET', url: `${url}?${query}`, headers: given }));
    });
    await fc.assert(property, RUNS);
  });
});

describe('anything in a path', () => {
  it('below the prefixes or beside them', async () => {
    const segment = wellFormed.map((value) => encodeURIComponent(value));
    const raw = fc.string().map((value) => value.replace(/[^\x21-\x7e]|[#?]/g, ''));
    const path = fc.tuple(
      fc.constantFrom(PREFIX, '/analytics', '', '/api/v1/analytics/dimensions', '/docs', '/docs/static'),
      fc.array(fc.oneof(segment, raw), { maxLength: 3 }),
      fc.constantFrom('', '/values'),
    );
    const property = fc.asyncProperty(
      path,
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      async ([prefix, segments, end], method) => {
        const url = `${prefix}/${segments.join('/')}${end}`;
        if (!URL.canParse(url, 'http://localhost') || url.startsWith('//')) return;
        checked(
          await t.app.inject({ method: method as 'GET', url, headers: { authorization: `Bearer ${token}` } }),
        );
      },
    );
    await fc.assert(property, { ...RUNS, numRuns: 150 });
  });
});

/** Bodies: those of the route with parts replaced by anything, any JSON, and any bytes. */
const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>;
const value = fc.oneof(
  { weight: 3, arbitrary: text as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: anything },
);
const maybe = <T>(likely: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: likely }, { weight: 1, arbitrary: value });
const time = fc
  .date({ min: new Date('2025-01-01'), max: new Date('2026-04-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const dimension = fc.constantFrom('agent', 'endpoint', 'statusClass', 'statusCode', 'weekday', 'hourOfDay');
const query = fc.record(
  {
    refId: fc.oneof(
      { weight: 9, arbitrary: fc.uuid() as fc.Arbitrary<unknown> },
      { weight: 1, arbitrary: value },
    ),
    metric: maybe(fc.constantFrom(...METRICS.map(({ name }) => name))),
    groupBy: maybe(fc.uniqueArray(dimension, { maxLength: 2 })),
    filters: maybe(
      fc.array(
        fc.record({
          dimension: maybe(dimension),
          operator: maybe(fc.constantFrom('in', 'notIn', 'matches')),
          values: maybe(fc.array(fc.oneof(text, fc.integer(), fc.double()), { maxLength: 3 })),
        }),
        { maxLength: 2 },
      ),
    ),
    interval: maybe(fc.constantFrom('minute', '15m', 'hour', '6h', 'day', 'week', 'month', 'none')),
    orderBy: maybe(
      fc.record({
        by: maybe(fc.constantFrom('value', 'time', 'agent')),
        direction: maybe(fc.constantFrom('asc', 'desc')),
      }),
    ),
    limit: maybe(fc.integer({ min: 0, max: 20 })),
  },
  { requiredKeys: ['refId', 'metric'] },
);
const queryBody = fc.record(
  {
    range: maybe(fc.record({ from: maybe(time), to: maybe(time) })),
    timeZone: maybe(
      fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+12', 'Factory', 'EST5EDT'),
    ),
    queries: maybe(fc.array(query, { minLength: 1, maxLength: 4 })),
  },
  { requiredKeys: ['range', 'queries'] },
);
const event = fc.record(
  {
    id: maybe(fc.uuid()),
    occurredAt: maybe(time),
    agentId: maybe(fc.constantFrom('a', 'b', null)),
    agentName: maybe(text),
    metricType: maybe(
      fc.constantFrom('api_calls', 'token_issuances', 'token_failures', 'credential_rotations'),
    ),
    count: maybe(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    endpoint: maybe(text),
    status: maybe(fc.integer({ min: 100, max: 599 })),
    durationMs: maybe(fc.double({ min: 0, max: 1e12, noNaN: true })),
    userId: maybe(text),
  },
  { requiredKeys: ['metricType'] },
);
const eventsBody = fc.record({ events: maybe(fc.array(maybe(event), { maxLength: 20 })) });

const word = maybe(fc.constantFrom('a', 'gpt-4o', 'openai', null, 'x'.repeat(300)));
const tokens = maybe(fc.integer({ min: 0, max: 2_000_000 }));
const wireStep = fc.record(
  {
    step_number: maybe(fc.integer({ min: 0, max: 5 })),
    step_type: maybe(fc.constantFrom('thought', 'tool_call')),
    content: maybe(text),
    tool_name: word,
    duration_ms: maybe(fc.double({ min: 0, max: 1e9, noNaN: true })),
    timestamp: maybe(time),
  },
  { requiredKeys: ['step_number', 'step_type'] },
);
const wireUsage = fc.record(
  {
    id: word,
    component: maybe(fc.constantFrom('main_agent', 'other')),
    model: word,
    input_tokens: tokens,
    cached_input_tokens: tokens,
    output_tokens: tokens,
    cost_usd: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
  },
  { requiredKeys: ['component'] },
);
const wireExecution = fc.record(
  {
    id: maybe(fc.uuid()),
    agent_id: word,
    agent_name: maybe(text),
    user_id: word,
    provider: word,
    model_name: word,
    status: maybe(fc.constantFrom('running', 'success', 'failure', 'timeout', 'blocked')),
    started_at: maybe(time),
    completed_at: maybe(time),
    execution_time_ms: maybe(fc.double({ min: 0, max: 1e9, noNaN: true })),
    input_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: tokens,
    cost_usd: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
    query_preview: maybe(text),
    error_type: word,
    tags: maybe(fc.array(text, { maxLength: 3 })),
    reservation_id: maybe(fc.uuid()),
    steps: maybe(fc.array(maybe(wireStep), { maxLength: 3 })),
    token_usages: maybe(fc.array(maybe(wireUsage), { maxLength: 3 })),
  },
  { requiredKeys: ['id', 'status', 'started_at'] },
);
const executionsBody = fc.record({ executions: maybe(fc.array(maybe(wireExecution), { maxLength: 10 })) });
const stepsBody = fc.record({ steps: maybe(fc.array(maybe(wireStep), { maxLength: 5 })) });
const usagesBody = fc.record({ token_usages: maybe(fc.array(maybe(wireUsage), { maxLength: 5 })) });
const priceBody = fc.record(
  {
    provider: word,
    model_name: word,
    effective_from: maybe(time),
    input_usd_per_mtok: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
    output_usd_per_mtok: maybe(fc.double({ min: 0, max: 1e6, noNaN: true })),
    cached_input_usd_per_mtok: maybe(fc.constantFrom(null, 1)),
  },
  { requiredKeys: ['provider', 'model_name', 'effective_from', 'input_usd_per_mtok', 'output_usd_per_mtok'] },
);

const bytes = fc.uint8Array().map((array) => Buffer.from(array));
const post = (url: string, body: fc.Arbitrary<unknown>, method: 'POST' | 'PUT' = 'POST') =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 8, arbitrary: body.map((it) => JSON.stringify(it)) as fc.Arbitrary<string | Buffer> },
        { weight: 1, arbitrary: anything.map((it) => JSON.stringify(it)) },
        { weight: 1, arbitrary: bytes },
      ),
      fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
      fc.constantFrom('application/json', 'application/json', 'application/json', 'text/plain', ''),
      async (payload, more, type) => {
        const given = { authorization: `Bearer ${token}`, 'content-type': type, ...more };
        checked(await t.app.inject({ method, url, headers: given, payload }));
      },
    ),
    { ...RUNS, numRuns: 200 },
  );

describe('anything in a body', () => {
  it('of POST /query', () => post(`${PREFIX}/query`, queryBody), 60_000);
  it('of POST /api/v1/events', () => post('/api/v1/events', eventsBody), 60_000);
  it('of POST /api/v1/executions', () => post('/api/v1/executions', executionsBody), 60_000);
  it(
    'of POST /api/v1/executions/{id}/steps',
    () => post(`/api/v1/executions/${uuid(1)}/steps`, stepsBody),
    60_000,
  );
  it(
    'of POST /api/v1/executions/{id}/token-usages',
    () => post(`/api/v1/executions/${uuid(1)}/token-usages`, usagesBody),
    60_000,
  );
  it('of PUT /prices', () => post(`${PREFIX}/prices`, priceBody, 'PUT'), 60_000);

  it('leaves aggregates that can be rolled up and read', async () => {
    await t.rollup();
    for (const url of GETS) checked(await t.get(url));
    expect((await t.get('/metrics/tenant')).statusCode).toBe(200);
  });
});
