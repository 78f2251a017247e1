/** The service's own metrics and who may see which. */
import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { seriesOf } from '../support/counting.js';
import { call } from '../support/events.js';
import { type Families, parseExposition } from '../support/exposition.js';

const TOKEN = 'a token of Prometheus';
let t: TestApp;
beforeAll(async () => {
  t = await testApp({ env: { METRICS_TOKEN: TOKEN, CACHE_ENABLED: 'true' } });
});
afterAll(() => t.close());

async function families(): Promise<Families> {
  return parseExposition((await t.get('/metrics', { token: null })).body);
}

describe('GET /metrics', () => {
  it('is open, and text that Prometheus reads', async () => {
    const response = await t.get('/metrics', { token: null });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(Object.keys(parseExposition(response.body)).length).toBeGreaterThan(5);
  });

  it('has the five metrics of the contract with their types, and the lag of the rollup', async () => {
    await t.sendAndRollup('acme', [call('2026-03-10T08:00:00Z', { agentId: 'a' })]);
    await t.services.ledger.runSlot('nightly', t.clock.now, async () => 1);
    await t.rollup();
    await t.get('tokens');
    await t.get('tokens');
    const found = await families();
    const types = Object.entries(found).map(([name, { type }]) => [name, type]);
    expect(Object.fromEntries(types)).toMatchObject({
      agentidp_analytics_query_duration_ms: 'histogram',
      agentidp_analytics_cache_hits_total: 'counter',
      agentidp_analytics_cache_misses_total: 'counter',
      agentidp_analytics_aggregation_job_duration_ms: 'gauge',
      agentidp_analytics_aggregation_job_last_run: 'gauge',
      agentidp_analytics_rollup_lag_seconds: 'gauge',
      agentidp_analytics_ingest_events_total: 'counter',
      agentidp_analytics_http_request_duration_seconds: 'histogram',
    });
    const { body } = await t.get('/metrics');
    for (const kind of ['cache_hits_total', 'cache_misses_total', 'query_duration_ms_count']) {
      expect(seriesOf(body, `agentidp_analytics_${kind}{endpoint="tokens"}`)).toBe(1);
    }
    const lastRun = seriesOf(body, 'agentidp_analytics_aggregation_job_last_run');
    expect(Math.abs(lastRun - Date.now() / 1000)).toBeLessThan(60);
  });

  it('shows no nightly job that never ran', async () => {
    const young = await testApp();
    const found = parseExposition((await young.get('/metrics')).body);
    expect(found.agentidp_analytics_aggregation_job_last_run?.samples).toEqual([]);
    await young.close();
  });

  it('keeps the last run of the nightly job over a restart', async () => {
    await t.services.ledger.runSlot('nightly', t.clock.now - 86_400_000, async () => 1);
    const restarted = await testApp({ database: t.database });
    await restarted.rollup();
    const { body } = await restarted.get('/metrics');
    expect(seriesOf(body, 'agentidp_analytics_aggregation_job_last_run')).toBeGreaterThan(0);
    await restarted.close();
  });

  it('counts requests of which everything was rejected', async () => {
    const name = 'agentidp_analytics_ingest_refused_requests_total';
    const before = (await families())[name]!.samples;
    await t.post('/api/v1/events', { events: [{}, {}] });
    await t.post('/api/v1/events', { events: [{}, { metricType: 'api_calls' }] });
    await t.post('/api/v1/executions', { executions: [{}] });
    const grown = (await families())[name]!.samples.map(({ labels, value }, i) => [
      labels.kind,
      value - before[i]!.value,
    ]);
    expect(Object.fromEntries(grown)).toEqual({ events: 1, executions: 1, steps: 0, token_usages: 0 });
  });

  it('counts events by outcome', async () => {
    const before = (await families()).agentidp_analytics_ingest_events_total!.samples;
    const event = { metricType: 'api_calls', occurredAt: '2026-03-10T08:00:00Z' };
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    await t.post('/api/v1/events', { events: [{ ...event, id }, { ...event, id }, event, {}] });
    const after = (await families()).agentidp_analytics_ingest_events_total!.samples;
    const grown = after.map(({ labels, value }, i) => [labels.outcome, value - before[i]!.value]);
    expect(Object.fromEntries(grown)).toEqual({ accepted: 2, duplicate: 1, rejected: 1 });
  });

  it('grows with the lag while nothing is rolled up', async () => {
    await t.rollup();
    const lag = async (): Promise<number> =>
      (await families()).agentidp_analytics_rollup_lag_seconds!.samples[0]!.value;
    expect(await lag()).toBeLessThan(1);
    t.clock.now += 90_000;
    expect(await lag()).toBeGreaterThanOrEqual(90);
    t.clock.now -= 90_000;
  });

  it('carries no data of a tenant, and no label that a client can make up', async () => {
    await t.sendAndRollup('very-secret-tenant', [
      call('2026-03-10T08:00:00Z', {
        agentId: 'very-secret-agent',
        endpoint: 'GET /very-secret',
        status: 200,
      }),
    ]);
    for (const path of [
      'tokens',
      '/very-secret/1',
      '/very-secret/2',
      'agent-activity?agentId=very-secret-agent',
    ]) {
      await t.get(path, 'very-secret-tenant');
    }
    expect((await t.get('/metrics')).body).not.toContain('very-secret');
    const routes = (await families()).agentidp_analytics_http_request_duration_seconds!.samples.map(
      ({ labels }) => labels.route,
    );
    expect(routes).toContain('none');
    expect(new Set(routes).size).toBeLessThan(20);
  });

  it('runs no SQL', async () => {
    const pool = { totalCount: 1, idleCount: 1, waitingCount: 0 };
    const away = await testApp({ database: t.database, pool: pool as never, env: { METRICS_TOKEN: TOKEN } });
    away.services.status.snapshot = t.services.status.snapshot;
    for (const path of ['/metrics', '/metrics/tenants']) {
      expect((await away.get(path, { token: TOKEN })).statusCode).toBe(200);
    }
    await away.close();
  });
});

