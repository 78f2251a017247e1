/** Tokens, tiers and the flags, as a client meets them. What a token is checked for stands in test/auth. */
import { setTimeout as sleep } from 'node:timers/promises';
import { base64url, goodClaims, sign } from '../auth/claims.js';
import { type Json, PREFIX, refusalOf, SECRET, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const setTier = (tenant: string, tier: string): Promise<unknown> =>
  t.pool.query('INSERT INTO tenants (id, tier) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET tier = $2', [
    tenant,
    tier,
  ]);

/** The log's last line of a request. */
const lastRequest = (app: TestApp): Json =>
  app.log.map((line) => JSON.parse(line) as Json).findLast(({ msg }) => msg === 'request')!;

describe('a token', () => {
  it('speaks for its organization_id alone', async () => {
    const [tenant, other] = [t.tenant(), t.tenant()];
    await t.sendAndRollup(tenant, [call('2026-03-10T08:00:00Z', { agentId: 'a' })]);
    expect(await t.read('usage-summary', tenant)).toMatchObject({ summary: { totalApiCalls: 1 } });
    expect(await t.read('usage-summary', other)).toMatchObject({
      tenantId: other,
      summary: { totalApiCalls: 0 },
    });
    const headers = { 'x-tenant-id': tenant, 'x-organization-id': tenant, 'x-grafana-org-id': tenant };
    expect(await t.read('usage-summary', { tenant: other, headers })).toMatchObject({ tenantId: other });
  });

  it('without scope may read and nothing else', async () => {
    const token = await sign(goodClaims(), SECRET);
    expect((await t.get('tokens', { token })).statusCode).toBe(200);
    expect(refusalOf(await t.post('/api/v1/events', { events: [] }, { token }))).toEqual([403, 'FORBIDDEN']);
  });

  it('that may write or administer may not read for that', async () => {
    expect((await t.post('/api/v1/events', { events: [] }, { scopes: ['analytics:write'] })).statusCode).toBe(
      200,
    );
    expect(refusalOf(await t.get('tokens', { scopes: ['analytics:write'] }))).toEqual([403, 'FORBIDDEN']);
    expect(refusalOf(await t.get('tokens', { scopes: ['analytics:admin'] }))).toEqual([403, 'FORBIDDEN']);
  });

  const now = Math.floor(Date.now() / 1000);
  const bad: Record<string, () => Promise<string>> = {
    'of another secret': () => sign(goodClaims(), 'another secret, just as long as that'),
    'of another algorithm': () => sign(goodClaims(), SECRET, 'HS384'),
    'of no algorithm': async () => `${base64url({ alg: 'none' })}.${base64url(goodClaims())}.`,
    'that has expired': () => sign({ ...goodClaims(), exp: now - 60 }, SECRET),
    'that is not valid yet': () => sign({ ...goodClaims(), nbf: now + 600 }, SECRET),
    'that never expires': () => sign({ ...goodClaims(), exp: undefined }, SECRET),
    'without tenant': () => sign({ ...goodClaims(), organization_id: undefined }, SECRET),
    'with a tenant that is no id': () => sign({ ...goodClaims(), organization_id: 'two words' }, SECRET),
    'with a list of tenants': () => sign({ ...goodClaims(), organization_id: ['acme'] }, SECRET),
    'that is huge': () => sign({ ...goodClaims(), padding: 'x'.repeat(20_000) }, SECRET),
    'that is none': async () => 'nonsense',
  };

  it.each(Object.keys(bad))('%s is a 401 that says why and repeats nothing of it', async (name) => {
    const token = await bad[name]!();
    for (const response of [
      await t.get('tokens?nonsense=1', { token }),
      await t.get('/metrics/tenant', { token }),
      await t.post('/api/v1/events', '{', { token }),
    ]) {
      expect(refusalOf(response)).toEqual([401, 'UNAUTHORIZED']);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.body).not.toContain(token.slice(0, 40));
    }
  });

  it('leaves a line in the log with client, tenant and subject', async () => {
    await t.get('tokens', { tenant: 'acme', headers: { 'x-forwarded-for': '192.0.2.9' } });
    expect(lastRequest(t)).toMatchObject({
      address: '127.0.0.1',
      tenant: 'acme',
      subject: 'tests',
      status: 200,
    });
    expect(lastRequest(t)).not.toHaveProperty('refusal');
  });

  it('that is refused leaves the reason in the log', async () => {
    await t.get('tokens', { token: await bad['that has expired']!() });
    expect(lastRequest(t)).toMatchObject({ status: 401, refusal: 'The bearer token has expired' });
    expect(lastRequest(t)).not.toHaveProperty('tenant');
    await t.get('tokens', { tenant: 'acme', scopes: ['analytics:write'] });
    expect(lastRequest(t)).toMatchObject({
      ...{ status: 403, tenant: 'acme', subject: 'tests' },
      refusal: 'the token lacks the scope analytics:read',
    });
  });

  it('comes from the address that a trusted proxy names', async () => {
    const proxied = await testApp({ database: t.database, env: { TRUST_PROXY: '127.0.0.1' } });
    await proxied.get('tokens', { headers: { 'x-forwarded-for': '198.51.100.1, 192.0.2.9' } });
    expect(lastRequest(proxied)).toMatchObject({ address: '192.0.2.9' });
    await proxied.close();
  });

  it('is never logged', async () => {
    const token = await t.token('acme');
    await t.get('tokens', { token });
    await t.get('tokens?days=0', { token, headers: { cookie: 'session=secret-cookie' } });
    expect(t.log.join('')).not.toContain(token.slice(-20));
    expect(t.log.join('')).not.toContain('secret-cookie');
  });
});

