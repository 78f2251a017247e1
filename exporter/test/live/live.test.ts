/** Live figures: what they count, on every replica, and how a stream begins and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_LIVE_A_TENANT } from '../../src/http/live-streams.js';
import { eventually } from '../robustness/eventually.js';
import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, uuid } from '../support/executions.js';
import { listen, type Listening } from './listening.js';

const AT = '2026-03-18T11:59:00Z';
const ZERO = {
  active_sessions: 0,
  running_executions: 0,
  executions_per_minute: 0,
  current_error_rate: null,
  api_calls_per_minute: 0,
  tokens_per_minute: 0,
  cost_per_minute_usd: 0,
  firing_alerts: 0,
};

let a: TestApp;
let b: TestApp;
const open: Listening[] = [];

beforeAll(async () => {
  a = await testApp();
  b = await testApp({ database: a.database });
  for (const t of [a, b]) await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => {
  for (const listening of open.splice(0)) listening.leave();
});
afterAll(async () => {
  await b.close();
  await a.close();
});

async function listenTo(...args: Parameters<typeof listen>): Promise<Listening> {
  const listening = await listen(...args);
  open.push(listening);
  return listening;
}

const send = async (t: TestApp, tenant: string, ...executions: object[]): Promise<void> => {
  const { accepted } = (await t.post('/api/v1/executions', { executions }, tenant)).json<{
    accepted: number;
  }>();
  expect(accepted).toBe(executions.length);
};

describe('a stream', () => {
  it('sends an event `metrics` every second, all zero for a tenant of which nothing has arrived', async () => {
    const listening = await listenTo(a, a.tenant());
    expect(listening.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    expect(listening.response.headers['content-encoding']).toBeUndefined();
    await eventually('three events', () => listening.figures.length === 3);
    for (const figures of listening.figures)
      expect(figures).toEqual({ at: '2026-03-18T12:00:00.000Z', ...ZERO });
    expect(listening.text.split('\n\n')[1]).toMatch(/^event: metrics\ndata: \{"at":/);
  });

  it('is a JSON object a line where NDJSON is accepted', async () => {
    const listening = await listenTo(a, a.tenant(), { accept: 'application/x-ndjson' });
    expect(listening.response.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    await eventually('two lines', () => listening.text.split('\n').length === 3);
    for (const line of listening.text.trim().split('\n')) expect(JSON.parse(line)).toMatchObject(ZERO);
  });

  it('sends as often as was asked for', async () => {
    const tenant = a.tenant();
    const every = await listenTo(a, tenant);
    const third = await listenTo(a, tenant, { query: '?interval=3s' });
    await eventually('seven events', () => every.figures.length === 7);
    expect([2, 3]).toContain(third.figures.length);
  });

  it.each(['0s', '61s', '1', '1m', '1.5s', '-1s', ''])(
    'of the interval "%s" is refused',
    async (interval) => {
      const refused = await a.get(`live?interval=${interval}`);
      expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
      expect(refused.json()).toMatchObject({ message: expect.stringContaining('1s to 60s') });
    },
  );

  it('answers HEAD without a stream', async () => {
    const { statusCode, body } = await a.app.inject({
      method: 'HEAD',
      url: '/api/v1/analytics/live',
      headers: await a.headers(),
    });
    expect([statusCode, body]).toEqual([200, '']);
  });
});

describe('the figures', () => {
  it('count each execution once, and what came of it as it came', async () => {
    const tenant = a.tenant();
    const listening = await listenTo(a, tenant);
    const run = { session_id: 's-1', input_tokens: 100, output_tokens: 20 };
    await send(a, tenant, execution(1, AT, { ...run, status: 'running', cost_usd: 0.25 }));
    await listening.shows({
      ...ZERO,
      ...{ running_executions: 1, active_sessions: 1, executions_per_minute: 1 },
      ...{ tokens_per_minute: 120, cost_per_minute_usd: 0.25 },
    });
    await send(
      a,
      tenant,
      execution(1, AT, { ...run, output_tokens: 50, status: 'failure', cost_usd: 0.75 }),
      execution(2, AT, { session_id: 's-2', input_tokens: 7, cost_usd: 1 }),
      // A call of the first: of it, only tokens and cost count.
      execution(3, AT, {
        parent_execution_id: uuid(1),
        input_tokens: 1_000,
        cost_usd: 0.5,
        status: 'failure',
      }),
    );
    await listening.shows({
      ...{ running_executions: 0, active_sessions: 2, executions_per_minute: 2, current_error_rate: 50 },
      ...{ tokens_per_minute: 1_157, cost_per_minute_usd: 2.25, api_calls_per_minute: 0 },
    });
    // Sent again unchanged.
    await a.post(
      '/api/v1/executions',
      { executions: [execution(2, AT, { session_id: 's-2', input_tokens: 7, cost_usd: 1 })] },
      tenant,
    );
    await delay(1_500);
    expect(listening.last).toMatchObject({ executions_per_minute: 2, tokens_per_minute: 1_157 });
  });

  it('count what usages and steps add to an execution', async () => {
    const tenant = a.tenant();
    const listening = await listenTo(a, tenant);
    await send(a, tenant, execution(4, AT, { status: 'running' }));
    const token_usages = [{ component: 'main_agent', input_tokens: 30, cost_usd: 0.5 }];
    await a.post(`/api/v1/executions/${uuid(4)}/token-usages`, { token_usages }, tenant);
    await listening.shows({ executions_per_minute: 1, tokens_per_minute: 30, cost_per_minute_usd: 0.5 });
  });

  it('count API calls by their number, and other events not at all', async () => {
    const tenant = a.tenant();
    const listening = await listenTo(a, tenant);
    const events = [
      call('2026-03-18T11:00:00Z', { count: 5 }),
      call('2026-03-10T11:00:00Z', { count: 2 }),
      { metricType: 'token_issuances', occurredAt: '2026-03-18T11:00:00Z', count: 9 },
    ];
    await a.send(tenant, events);
    await listening.shows({ ...ZERO, api_calls_per_minute: 7 });
  });

  it('have a session as active until nothing has happened in it for long', async () => {
    const tenant = a.tenant();
    await send(
      a,
      tenant,
      execution(5, '2026-03-18T11:00:00Z', { session_id: 'old', completed_at: '2026-03-18T11:29:59Z' }),
      execution(6, '2026-03-18T11:00:00Z', { session_id: 'recent', completed_at: '2026-03-18T11:30:01Z' }),
      execution(7, '2026-03-18T09:00:00Z', { session_id: 'runs', status: 'running' }),
      execution(8, '2026-03-18T09:00:00Z', { status: 'running' }),
    );
    const before = await listenTo(a, tenant);
    await before.shows({ active_sessions: 2, running_executions: 2 });
    await a.rollup();
    const after = await listenTo(a, tenant);
    await eventually('further events', () => after.figures.length > 1);
    expect(after.last).toMatchObject({ active_sessions: 2, running_executions: 2 });
  });

  it('count the alerts that are firing', async () => {
    const tenant = a.tenant();
    await a.send(tenant, [call(AT)]);
    const insert = `
      INSERT INTO alert_rules (tenant_id, id, name, condition, for_text, repeat_text, severity, channels, is_active, state)
      SELECT $1, gen_random_uuid(), state, '{}', '0m', '4h', 'info', '{}', is_active, state
      FROM (VALUES ('firing', true), ('firing', true), ('firing', false), ('pending', true)) AS rules (state, is_active)`;
    await a.pool.query(insert, [tenant]);
    const listening = await listenTo(b, tenant);
    await listening.shows({ firing_alerts: 2 });
  });

  it('forget after a minute', async () => {
    const tenant = a.tenant();
    await a.send(tenant, [call(AT, { count: 3 })]);
    const listening = await listenTo(a, tenant);
    await listening.shows({ api_calls_per_minute: 3 });
    const age = "UPDATE live_arrivals SET at = at - $2 * interval '1 second' WHERE tenant_id = $1";
    await a.pool.query(age, [tenant, 50]);
    const events = listening.figures.length;
    await eventually('two events', () => listening.figures.length > events + 1);
    expect(listening.last).toMatchObject({ api_calls_per_minute: 3 });
    await a.pool.query(age, [tenant, 10]);
    await listening.shows(ZERO);
  });
});

describe('several replicas', () => {
  it('show what any of them has accepted within two seconds, to those who come later too', async () => {
    const tenant = a.tenant();
    const [onA, onB] = await Promise.all([listenTo(a, tenant), listenTo(b, tenant)]);
    await eventually('both listen', () => onA.figures.length > 0 && onB.figures.length > 0);
    await b.send(tenant, [call(AT, { count: 4 })]);
    await send(a, tenant, execution(9, AT, { input_tokens: 10 }));
    const accepted = performance.now();
    const figures = { api_calls_per_minute: 4, executions_per_minute: 1, tokens_per_minute: 10 };
    await Promise.all([onA.shows(figures), onB.shows(figures)]);
    expect(performance.now() - accepted).toBeLessThan(2_000);
    const late = await listenTo(b, tenant);
    await eventually('the first event', () => late.figures.length > 0);
    expect(late.figures[0]).toMatchObject(figures);
  });

  it('show nothing of another tenant', async () => {
    const [mine, theirs] = [a.tenant(), a.tenant()];
    const [listening, other] = await Promise.all([listenTo(a, theirs), listenTo(b, mine)]);
    await send(
      a,
      mine,
      execution(10, AT, { session_id: 's', status: 'running', input_tokens: 5, cost_usd: 1 }),
    );
    await a.send(mine, [call(AT)]);
    await other.shows({ running_executions: 1, api_calls_per_minute: 1 });
    const events = listening.figures.length;
    await eventually('two events', () => listening.figures.length > events + 1);
    for (const figures of listening.figures) expect(figures).toMatchObject(ZERO);
  });
});

describe('a stream ends', () => {
  it('when the token expires', async () => {
    const began = performance.now();
    const listening = await listenTo(a, a.tenant(), { lifetimeSeconds: 3 });
    await listening.ended();
    expect(listening.complete).toBe(true);
    expect(listening.endedAt! - began).toBeGreaterThan(1_500);
    expect(listening.endedAt! - began).toBeLessThan(6_000);
    expect(listening.figures.length).toBeGreaterThan(0);
  });

  it('when the service stops, which does not wait for it', async () => {
    const c = await testApp({ database: a.database });
    await c.app.listen({ port: 0, host: '127.0.0.1' });
    const listening = await listenTo(c, a.tenant());
    const began = performance.now();
    await c.close();
    await listening.ended();
    expect(listening.complete).toBe(true);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('when the client leaves, which makes room for another', async () => {
    const tenant = a.tenant();
    const listening: Listening[] = [];
    for (let i = 0; i < MAX_LIVE_A_TENANT; i += 1) listening.push(await listenTo(a, tenant));
    const refused = await a.get('live', tenant);
    expect(refusalOf(refused)).toEqual([429, 'RATE_LIMITED']);
    expect(refused.json()).toMatchObject({ message: expect.stringContaining('50 live streams') });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await listenTo(a, a.tenant())).response.statusCode).toBe(200);
    listening[0]!.leave();
    const another = await eventually('room', async () => {
      const next = await listenTo(a, tenant);
      return next.response.statusCode === 200 ? next : undefined;
    });
    await eventually('an event', () => another.figures.length > 0);
  });
});
