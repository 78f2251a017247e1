/** Stored endpoints whose names are others by today's rules, folded in raw events and in aggregates. */
import { endpointPatterns } from '../../src/endpoint-pattern.js';
import { foldEndpoints } from '../../src/rollup/fold-endpoints.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

const NOW = '2026-03-18T12:00:00Z';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: NOW });
});
afterAll(() => t.close());

const TABLES = {
  endpoint_minutes: ['bucket', 'endpoint', 'status_code'],
  endpoint_hours: ['bucket', 'endpoint', 'status_code'],
  endpoint_days: ['date', 'endpoint', 'status_code'],
  agent_endpoint_hours: ['bucket', 'agent_id', 'endpoint', 'status_code'],
  agent_endpoint_days: ['date', 'agent_id', 'endpoint', 'status_code'],
};

async function aggregates(tenant: string): Promise<Record<string, Json[]>> {
  const tables = Object.entries(TABLES).map(async ([table, keys]) => {
    const { rows } = await t.pool.query<Json>(
      `SELECT to_jsonb(t) - 'tenant_id' AS row FROM ${table} t WHERE tenant_id = $1 ORDER BY ${keys.join(', ')}`,
      [tenant],
    );
    return [table, rows.map(({ row }) => row as Json)] as const;
  });
  return Object.fromEntries(await Promise.all(tables));
}

/** Calls of two old days and of today, as an earlier release stored them: under names with ids. */
async function storedEarlier(tenant: string): Promise<void> {
  const events = [
    '2026-01-05T08:10:00Z',
    '2026-01-05T09:20:00Z',
    '2026-02-07T10:00:00Z',
    '2026-03-18T11:30:00Z',
  ].flatMap((at) =>
    Array.from({ length: 12 }, (_, i) =>
      call(at, {
        agentId: `a${i % 2}`,
        endpoint: `GET /v1/plain/x${i % 6}x`,
        status: i % 5 === 0 ? 500 : 200,
        durationMs: 2 ** i / 4,
        count: 1 + (i % 3),
      }),
    ),
  );
  await t.send(tenant, [
    ...events,
    call('2026-01-05T08:10:00Z', { endpoint: 'GET /v1/{id}', status: 200, durationMs: 3 }),
  ]);
  await t.rollup();
  const old = `CASE WHEN endpoint LIKE '%x5x' THEN 'GET /v1/things'
                    ELSE 'GET /v1/sess_01ARZ3NDEKTSV4RRFFQ69G5FA' || substr(endpoint, 16, 1) END`;
  for (const table of ['usage_events', ...Object.keys(TABLES), 'endpoint_names']) {
    await t.pool.query(
      `UPDATE ${table} SET endpoint = ${old} WHERE tenant_id = $1 AND endpoint LIKE 'GET /v1/plain/%'`,
      [tenant],
    );
  }
}

const fold = (
  tenant: string,
  { patterns = '', signal = new AbortController().signal, now = NOW } = {},
): Promise<number> =>
  foldEndpoints(
    {
      pool: t.pool,
      patterns: endpointPatterns(patterns),
      now: () => Date.parse(now),
      exclusively: (id, work) => t.services.rollup.exclusively(id, work),
    },
    tenant,
    signal,
  );

const namesOf = async (tenant: string): Promise<string[]> => {
  const { rows } = await t.pool.query<{ endpoint: string }>(
    'SELECT endpoint FROM endpoint_names WHERE tenant_id = $1 ORDER BY 1',
    [tenant],
  );
  return rows.map(({ endpoint }) => endpoint);
};

/** The aggregates made of the raw events anew. */
async function recounted(tenant: string): Promise<Record<string, Json[]>> {
  for (const day of ['2026-01-05', '2026-02-07', '2026-03-18'].map((date) => Date.parse(date))) {
    await t.services.rollup.recomputeRange(tenant, day, day + 86_400_000);
  }
  return aggregates(tenant);
}

