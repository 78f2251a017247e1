import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, issued } from '../support/events.js';

interface Pattern {
  endpoint: string;
  calls: number;
  errors: number;
  errorRate: number | null;
  averageDurationMs: number | null;
  p95DurationMs: number | null;
  share: number | null;
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const PERIOD = 'from=2026-03-01&to=2026-03-10';

async function patterns(query: string, tenant: string): Promise<Pattern[]> {
  return (await t.read<{ endpoints: Pattern[] }>(`call-patterns?${query}`, tenant)).endpoints;
}

/** Within the 1.5 % of the histogram. */
const about = (value: number): unknown => ({
  asymmetricMatch: (other: unknown) => typeof other === 'number' && Math.abs(other / value - 1) <= 0.015,
  toString: () => `within 1.5 % of ${value}`,
});

describe('GET /call-patterns', () => {
  it('gives endpoints by calls, each figure weighed by the count of its events', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-01T00:00:00Z', { endpoint: 'GET /a', status: 200, durationMs: 10, count: 30 }),
      call('2026-03-02T00:00:00Z', { endpoint: 'GET /a', status: 404, durationMs: 100, count: 10 }),
      call('2026-03-10T23:59:59Z', { endpoint: 'POST /b', status: 500, durationMs: 7, count: 3 }),
      call('2026-03-10T23:59:59Z', { endpoint: 'POST /b', status: 399, durationMs: 7, count: 7 }),
      call('2026-02-28T23:59:59Z', { endpoint: 'GET /a', status: 200, count: 1_000 }),
      issued('2026-03-02T00:00:00Z', { endpoint: 'POST /token', count: 1_000 }),
    ]);
    expect(await t.read(`call-patterns?${PERIOD}`, tenant)).toEqual({
      tenantId: tenant,
      period: { from: '2026-03-01', to: '2026-03-10' },
      endpoints: [
        {
          endpoint: 'GET /a',
          calls: 40,
          errors: 10,
          errorRate: 25,
          averageDurationMs: 32.5,
          p95DurationMs: about(100),
          share: 80,
        },
        {
          endpoint: 'POST /b',
          calls: 10,
          errors: 3,
          errorRate: 30,
          averageDurationMs: 7,
          p95DurationMs: about(7),
          share: 20,
        },
      ],
    });
  });

  it('counts calls without endpoint and without status, and has null where no duration was sent', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-02T08:00:00Z', { count: 4 }),
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /failing', status: 500, count: 4 }),
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /part', durationMs: 30, count: 1 }),
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /part', status: 200, count: 1 }),
    ]);
    const none = { averageDurationMs: null, p95DurationMs: null };
    expect(await patterns(PERIOD, tenant)).toEqual([
      { endpoint: 'other', calls: 8, errors: 4, errorRate: 50, share: 80, ...none },
      {
        endpoint: 'GET /part',
        calls: 2,
        errors: 0,
        errorRate: 0,
        share: 20,
        averageDurationMs: 30,
        p95DurationMs: about(30),
      },
    ]);
  });

  it('gives a path that only ever failed as "other", and a failing call of a known path as that path', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-02T08:00:00Z', { endpoint: 'GET /known', status: 200 })]);
    await t.sendAndRollup(tenant, [
      call('2026-03-02T08:01:00Z', { endpoint: 'GET /known', status: 503 }),
      call('2026-03-02T08:01:00Z', { endpoint: 'GET /wp-admin', status: 404 }),
      call('2026-03-02T08:01:00Z', { endpoint: 'GET /.env', status: 404 }),
    ]);
    expect(
      (await patterns(PERIOD, tenant)).map(({ endpoint, calls, errors }) => [endpoint, calls, errors]),
    ).toEqual([
      ['GET /known', 2, 1],
      ['other', 2, 2],
    ]);
  });

  it('finds the p95 of weighted calls by the nearest rank', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /at', durationMs: 5, count: 95 }),
      call('2026-03-04T08:00:00Z', { endpoint: 'GET /at', durationMs: 900, count: 5 }),
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /over', durationMs: 5, count: 94 }),
      call('2026-03-09T08:00:00Z', { endpoint: 'GET /over', durationMs: 900, count: 5 }),
      call('2026-03-02T08:00:00Z', { endpoint: 'GET /zero', durationMs: 0, count: 3 }),
    ]);
    const found = await patterns(PERIOD, tenant);
    expect(found.map(({ endpoint, p95DurationMs }) => [endpoint, p95DurationMs])).toEqual([
      ['GET /at', about(5)],
      ['GET /over', about(900)],
      ['GET /zero', 0],
    ]);
  });

  it('shares are of all calls of the period, also where a limit cuts the list', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(
      tenant,
      [50, 30, 15, 5].map((count, i) => call('2026-03-02T08:00:00Z', { endpoint: `GET /e${i}`, count })),
    );
    const top = await patterns(`${PERIOD}&limit=2`, tenant);
    expect(top.map(({ endpoint, share }) => [endpoint, share])).toEqual([
      ['GET /e0', 50],
      ['GET /e1', 30],
    ]);
  });

  it('gives 50 unless told more, equals in the order of their names', async () => {
    const tenant = t.tenant();
    const names = Array.from(
      { length: 60 },
      (_, i) => `GET /path${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i / 26)}`,
    );
    await t.sendAndRollup(
      tenant,
      names.map((endpoint) => call('2026-03-02T08:00:00Z', { endpoint, status: 200 })),
    );
    const sorted = [...names].sort();
    expect((await patterns(PERIOD, tenant)).map(({ endpoint }) => endpoint)).toEqual(sorted.slice(0, 50));
    expect(await patterns(`${PERIOD}&limit=1001`, tenant)).toHaveLength(60);
    expect(await patterns(`${PERIOD}&limit=1`, tenant)).toHaveLength(1);
  });

  it('is empty for a tenant without calls', async () => {
    expect(await patterns(PERIOD, t.tenant())).toEqual([]);
  });

  it.each(['0', '1002', '-1', 'x', '1.5'])('refuses limit=%s', async (limit) => {
    expect(refusalOf(await t.get(`call-patterns?limit=${limit}`))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
