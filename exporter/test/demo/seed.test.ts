import { type DemoTenant, demoTenants } from '../../src/demo/fleet.js';
import { runLive } from '../../src/demo/live.js';
import { readTimeline, seed, recordSeeded, type SeedResult } from '../../src/demo/seed.js';
import { MAX_EXECUTIONS } from '../../src/facts/execution/wire.js';
import { DAY, HOUR } from '../../src/time.js';
import { testApp, type TestApp } from '../support/app.js';

const NOW = Date.UTC(2026, 2, 18, 12, 30);
const DAYS = 3;

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: new Date(NOW).toISOString() });
});
afterAll(() => t.close());
beforeEach(() => t.setNow(new Date(NOW).toISOString()));

/** A tenant with the given id and the few agents of the second demo tenant. */
const tenantNamed = (id: string): DemoTenant => ({ ...demoTenants('demo')[1], id });
const seedAt = (
  tenant: DemoTenant,
  now: number,
  more: { signal?: AbortSignal; onHour?: () => void } = {},
): Promise<SeedResult> => seed({ pool: t.pool, ingest: t.services.ingest, tenant, days: DAYS, now, ...more });

/** All stored events of a tenant, without its id. */
async function contents(tenantId: string): Promise<unknown[]> {
  const { rows } = await t.pool.query(
    `SELECT occurred_at, event_id, agent_id, metric_type, count, endpoint, status_code, duration_ms FROM usage_events
     WHERE tenant_id = $1 ORDER BY occurred_at, event_id`,
    [tenantId],
  );
  return rows;
}

describe('seed', () => {
  it('generates the given number of days up to now, and nothing in the future', async () => {
    const { accepted, duplicates, from, to } = await seedAt(tenantNamed('whole'), NOW);
    expect([duplicates, from, to]).toEqual([0, Date.UTC(2026, 2, 15), NOW]);
    const rows = (await contents('whole')) as { occurred_at: Date }[];
    expect(rows).toHaveLength(accepted);
    expect(rows.at(-1)!.occurred_at.getTime()).toBeLessThan(NOW);
    expect(rows[0]!.occurred_at.getTime()).toBeLessThan(from + HOUR);
  });

  it('duplicates nothing if it is repeated', async () => {
    const tenant = tenantNamed('repeated');
    await seedAt(tenant, NOW);
    const before = await contents(tenant.id);
    expect(await seedAt(tenant, NOW)).toMatchObject({ accepted: 0, duplicates: 0, from: NOW });
    expect(await contents(tenant.id)).toEqual(before);
  });

  it('adds only the time since the last run, with the same result as a single later run', async () => {
    const tenant = tenantNamed('later');
    await seedAt(tenant, NOW);
    const before = await contents(tenant.id);
    const later = NOW + DAY + 5 * HOUR;
    t.setNow(new Date(later).toISOString());
    const { duplicates, from } = await seedAt(tenant, later);
    expect([duplicates, from]).toEqual([0, NOW]);
    const after = await contents(tenant.id);
    expect(after.slice(0, before.length)).toEqual(before);
    // Seeding everything again without the recorded position generates exactly the same events.
    await t.pool.query(`DELETE FROM watermarks WHERE name LIKE 'demo:later:%:until'`);
    expect(await seedAt(tenant, later)).toMatchObject({ accepted: 0 });
  });

  it('continues after an interruption without duplicates or gaps', async () => {
    const tenant = tenantNamed('interrupted');
    const interrupt = new AbortController();
    let hours = 0;
    const onHour = (): void => void ((hours += 1) === 20 && interrupt.abort());
    await seedAt(tenant, NOW, { signal: interrupt.signal, onHour });
    const part = await contents(tenant.id);
    const { accepted, duplicates } = await seedAt(tenant, NOW);
    expect(duplicates).toBe(part.length);
    const whole = await contents(tenant.id);
    expect(whole).toHaveLength(part.length + accepted);
    await t.pool.query('DELETE FROM usage_events WHERE tenant_id = $1', [tenant.id]);
    await t.pool.query(`DELETE FROM watermarks WHERE name LIKE 'demo:interrupted:%:until'`);
    await seedAt(tenant, NOW);
    expect(await contents(tenant.id)).toEqual(whole);
  });

  it('starts at the oldest time that retention keeps', async () => {
    const tenant = tenantNamed('kept');
    const oldest = NOW - DAY;
    const result = await seed({
      pool: t.pool,
      ingest: t.services.ingest,
      tenant,
      days: DAYS,
      now: NOW,
      oldest,
    });
    expect(result.from).toBe(oldest);
  });
});