it('are folded in hours, days and minutes, which then equal a recount of the raw events', async () => {
  const tenant = t.tenant();
  await storedEarlier(tenant);
  expect(await namesOf(tenant)).toHaveLength(7);
  expect(await fold(tenant)).toBeGreaterThan(0);
  const folded = await aggregates(tenant);
  expect(
    new Set(
      Object.values(folded)
        .flat()
        .map(({ endpoint }) => endpoint),
    ),
  ).toEqual(new Set(['GET /v1/{id}', 'GET /v1/things']));
  expect(folded.endpoint_days).toHaveLength(12);
  expect(folded).toEqual(await recounted(tenant));
  expect(await namesOf(tenant)).toEqual(['GET /v1/things', 'GET /v1/{id}']);
});

it('are folded where the raw events are gone', async () => {
  const tenant = t.tenant();
  await storedEarlier(tenant);
  const kept = await recountedBeside(tenant);
  await t.pool.query('DELETE FROM usage_events WHERE tenant_id = $1', [tenant]);
  await fold(tenant);
  expect(await aggregates(tenant)).toEqual(kept);
});

/** What the aggregates of a tenant's events are under the names of today. */
async function recountedBeside(tenant: string): Promise<Record<string, Json[]>> {
  const beside = t.tenant();
  await t.pool.query(
    `INSERT INTO usage_events (tenant_id, occurred_at, event_id, agent_id, metric_type, count, endpoint, status_code, duration_ms)
     SELECT $2, occurred_at, event_id, agent_id, metric_type, count,
            CASE WHEN endpoint = 'GET /v1/things' THEN endpoint ELSE 'GET /v1/{id}' END, status_code, duration_ms
     FROM usage_events WHERE tenant_id = $1`,
    [tenant, beside],
  );
  await t.pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro') ON CONFLICT DO NOTHING`, [beside]);
  return recounted(beside);
}

it('are folded once, and again where the patterns or the day change', async () => {
  const tenant = t.tenant();
  await storedEarlier(tenant);
  expect(await fold(tenant)).toBeGreaterThan(0);
  const once = await aggregates(tenant);
  expect(await fold(tenant)).toBe(0);
  await t.pool.query('DELETE FROM endpoint_folds WHERE tenant_id = $1', [tenant]);
  expect(await fold(tenant)).toBe(0);
  expect(await aggregates(tenant)).toEqual(once);
  expect(await fold(tenant, { patterns: '/v1/{thing}' })).toBeGreaterThan(0);
  expect(await namesOf(tenant)).toEqual(['GET /v1/{thing}']);
  // A replica of an earlier release gave names by its own rules.
  await t.pool.query(
    `UPDATE endpoint_days SET endpoint = 'GET /v1/2026-01-01' WHERE tenant_id = $1 AND date = '2026-03-18' AND status_code = 500`,
    [tenant],
  );
  expect(await fold(tenant, { patterns: '/v1/{thing}', now: '2026-03-19T00:05:00Z' })).toBeGreaterThan(0);
  const { endpoint_days } = await aggregates(tenant);
  expect(new Set(endpoint_days!.map(({ endpoint }) => endpoint))).toEqual(new Set(['GET /v1/{thing}']));
});

it('continue after an interruption', async () => {
  const tenant = t.tenant();
  await storedEarlier(tenant);
  const stop = new AbortController();
  let days = 0;
  await foldEndpoints(
    {
      pool: t.pool,
      patterns: endpointPatterns(''),
      now: () => Date.parse(NOW),
      exclusively: (id, work) => {
        days += 1;
        stop.abort();
        return t.services.rollup.exclusively(id, work);
      },
    },
    tenant,
    stop.signal,
  );
  expect(days).toBe(1);
  const { rows } = await t.pool.query(
    'SELECT folded_until::text AS day, folded_on FROM endpoint_folds WHERE tenant_id = $1',
    [tenant],
  );
  expect(rows).toEqual([{ day: '2026-01-06', folded_on: null }]);
  await fold(tenant);
  expect(await aggregates(tenant)).toEqual(await recounted(tenant));
});

it('are folded by the nightly job', async () => {
  const tenant = t.tenant();
  await storedEarlier(tenant);
  const nightly = t.services.jobs.find(({ name }) => name === 'nightly')!;
  await nightly.run(Date.parse('2026-03-18T00:05:00Z'), new AbortController().signal);
  expect(await namesOf(tenant)).toEqual(['GET /v1/things', 'GET /v1/{id}']);
});
