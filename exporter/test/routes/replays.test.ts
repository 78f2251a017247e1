import { testApp, type TestApp } from '../support/app.js';

const PATH = '/api/v1/analytics/usage-summary?from=2026-03-01';

const headersOf = (headers: Record<string, unknown>): Record<string, unknown> => {
  const { date: _date, 'x-request-id': _id, 'x-ratelimit-remaining': _left, ...rest } = headers;
  return rest;
};

describe('A cached read that is asked again in the same words', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp({ env: { CACHE_ENABLED: 'true', RATE_LIMIT_PER_MINUTE: '1000' } });
  });
  afterAll(() => t.close());

  const calls = (body: { summary: { totalApiCalls: number } }): number => body.summary.totalApiCalls;
  const event = { occurredAt: '2026-03-10T10:00:00Z', metricType: 'api_calls', agentId: 'a' };

  it('has the same status, headers and bytes, and is counted and logged like the first', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [event]);
    const first = await t.get(PATH, tenant);
    const logged = t.log.length;
    const again = await t.get(PATH, tenant);
    expect(again.statusCode).toBe(200);
    expect(again.body).toBe(first.body);
    expect(headersOf(again.headers)).toEqual(headersOf(first.headers));
    expect(Number(again.headers['x-ratelimit-remaining'])).toBe(
      Number(first.headers['x-ratelimit-remaining']) - 1,
    );
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    const line = JSON.parse(t.log.slice(logged).find((text) => text.includes('"msg":"request"'))!);
    expect(line).toMatchObject({
      route: '/api/v1/analytics/usage-summary',
      status: 200,
      tenant,
      requestId: again.headers['x-request-id'],
    });
    expect((await t.get('/metrics', { token: null })).body).toMatch(
      /agentidp_analytics_cache_hits_total\{endpoint="usage-summary"\} [1-9]/,
    );
  });

  it('is the answer of the tenant that asks', async () => {
    const [mine, theirs] = [t.tenant(), t.tenant()];
    await t.sendAndRollup(mine, [event]);
    for (const round of [1, 2, 3]) {
      expect([round, calls((await t.get(PATH, mine)).json())]).toEqual([round, 1]);
      expect([round, calls((await t.get(PATH, theirs)).json())]).toEqual([round, 0]);
    }
  });

  it('still wants a token that may read', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < 2; i += 1) await t.get(PATH, tenant);
    expect((await t.get(PATH, { tenant, scopes: ['analytics:write'] })).statusCode).toBe(403);
    expect((await t.get(PATH, { token: null })).statusCode).toBe(401);
  });

  it('is compressed for who asks for that', async () => {
    const tenant = t.tenant();
    const path = '/api/v1/analytics/token-trends?from=2026-02-01';
    for (let i = 0; i < 3; i += 1) {
      const asker = { tenant, headers: { 'accept-encoding': 'gzip' } };
      expect((await t.get(path, asker)).headers['content-encoding']).toBe('gzip');
      expect((await t.get(path, tenant)).headers['content-encoding']).toBeUndefined();
    }
  });

  it('means another period on another day', async () => {
    const tenant = t.tenant();
    const path = '/api/v1/analytics/tokens?days=1';
    const dateOf = async (): Promise<string> => (await t.get(path, tenant)).json().data[0].date;
    await dateOf();
    expect(await dateOf()).toBe('2026-03-18');
    t.setNow('2026-03-19T00:00:01Z');
    try {
      expect(await dateOf()).toBe('2026-03-19');
      expect(await dateOf()).toBe('2026-03-19');
    } finally {
      t.setNow('2026-03-18T12:00:00Z');
    }
  });

  it('is limited like any other', async () => {
    const limited = await testApp({
      env: { CACHE_ENABLED: 'true', RATE_LIMIT_PER_MINUTE: '3' },
      database: t.database,
    });
    try {
      const statuses = [];
      for (let i = 0; i < 5; i += 1) statuses.push((await limited.get(PATH, 'limited')).statusCode);
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
    } finally {
      await limited.close();
    }
  });
});
