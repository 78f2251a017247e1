/** Endpoint names: normalization and limits. */
import { randomBytes } from 'node:crypto';
import { OTHER_ENDPOINT } from '../../src/catalog/index.js';
import { endpointPatterns } from '../../src/endpoint-pattern.js';
import { uuidv7 } from '../../src/ids.js';
import { normaliseEndpoint } from '../../src/ingest/endpoint-name.js';
import { MAX_ENDPOINTS } from '../../src/ingest/endpoint-places.js';
import { EndpointNames, freeUnusedNames } from '../../src/ingest/endpoints.js';
import type { UsageEvent } from '../../src/facts/event/parse.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('an endpoint', () => {
  it.each<[string, string]>([
    ['GET /agents', 'GET /agents'],
    ['GET /agents/17', 'GET /agents/{id}'],
    ['GET /agents/17/tokens/4', 'GET /agents/{id}/tokens/{id}'],
    [`GET /agents/${UUID}`, 'GET /agents/{id}'],
    [`DELETE /agents/${UUID.toUpperCase()}/keys`, 'DELETE /agents/{id}/keys'],
    ['GET /blobs/0123456789abcdef', 'GET /blobs/{id}'],
    ['GET /blobs/0123456789ABCDEF0123456789abcdef', 'GET /blobs/{id}'],
    ['GET /blobs/0123456789abcde', 'GET /blobs/0123456789abcde'],
    ['GET /blobs/cafe', 'GET /blobs/cafe'],
    ['GET /v1/agents', 'GET /v1/agents'],
    ['GET /2fa', 'GET /2fa'],
    ['GET /agents?page=2', 'GET /agents'],
    ['GET /agents#top', 'GET /agents'],
    ['GET /agents/17?next=/a/b#c?d', 'GET /agents/{id}'],
    ['GET /agents/17/', 'GET /agents/{id}/'],
    ['/17', '/{id}'],
    ['17', '17'],
    ['rpc.Agents/List', 'rpc.Agents/List'],
    ['tools.search', 'tools.search'],
    ['  GET /agents  ', 'GET /agents'],
    ['GET /', 'GET /'],
    ['?x=1', OTHER_ENDPOINT],
    ['   ', OTHER_ENDPOINT],
    ['GET /größe/日本', 'GET /größe/日本'],
    ['GET /\ud800x', 'GET /\ufffdx'],
    ['GET /v1/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'GET /v1/sessions/{id}'],
    ['GET /v1/sessions/01arz3ndektsv4rrffq69g5fav', 'GET /v1/sessions/{id}'],
    ['GET /v1/sessions/sess_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'GET /v1/sessions/{id}'],
    ['GET /v1/links/V1StGXR8_Z5jdHi6B-myT', 'GET /v1/links/{id}'],
    ['GET /v1/threads/run_4f9a2b1c/steps', 'GET /v1/threads/{id}/steps'],
    ['GET /v1/assistants/asst_abc123DEF456', 'GET /v1/assistants/{id}'],
    ['GET /v1/keys/sk_live_51HxT9qKzL', 'GET /v1/keys/{id}'],
    ['GET /v1/chat/chatcmpl-9qzKp3XyWvT5mN8rB2cD4fG6hJ', 'GET /v1/chat/{id}'],
    [`GET /v1/runs/run-${UUID}`, 'GET /v1/runs/{id}'],
    ['GET /users/auth0|5f7c8ec7c33c6c004bbafe82', 'GET /users/{id}'],
    ['GET /users/auth0%7C5f7c8ec7c33c6c004bbafe82/roles', 'GET /users/{id}/roles'],
    ['GET /users/google-oauth2|103547991597142817347', 'GET /users/{id}'],
    ['GET /users/ann.lee@example.org', 'GET /users/{id}'],
    ['GET /users/ann.lee%40example.org', 'GET /users/{id}'],
    ['GET /usage/2026-11-20', 'GET /usage/{id}'],
    ['GET /usage/2026-11-20T10:00:00Z', 'GET /usage/{id}'],
    ['GET /roles/arn:aws:iam::123456789012:role/billing/policies', 'GET /roles/{id}/policies'],
    ['GET /roles/arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbilling', 'GET /roles/{id}'],
    ['GET /blobs/sha256:9f86d081884c7d659a2feaa0c55ad015', 'GET /blobs/{id}'],
    ['GET /blobs/da39a3ee5e6b4b0d3255bfef95601890afd80709', 'GET /blobs/{id}'],
    [`GET /agents/${UUID.replaceAll('-', '')}`, 'GET /agents/{id}'],
    ['GET /tokens/dGhpcyBpcyBhIHRlc3Q', 'GET /tokens/{id}'],
    ['GET /tokens/n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=', 'GET /tokens/{id}'],
    ['GET /things/cjld2cjxh0000qzrmn831i7rn', 'GET /things/{id}'],
    ['GET /commits/3f2504e/diff', 'GET /commits/{id}/diff'],
    ['GET /containers/a1b2c3d4e5f6', 'GET /containers/{id}'],
    ['GET /wallets/0x52908400098527886E0F7030069857D2E4169EE7', 'GET /wallets/{id}'],
    [`GET /agents/urn:uuid:${UUID}`, 'GET /agents/{id}'],
    [`GET /agents/%7B${UUID}%7D`, 'GET /agents/{id}'],
    ['GET /dids/did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', 'GET /dids/{id}'],
    ['GET /phones/+15551234567', 'GET /phones/{id}'],
    ['GET /phones/%2B1-555-123-4567', 'GET /phones/{id}'],
    ['GET /hosts/10.0.0.17/keys', 'GET /hosts/{id}/keys'],
    ['GET /hosts/2001:db8::1', 'GET /hosts/{id}'],
    [
      'GET /verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
      'GET /verify/{id}',
    ],
    [`GET /files/${UUID}.pdf`, 'GET /files/{id}.pdf'],
    ['GET /agents/17.json', 'GET /agents/{id}.json'],
    ['POST /operations/17:cancel', 'POST /operations/{id}:cancel'],
    ...[
      'GET /realms/acme/protocol/openid-connect/token',
      'GET /oauth2/authorize',
      'POST /v1/files',
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
      'GET /api/v1/agents/getOAuth2TokenForUser',
      'GET /OAuth2AuthorizationServer',
      'GET /v1beta1/projects/internationalization',
      'GET /client_credentials/rotate_all_now',
      'GET /v1/chat/completions',
      'GET /static/jquery-3.7.1.min.js',
      'GET /models/claude-sonnet-4-5-20250929',
      'GET /users/@me',
      'GET /games/face2face',
      'POST /v1beta/models/gemini-2.5-pro:generateContent',
      'GET /docs/v1.2.3',
      'GET /types/urn:ietf:params:oauth:grant-type:jwt-bearer',
      'GET /swagger/index.html',
      'GET /presentations/logstash-monitorama-2013/images/kibana-search.png',
    ].map((name) => [name, name] as [string, string]),
    [`GET /${'x'.repeat(300)}`, `GET /${'x'.repeat(251)}`],
    [`GET /${'x'.repeat(250)}😀`, `GET /${'x'.repeat(250)}\ufffd`],
  ])('%j is counted as %j', (endpoint, name) => {
    expect(normaliseEndpoint(endpoint)).toBe(name);
    expect(normaliseEndpoint(name)).toBe(name);
  });
});