describe('a tenant of the free tier', () => {
  it('may send events and not read', async () => {
    const tenant = t.tenant();
    await setTier(tenant, 'free');
    await t.send(tenant, [call('2026-03-10T08:00:00Z')]);
    for (const path of ['tokens', 'catalog', 'jobs', 'agents?nonsense=1', 'nonsense', '/metrics/tenant']) {
      expect(refusalOf(await t.get(path, tenant))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
    }
    expect(refusalOf(await t.post('query', '{', tenant))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
  });

  it('may read a moment after its tier has been changed', async () => {
    const tenant = t.tenant();
    await setTier(tenant, 'free');
    expect((await t.get('tokens', tenant)).statusCode).toBe(403);
    await setTier(tenant, 'enterprise');
    await sleep(1_100);
    expect((await t.get('tokens', tenant)).statusCode).toBe(200);
  });

  it('may read with ANALYTICS_FREE_TIER', async () => {
    const open = await testApp({ database: t.database, env: { ANALYTICS_FREE_TIER: 'true' } });
    const tenant = t.tenant();
    await setTier(tenant, 'free');
    expect((await open.get('tokens', tenant)).statusCode).toBe(200);
    await open.close();
  });
});

describe('a tenant not seen before', () => {
  it('is registered at its first write, not by reading, with TENANT_DEFAULT_TIER', async () => {
    const tenant = t.tenant();
    const tierOf = async (): Promise<unknown> =>
      (await t.pool.query<Json>('SELECT tier FROM tenants WHERE id = $1', [tenant])).rows[0]?.tier;
    expect(await t.read('usage-summary', tenant)).toMatchObject({ summary: { totalApiCalls: 0 } });
    expect(await tierOf()).toBeUndefined();
    await t.send(tenant, [call('2026-03-10T08:00:00Z')]);
    expect(await tierOf()).toBe('pro');
  });

  it('of a free default tier reads as one of that tier', async () => {
    const free = await testApp({ database: t.database, env: { TENANT_DEFAULT_TIER: 'free' } });
    const tenant = t.tenant();
    expect(refusalOf(await free.get('tokens', tenant))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
    await free.send(tenant, [call('2026-03-10T08:00:00Z')]);
    expect(refusalOf(await free.get('tokens', tenant))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
    await free.close();
  });
});

describe('ANALYTICS_ENABLED=false', () => {
  it('makes every analytics route a 404, while events still come in', async () => {
    const off = await testApp({ database: t.database, env: { ANALYTICS_ENABLED: 'false' } });
    for (const prefix of [PREFIX, '/analytics', '/api/analytics']) {
      for (const path of ['tokens', 'agents/activity', 'catalog', 'jobs', 'dimensions/agent/values']) {
        expect(refusalOf(await off.get(`${prefix}/${path}`))).toEqual([404, 'NOT_FOUND']);
      }
      expect(refusalOf(await off.post(`${prefix}/query`, {}))).toEqual([404, 'NOT_FOUND']);
    }
    const tenant = t.tenant();
    await off.send(tenant, [call('2026-03-10T08:00:00Z')]);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json']) {
      expect((await off.get(path, { token: null })).statusCode).toBe(200);
    }
    await t.rollup();
    expect(await t.read('usage-summary', tenant)).toMatchObject({ summary: { totalApiCalls: 1 } });
    await off.close();
  });
});