describe('the live traffic', () => {
  it('is what seeding would have generated for the same time', async () => {
    const tenant = tenantNamed('live');
    await seedAt(tenant, NOW);
    const timeline = await readTimeline(t.pool, tenant.id, NOW);
    const stopping = new AbortController();
    let clock = NOW;
    await runLive({
      tenants: [
        {
          tenant,
          timeline,
          send: async (events) => void (await t.services.ingest.events(tenant.id, events)),
        },
      ],
      from: NOW,
      signal: stopping.signal,
      everyMs: 0,
      now: () => (clock += 5 * 60_000),
      onSent: (until) => {
        t.setNow(new Date(until).toISOString());
        if (until >= NOW + 2 * HOUR) stopping.abort();
      },
    });
    const lived = await contents(tenant.id);
    t.setNow(new Date(clock).toISOString());
    const { accepted, duplicates } = await seedAt(tenant, clock);
    expect(accepted).toBe(0);
    expect(duplicates).toBeGreaterThan(10);
    expect(await contents(tenant.id)).toEqual(lived);
  });

  it('is not generated again if its end was recorded', async () => {
    const tenant = tenantNamed('recorded');
    await seedAt(tenant, NOW);
    await recordSeeded(t.pool, tenant.id, DAYS, NOW + HOUR);
    expect((await seedAt(tenant, NOW + HOUR)).duplicates).toBe(0);
  });

  it('is sent in requests that the API accepts after a suspend, and continues after a failed request', async () => {
    const [tenant] = demoTenants('demo');
    const timeline = { anchor: Date.UTC(2026, 2, 18), fineFrom: Date.UTC(2026, 2, 16) };
    const stopping = new AbortController();
    const runs: string[] = [];
    const failures: unknown[] = [];
    const morning = NOW + 16 * HOUR;
    await runLive({
      tenants: [
        {
          tenant,
          timeline,
          send: async () => undefined,
          sendRuns: async (sent) => {
            if (sent.length > MAX_EXECUTIONS) throw new Error('400');
            if (runs.length > 300 && failures.length === 0) throw new Error('503');
            runs.push(...sent.filter(({ status }) => status !== 'running').map(({ id }) => id));
          },
        },
      ],
      from: NOW,
      signal: stopping.signal,
      everyMs: 0,
      now: () => morning,
      onSent: (until) => {
        if (until === morning) stopping.abort();
      },
      onFailure: (error) => {
        failures.push(error);
        if (failures.length > 3) stopping.abort();
      },
    });
    expect(failures).toEqual([new Error('503')]);
    expect(runs.length).toBeGreaterThan(MAX_EXECUTIONS);
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('resends what could not be sent', async () => {
    const tenant = tenantNamed('again');
    const timeline = { anchor: Date.UTC(2026, 2, 18), fineFrom: Date.UTC(2026, 2, 16) };
    const stopping = new AbortController();
    const sent: string[] = [];
    const failures: unknown[] = [];
    let clock = NOW;
    await runLive({
      tenants: [
        {
          tenant,
          timeline,
          send: async (events) => {
            if (failures.length < 2) throw new Error('503');
            sent.push(...events.map(({ id }) => id));
          },
        },
      ],
      from: NOW,
      signal: stopping.signal,
      everyMs: 0,
      now: () => (clock += 10 * 60_000),
      onSent: () => stopping.abort(),
      onFailure: (error) => failures.push(error),
    });
    expect(failures).toHaveLength(2);
    expect(new Set(sent).size).toBe(sent.length);
    expect(sent.length).toBeGreaterThan(10);
  });
});