describe('own patterns', () => {
  const own = endpointPatterns(
    'GET /v1/things/{thing}, /v1/{tenant}/report-{name}.csv, /v1/things/search/{q}, inv-*',
  );

  it.each([
    ['GET /v1/things/blue?x=1', 'GET /v1/things/{thing}'],
    ['POST /v1/things/blue', 'POST /v1/things/blue'],
    ['GET /v1/things/blue/parts', 'GET /v1/things/blue/parts'],
    ['GET /v1/things/', 'GET /v1/things/'],
    ['POST /v1/acme/report-june.csv', 'POST /v1/{tenant}/report-{name}.csv'],
    ['/v1/acme/report-june.csv', '/v1/{tenant}/report-{name}.csv'],
    ['GET /v1/acme/report-.csv', 'GET /v1/acme/report-.csv'],
    ['GET /v1/invoices/inv-a/lines', 'GET /v1/invoices/{id}/lines'],
    ['GET /v1/invoices/inv-', 'GET /v1/invoices/inv-'],
    ['GET /v1/agents/17', 'GET /v1/agents/{id}'],
  ])('%s is counted as %s', (endpoint, name) => {
    expect(normaliseEndpoint(endpoint, own)).toBe(name);
    expect(normaliseEndpoint(name, own)).toBe(name);
  });

  it.each(['/v1/{}', '/v1/{a', 'things', '*', 'GET v1/things', '/v1?x', '/a b', `/${'x'.repeat(256)}`])(
    'are refused: %s',
    (pattern) => {
      expect(() => endpointPatterns(pattern)).toThrow(/is (no path|neither a path)/);
    },
  );

  it('take linear time', () => {
    const slow = endpointPatterns(`*${'a*'.repeat(120)}b`);
    const started = performance.now();
    normaliseEndpoint(`GET /${'a'.repeat(2_000)}/x`, slow);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

it('random ids of 21 characters and more become {id}, nearly all of them', () => {
  const ids = Array.from({ length: 1_000 }, () => randomBytes(16).toString('base64url'));
  const missed = ids.filter((id) => normaliseEndpoint(`GET /x/${id}`) !== 'GET /x/{id}');
  expect(missed.length).toBeLessThan(60);
});

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const at = '2026-03-10T08:00:00Z';

async function namesOf(tenant: string): Promise<string[]> {
  const { rows } = await t.pool.query<{ endpoint: string }>(
    'SELECT endpoint FROM endpoint_names WHERE tenant_id = $1 ORDER BY 1',
    [tenant],
  );
  return rows.map(({ endpoint }) => endpoint);
}

async function counted(tenant: string): Promise<Record<string, number>> {
  const { rows } = await t.pool.query<{ endpoint: string; count: number }>(
    'SELECT endpoint, sum(count)::int AS count FROM usage_events WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1',
    [tenant],
  );
  return Object.fromEntries(rows.map(({ endpoint, count }) => [endpoint, count]));
}

/** Leaves `free` places. */
async function fill(tenant: string, free: number, lastUsed = '2026-03-18'): Promise<void> {
  await t.pool.query(
    `INSERT INTO endpoint_names SELECT $1, 'GET /taken/' || i || 'x', $3 FROM generate_series(1, $2) AS i`,
    [tenant, MAX_ENDPOINTS - free, lastUsed],
  );
}

describe('the names of a tenant', () => {
  it('are taken by endpoints with a status below 400 or without status', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [
      call(at, { endpoint: 'GET /ok', status: 200 }),
      call(at, { endpoint: 'GET /moved', status: 399 }),
      call(at, { endpoint: 'GET /unknown' }),
      call(at, { endpoint: 'GET /.env', status: 404 }),
      call(at, { endpoint: 'GET /broken', status: 500 }),
      call(at, { endpoint: 'GET /ok', status: 404 }),
      call(at, { endpoint: 'GET /later', status: 400 }),
      call(at, { endpoint: 'GET /later', status: 201 }),
    ]);
    expect(await namesOf(tenant)).toEqual(['GET /later', 'GET /moved', 'GET /ok', 'GET /unknown']);
    expect(await counted(tenant)).toEqual({
      'GET /later': 2,
      'GET /moved': 1,
      'GET /ok': 2,
      'GET /unknown': 1,
      other: 2,
    });
  });

  it('are at most 1,000; further endpoints count as other', async () => {
    const tenant = t.tenant();
    const names = Array.from({ length: 1_005 }, (_, i) =>
      call(at, { endpoint: `GET /e${String(i).padStart(4, '0')}x`, status: 200 }),
    );
    await t.send(tenant, names.slice(0, 600));
    await t.send(tenant, names.slice(400));
    expect(await namesOf(tenant)).toHaveLength(1_000);
    const { other, ...own } = await counted(tenant);
    expect([Object.keys(own).length, other]).toEqual([1_000, 5]);
    await t.rollup();
    const { endpoints } = await t.read<{ endpoints: Json[] }>('call-patterns?limit=1001', tenant);
    expect(endpoints).toHaveLength(1_001);
    expect(endpoints.reduce((sum, { share }) => sum + Number(share), 0)).toBeCloseTo(100, 6);
  });

  it('keep known endpoints when the limit is reached', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [call(at, { endpoint: 'GET /known', status: 200 })]);
    await fill(tenant, 2);
    await t.send(tenant, [
      call(at, { endpoint: 'GET /new', status: 200 }),
      call(at, { endpoint: 'GET /known', status: 200 }),
      call(at, { endpoint: 'GET /known', status: 500 }),
    ]);
    expect(await counted(tenant)).toEqual({ 'GET /known': 3, 'GET /new': 1 });
    await t.send(tenant, [
      call(at, { endpoint: 'GET /too-late', status: 200 }),
      call(at, { endpoint: 'GET /known', status: 200 }),
    ]);
    expect(await counted(tenant)).toEqual({ 'GET /known': 4, 'GET /new': 1, other: 1 });
  });

  it('cannot be used up by a scanner whose paths do not exist', async () => {
    const tenant = t.tenant();
    const scan = Array.from({ length: 3_000 }, (_, i) =>
      call(at, { endpoint: `GET /wp-${i}x.php`, status: 404 }),
    );
    await t.send(tenant, scan);
    await t.send(tenant, [call(at, { endpoint: 'GET /mine', status: 200 })]);
    expect(await namesOf(tenant)).toEqual(['GET /mine']);
    expect(await counted(tenant)).toEqual({ 'GET /mine': 1, other: 3_000 });
  });

  it('cannot be used up by ids or query strings', async () => {
    const tenant = t.tenant();
    await t.send(
      tenant,
      Array.from({ length: 2_000 }, (_, i) => call(at, { endpoint: `GET /agents/${i}?i=${i}`, status: 200 })),
    );
    expect(await namesOf(tenant)).toEqual(['GET /agents/{id}']);
  });

  it('are separate for each tenant', async () => {
    const [full, other] = [t.tenant(), t.tenant()];
    await fill(full, 0);
    await t.send(other, [call(at, { endpoint: 'GET /mine', status: 200 })]);
    expect(await counted(other)).toEqual({ 'GET /mine': 1 });
  });

  it('are freed after 30 days without use, and can then be taken again', async () => {
    const tenant = t.tenant();
    t.setNow('2026-02-16T23:59:59Z');
    await t.send(tenant, [call('2026-02-16T10:00:00Z', { endpoint: 'GET /forgotten', status: 200 })]);
    t.setNow('2026-02-17T00:00:00Z');
    await t.send(tenant, [call('2026-02-16T23:00:00Z', { endpoint: 'GET /used', status: 200 })]);
    await fill(tenant, 2, '2026-03-18');
    t.setNow('2026-03-19T00:05:00Z');
    expect(await freeUnusedNames(t.pool, t.clock.now)).toBe(1);
    const names = await namesOf(tenant);
    expect([names.includes('GET /forgotten'), names.includes('GET /used')]).toEqual([false, true]);
    await t.send(tenant, [
      call(at, { endpoint: 'GET /new', status: 200 }),
      call(at, { endpoint: 'GET /newer', status: 200 }),
    ]);
    expect(await counted(tenant)).toEqual({ 'GET /forgotten': 1, 'GET /new': 1, 'GET /used': 1, other: 1 });
    t.setNow('2026-03-18T12:00:00Z');
  });

  it('are kept for an endpoint in use, even if another replica recorded its use', async () => {
    const tenant = t.tenant();
    const replica = await testApp({ database: t.database, now: '2026-03-10T12:00:00Z' });
    await t.send(tenant, [call(at, { endpoint: 'GET /busy', status: 200 })]);
    await replica.send(tenant, [call(at, { endpoint: 'GET /busy', status: 200 })]);
    const { rows } = await t.pool.query<Json>(
      'SELECT last_used_on AS day FROM endpoint_names WHERE tenant_id = $1',
      [tenant],
    );
    expect(rows).toEqual([{ day: '2026-03-18' }]);
    await replica.close();
  });

  it('can be taken by several replicas at once without exceeding the limit or losing a call', async () => {
    const tenant = t.tenant();
    await fill(tenant, 10);
    const replicas = Array.from({ length: 4 }, () => new EndpointNames(t.pool, () => t.clock.now));
    const events = replicas.map((_, r) =>
      Array.from(
        { length: 8 },
        (_item, i) =>
          ({
            id: uuidv7(),
            occurredAt: Date.parse(at),
            count: 2,
            endpoint: `GET /r${r % 2}-${i}x`,
            status: 200,
          }) as UsageEvent,
      ),
    );
    await Promise.all(replicas.map((names, r) => names.assign(tenant, events[r]!)));
    expect(await namesOf(tenant)).toHaveLength(MAX_ENDPOINTS);
    const known = new Set([...(await namesOf(tenant)), OTHER_ENDPOINT]);
    for (const { endpoint } of events.flat()) expect(known.has(endpoint!)).toBe(true);
  });
});

