/** What holds for every route: prefixes, who is refused first, parameters, ids of requests, forms of errors. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Json, PREFIX, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.sendAndRollup('acme', [
    call('2026-03-10T08:00:00Z', { agentId: 'a', endpoint: 'GET /x', status: 200 }),
  ]);
});
afterAll(() => t.close());

const READS = [
  'tokens',
  'agents/activity',
  'agents',
  'usage-summary',
  'agent-activity',
  'token-trends',
  'credential-rotations',
  'call-patterns',
  'catalog',
  'dimensions/agent/values',
  'jobs',
];
const QUERY = {
  range: { from: '2026-03-01T00:00:00Z', to: '2026-03-11T00:00:00Z' },
  queries: [{ refId: 'A', metric: 'api_calls' }],
};

describe('the prefixes', () => {
  it.each(READS)('answer GET /%s alike', async (path) => {
    const answers = await Promise.all(
      ['/api/v1/analytics', '/analytics', '/api/analytics'].map((prefix) => t.get(`${prefix}/${path}`)),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers[0]!.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('answer POST /query alike', async () => {
    for (const prefix of ['/api/v1/analytics', '/analytics', '/api/analytics']) {
      const response = await t.post(`${prefix}/query`, QUERY);
      expect(response.json()).toMatchObject({
        results: { A: { columns: [{ name: 'value', values: [1] }] } },
      });
    }
  });

  it.each(['/health/live', '/metrics', '/openapi.json', '/docs/'])(
    'do not hold %s, which stands at the root',
    async (path) => {
      expect((await t.get(path, { token: null })).statusCode).toBe(200);
      expect(refusalOf(await t.get(`${PREFIX}${path}`))).toEqual([404, 'NOT_FOUND']);
    },
  );

  it('do not stand for each other', async () => {
    for (const url of ['/tokens', '/v1/analytics/tokens', '/api/v2/analytics/tokens', `${PREFIX}x/tokens`]) {
      expect(refusalOf(await t.get(url))).toEqual([404, 'NOT_FOUND']);
    }
  });
});

describe('who is refused', () => {
  const bad = ['?nonsense=1', '?from=nonsense&days=0&limit=x'];

  it.each(READS.flatMap((path) => ['', ...bad].map((query) => path + query)))(
    'without a token at GET /%s is told 401, whatever else is wrong',
    async (path) => {
      const response = await t.get(path, { token: null });
      expect(refusalOf(response)).toEqual([401, 'UNAUTHORIZED']);
      expect(response.headers['www-authenticate']).toBe('Bearer');
    },
  );

  it.each(READS.flatMap((path) => ['', ...bad].map((query) => path + query)))(
    'without the scope at GET /%s is told 403, whatever else is wrong',
    async (path) => {
      const response = await t.get(path, { scopes: ['analytics:write', 'analytics:admin'] });
      expect(refusalOf(response)).toEqual([403, 'FORBIDDEN']);
      expect(response.json<Json>().message).toContain('analytics:read');
    },
  );

  it.each([
    ['POST', `${PREFIX}/query`, ['analytics:write']],
    ['POST', '/api/v1/events', ['analytics:read', 'analytics:admin']],
  ] as const)('at %s %s is told so before the body is read', async (_method, url, scopes) => {
    for (const body of ['', '{"', '[]', 'x'.repeat(2_000_000)]) {
      expect(refusalOf(await t.post(url, body, { token: null }))).toEqual([401, 'UNAUTHORIZED']);
      expect(refusalOf(await t.post(url, body, { scopes }))).toEqual([403, 'FORBIDDEN']);
      const unreadable = { headers: { 'content-type': 'application/xml', 'content-encoding': 'br' } };
      expect(refusalOf(await t.post(url, body, { token: null, ...unreadable }))).toEqual([
        401,
        'UNAUTHORIZED',
      ]);
    }
  });

  it.each(['/api/v1/analytics', '/analytics', '/api/analytics'])(
    'below %s is told so at unknown routes too, and only a reader that there is none',
    async (prefix) => {
      for (const path of ['', '/', '/nonsense', '/tokens/', '/tokens/more', '?x=1', '/agents/a/b/c']) {
        expect(refusalOf(await t.get(prefix + path, { token: null }))).toEqual([401, 'UNAUTHORIZED']);
        expect(refusalOf(await t.get(prefix + path, { scopes: [] }))).toEqual([403, 'FORBIDDEN']);
        expect(refusalOf(await t.get(prefix + path))).toEqual([404, 'NOT_FOUND']);
      }
      for (const asker of [{ token: null }, {}]) {
        const wrongMethod = await t.post(`${prefix}/tokens`, '{"', asker);
        expect(refusalOf(wrongMethod)).toEqual('token' in asker ? [401, 'UNAUTHORIZED'] : [404, 'NOT_FOUND']);
      }
    },
  );

  it('elsewhere is told 404, with the method and the path', async () => {
    const response = await t.get('/nonsense?secret=1', { token: null });
    expect(refusalOf(response)).toEqual([404, 'NOT_FOUND']);
    expect(response.json<Json>().message).toContain('GET /nonsense');
    expect(response.body).not.toContain('secret');
  });
});

describe('parameters', () => {
  it.each(READS)('that GET /%s does not know are refused by name', async (path) => {
    for (const name of ['nonsense', 'From', 'tenantId', 'organization_id']) {
      const response = await t.get(`${path}?${name}=1`);
      expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
      expect(response.json<Json>().message).toContain(`"${name}"`);
    }
  });

  it.each([
    [{ ...QUERY, tenantId: 'other' }, 'tenantId'],
    [{ ...QUERY, range: { ...QUERY.range, raw: {} } }, 'raw'],
    [{ ...QUERY, queries: [{ ...QUERY.queries[0], hide: true }] }, 'hide'],
    [{ ...QUERY, queries: [{ ...QUERY.queries[0], orderBy: { by: 'value', nulls: 'first' } }] }, 'nulls'],
  ])('of a body that are not known are refused by name', async (body, name) => {
    const response = await t.post('query', body);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toContain(`"${name}"`);
  });

  it('holding U+0000 are refused', async () => {
    for (const path of [
      'agents?cursor=%00',
      'dimensions/agent/values?search=a%00b',
      'agent-activity?agentId=%00',
    ]) {
      expect(refusalOf(await t.get(path))).toEqual([400, 'VALIDATION_ERROR']);
    }
    const [query] = QUERY.queries;
    for (const field of ['refId', 'metric', 'interval']) {
      const response = await t.post('query', { ...QUERY, queries: [{ ...query, [field]: 'a\0' }] });
      expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    }
  });
});

describe('bodies', () => {
  const url = 'query';

  it.each(['', '{', '[1,', 'null', '[]', '"text"', '1', '{"__proto__":{}}', '{"range":null}'])(
    'that are no query, such as %j, are 400',
    async (body) => {
      expect(refusalOf(await t.post(url, body))).toEqual([400, 'VALIDATION_ERROR']);
    },
  );

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense'])(
    'of the type %s are 415',
    async (type) => {
      const response = await t.post(url, JSON.stringify(QUERY), { headers: { 'content-type': type } });
      expect(refusalOf(response)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
      expect(response.json()).toMatchObject({ message: expect.stringContaining(`${type} is not accepted`) });
    },
  );

  it.each(['br', 'deflate', 'zstd', 'nonsense'])('encoded as %s are 415', async (encoding) => {
    const response = await t.post(url, JSON.stringify(QUERY), { headers: { 'content-encoding': encoding } });
    expect(refusalOf(response)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it.each(['gzip', 'GZIP', 'x-gzip', 'Identity'])('may be encoded as %s', async (encoding) => {
    const text = JSON.stringify(QUERY);
    const body = encoding === 'Identity' ? text : gzipSync(text);
    expect((await t.post(url, body, { headers: { 'content-encoding': encoding } })).statusCode).toBe(200);
  });

  it('may name a charset', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await t.post(url, QUERY, { headers })).statusCode).toBe(200);
  });

  it('that a DELETE calls JSON and does not have are none, and elsewhere a mistake', async () => {
    const admin = { scopes: ['analytics:admin'] as const };
    const headers = { ...(await t.headers(admin)), 'content-type': 'application/json' };
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    const remove = await t.app.inject({ method: 'DELETE', url: `${PREFIX}/budgets/${id}`, headers });
    expect(refusalOf(remove)).toEqual([404, 'BUDGET_NOT_FOUND']);
    const make = await t.app.inject({ method: 'POST', url: `${PREFIX}/budgets`, headers });
    expect(refusalOf(make)).toEqual([400, 'VALIDATION_ERROR']);
    const fields = { url: `${PREFIX}/budgets/${id}`, headers, payload: '{"bogus":1}' };
    const refused = await t.app.inject({ method: 'DELETE', ...fields });
    expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused.json()).toMatchObject({ message: expect.stringContaining('unknown field "bogus"') });
    for (const payload of ['[]', '[1]', '"abc"', '7']) {
      const other = await t.app.inject({ method: 'DELETE', ...fields, payload });
      expect([payload, ...refusalOf(other)]).toEqual([payload, 400, 'VALIDATION_ERROR']);
    }
    const empty = await t.app.inject({ method: 'DELETE', ...fields, payload: '{}' });
    expect(refusalOf(empty)).toEqual([404, 'BUDGET_NOT_FOUND']);
  });

  it('beyond a mebibyte are 413, whether or not their length is told', async () => {
    const body = JSON.stringify({ ...QUERY, padding: 'x'.repeat(1_100_000) });
    const whole = await t.post(url, body);
    expect(refusalOf(whole)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(whole.json()).toMatchObject({ message: expect.stringContaining('larger than 1 MiB') });
    const streamed = await t.app.inject({
      method: 'POST',
      url: `${PREFIX}/query`,
      headers: { ...(await t.headers()), 'content-type': 'application/json' },
      payload: Readable.from([body]),
    });
    expect(refusalOf(streamed)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});

describe('HEAD', () => {
  it.each(READS)('/%s has the headers of GET and no body', async (path) => {
    const response = await t.app.inject({
      method: 'HEAD',
      url: `${PREFIX}/${path}`,
      headers: await t.headers(),
    });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect(Number(response.headers['content-length'])).toBeGreaterThan(0);
    expect((await t.app.inject({ method: 'HEAD', url: `${PREFIX}/${path}` })).statusCode).toBe(401);
  });
});

describe('x-request-id', () => {
  const idOf = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
    (await t.get(path, { headers })).headers['x-request-id'];

  it('is made anew for each request, whatever becomes of it', async () => {
    const paths = ['tokens', 'tokens?days=0', 'nonsense', '/health/live', '/%zz', '/'];
    const ids = await Promise.all(paths.map((path) => idOf(path)));
    expect(new Set(ids).size).toBe(paths.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}$/);
  });

  it('is taken over where it is plain, and not otherwise', async () => {
    expect(await idOf('tokens', { 'x-request-id': 'trace:42.a_b-c' })).toBe('trace:42.a_b-c');
    for (const id of ['', 'with space', 'x'.repeat(129), '<script>', '{"a":1}']) {
      expect(await idOf('tokens', { 'x-request-id': id })).not.toBe(id);
    }
  });
});

it('a request that takes more than a minute to send is cut off', () => {
  expect(t.app.server.requestTimeout).toBe(60_000);
});
