/** Endpoint names: normalization and limits. */
import { OTHER_ENDPOINT } from '../../src/catalog/index.js';
import {
  EndpointNames,
  freeUnusedNames,
  MAX_ENDPOINTS,
  normaliseEndpoint,
} from '../../src/ingest/endpoints.js';
import type { UsageEvent } from '../../src/facts/event/parse.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('an endpoint', () => {
  it.each([
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
    [`GET /${'x'.repeat(300)}`, `GET /${'x'.repeat(251)}`],
    [`GET /${'x'.repeat(250)}😀`, `GET /${'x'.repeat(250)}\ufffd`],
  ])('%j is counted as %j', (endpoint, name) => {
    expect(normaliseEndpoint(endpoint)).toBe(name);
    expect(normaliseEndpoint(name)).toBe(name);
  });
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
        (_item, i) => ({ endpoint: `GET /r${r % 2}-${i}x`, status: 200 }) as UsageEvent,
      ),
    );
    await Promise.all(replicas.map((names, r) => names.assign(tenant, events[r]!)));
    expect(await namesOf(tenant)).toHaveLength(MAX_ENDPOINTS);
    const known = new Set([...(await namesOf(tenant)), OTHER_ENDPOINT]);
    for (const { endpoint } of events.flat()) expect(known.has(endpoint!)).toBe(true);
  });
});