describe('a name that is used once', () => {
  const oneOff = (i: number, rest: object = {}): ReturnType<typeof call> =>
    call(at, { endpoint: `GET /one-off/n${i}x`, status: 200, ...rest });
  const used = (endpoint: string, rest: object = {}): ReturnType<typeof call> =>
    call(at, { endpoint, status: 200, ...rest });

  it('gives its place to one that is used again, and is then counted as other', async () => {
    const tenant = t.tenant();
    await t.send(
      tenant,
      Array.from({ length: 1_200 }, (_, i) => oneOff(i)),
    );
    expect((await counted(tenant)).other).toBe(200);
    await t.send(tenant, [used('GET /real')]);
    expect((await counted(tenant))['GET /real']).toBeUndefined();
    await t.send(tenant, [used('GET /real')]);
    await t.send(tenant, [used('GET /real'), used('GET /busy'), used('GET /busy')]);
    const { other, 'GET /real': real, 'GET /busy': busy, ...others } = await counted(tenant);
    expect([real, busy, other, Object.keys(others).length]).toEqual([3, 2, 202, 998]);
    expect(await namesOf(tenant)).toHaveLength(1_000);
    await t.rollup();
    const { endpoints } = await t.read<{ endpoints: Json[] }>('call-patterns?limit=1001', tenant);
    expect(endpoints.slice(0, 3).map(({ endpoint, calls }) => [endpoint, calls])).toEqual([
      ['other', 202],
      ['GET /real', 3],
      ['GET /busy', 2],
    ]);
    expect(endpoints).toHaveLength(1_001);
  });

  it('does not count as used again by the same event', async () => {
    const tenant = t.tenant();
    await fill(tenant, 1);
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    await t.send(tenant, [oneOff(1, { id })]);
    const again = await t.post('/api/v1/events', { events: [oneOff(1, { id })] }, tenant);
    expect(again.json()).toMatchObject({ duplicates: 1 });
    await t.send(tenant, [used('GET /real'), used('GET /real')]);
    expect(await counted(tenant)).toEqual({ 'GET /real': 2, other: 1 });
  });

  it('keeps its place where it is used again, also by another replica', async () => {
    const tenant = t.tenant();
    const replica = await testApp({ database: t.database });
    await fill(tenant, 1);
    await t.send(tenant, [oneOff(1)]);
    await replica.send(tenant, [oneOff(1)]);
    await t.send(tenant, [used('GET /late'), used('GET /late')]);
    expect(await counted(tenant)).toEqual({ 'GET /one-off/n1x': 2, other: 2 });
    await replica.close();
  });

  it('has to be used again within a day', async () => {
    const tenant = t.tenant();
    await fill(tenant, 1);
    await t.send(tenant, [oneOff(1)]);
    await t.send(tenant, [used('GET /weekly')]);
    t.setNow('2026-03-19T12:00:01Z');
    await t.send(tenant, [used('GET /weekly')]);
    expect(await counted(tenant)).toEqual({ 'GET /one-off/n1x': 1, other: 2 });
    await t.send(tenant, [used('GET /weekly')]);
    expect(await counted(tenant)).toEqual({ 'GET /weekly': 2, other: 2 });
    t.setNow('2026-03-18T12:00:00Z');
  });

  it('leaves real endpoints their names in a flood of ids that are not known as such', async () => {
    const tenant = t.tenant();
    for (let part = 0; part < 3; part += 1) {
      await t.send(
        tenant,
        Array.from({ length: 2_000 }, (_, i) => oneOff(part * 2_000 + i)),
      );
      await t.send(tenant, [used('GET /a'), used('GET /b', { count: 3 })]);
    }
    expect(await counted(tenant)).toMatchObject({ 'GET /a': 3, 'GET /b': 9 });
    const { rows } = await t.pool.query('SELECT count(*) FROM endpoint_candidates WHERE tenant_id = $1', [
      tenant,
    ]);
    expect(Number(rows[0].count)).toBeLessThanOrEqual(10_000);
  });

  it('of a known kind takes one name for all', async () => {
    const tenant = t.tenant();
    const ulid = (i: number): string => `01ARZ3NDEKTSV4RRFFQ69${String(i).padStart(5, '0')}`;
    await t.send(
      tenant,
      Array.from({ length: 1_200 }, (_, i) => used(`GET /v1/sessions/sess_${ulid(i)}`)),
    );
    await t.send(tenant, [used('GET /later')]);
    expect(await counted(tenant)).toEqual({ 'GET /later': 1, 'GET /v1/sessions/{id}': 1_200 });
  });
});