describe('GET /metrics/tenants', () => {
  it('requires METRICS_TOKEN, and does not accept a tenant’s token', async () => {
    const wrong = [
      null,
      'a token of Prometheu',
      'a token of Prometheus!',
      await t.token('acme', ['analytics:read', 'analytics:admin']),
    ];
    for (const token of wrong) {
      const response = await t.get('/metrics/tenants?nonsense=1', { token });
      expect(refusalOf(response)).toEqual([401, 'UNAUTHORIZED']);
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
    const right = await t.get('/metrics/tenants', { token: TOKEN });
    expect(right.statusCode).toBe(200);
    expect(right.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const authorization of [TOKEN, `Basic ${TOKEN}`, 'Bearer ']) {
      const response = await t.get('/metrics/tenants', { token: null, headers: { authorization } });
      expect(response.statusCode).toBe(401);
    }
  });

  it('refuses wrong tokens with a 429 after ten in a minute from an address, and never the right one', async () => {
    const proxied = await testApp({
      database: t.database,
      env: { METRICS_TOKEN: TOKEN, TRUST_PROXY: 'loopback' },
    });
    proxied.services.status.snapshot = t.services.status.snapshot;
    const ask = async (address: string, token: string): Promise<number> =>
      (await proxied.get('/metrics/tenants', { token, headers: { 'x-forwarded-for': address } })).statusCode;
    for (let i = 0; i < 10; i += 1) expect(await ask('192.0.2.1', `wrong token ${i}`)).toBe(401);
    const refused = await proxied.get('/metrics/tenants', {
      token: 'wrong again',
      headers: { 'x-forwarded-for': '192.0.2.1' },
    });
    expect(refusalOf(refused)).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await ask('192.0.2.1', TOKEN)).toBe(200);
    expect(await ask('192.0.2.2', 'wrong token')).toBe(401);
    await proxied.close();
  });

  it('is a 404 while METRICS_TOKEN is unset', async () => {
    const without = await testApp({ database: t.database });
    for (const token of [null, '', 'undefined', 'anything']) {
      expect(refusalOf(await without.get('/metrics/tenants', { token }))).toEqual([404, 'NOT_FOUND']);
    }
    await without.close();
  });

  it('is a 503 with Retry-After until the first rollup has ended', async () => {
    const young = await testApp({ database: t.database, env: { METRICS_TOKEN: TOKEN } });
    const response = await young.get('/metrics/tenants', { token: TOKEN });
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    await young.close();
  });
});

describe('GET /metrics/tenant', () => {
  it('shows a tenant its own, and nothing to METRICS_TOKEN', async () => {
    await t.sendAndRollup('mine', [call('2026-03-10T08:00:00Z', { agentId: 'my-agent' })]);
    const { body } = await t.get('/metrics/tenant', 'mine');
    expect(seriesOf(body, 'agentidp_api_calls_total{tenant="mine",agent="my-agent"}')).toBe(1);
    for (const { samples } of Object.values(parseExposition(body))) {
      for (const { labels } of samples) expect(labels.tenant).toBe('mine');
    }
    const response = await t.get('/metrics/tenant', { token: TOKEN });
    expect(refusalOf(response)).toEqual([401, 'UNAUTHORIZED']);
  });
});
