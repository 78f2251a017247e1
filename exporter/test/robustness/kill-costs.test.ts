/** SIGKILL during a reservation, a notification, a delivery and a recompute: nothing is lost or duplicated. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Pool } from 'pg';
import { signToken } from '../../src/auth/tokens.js';
import { createPool } from '../../src/db/pool.js';
import { startMailServer } from '../budgets/mail-server.js';
import { startReceiver } from '../outbox/receiver.js';
import { SECRET } from '../support/app.js';
import { execution } from '../support/executions.js';
import { blocked, eventually, HeldLocks } from './eventually.js';
import { embeddedServer, type Exporter, Processes } from './exporter-process.js';

const processes = new Processes();
let pool: Pool | undefined;
let locks: HeldLocks | undefined;
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await locks?.releaseAll();
  await pool?.end();
  await processes.cleanUp();
  for (const end of endings.splice(0)) await end();
});

interface Started {
  exporter: Exporter;
  pool: Pool;
  locks: HeldLocks;
  /** Kills the exporter, releases all locks, and starts another one with the same data. */
  killAndRestart(): Promise<Exporter>;
}

async function start(settings: Record<string, string> = {}): Promise<Started> {
  const env = { ...settings, DATA_DIR: processes.directory() };
  const exporter = await (await processes.serve(env)).ready();
  const { url } = embeddedServer(env.DATA_DIR);
  pool = createPool({ url, applicationName: 'test' });
  locks = new HeldLocks(url);
  const held = locks;
  return {
    exporter,
    pool,
    locks,
    killAndRestart: async () => {
      await exporter.kill();
      await held.releaseAll();
      return (await processes.serve(env)).ready();
    },
  };
}

/** Sends a request as an administrator of the tenant. Returns undefined if there is no response. */
async function ask(
  { url }: Exporter,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
  const scopes = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
  const token = await signToken({
    secret: SECRET,
    tenantId: 'acme',
    subject: 'tests',
    scopes,
    lifetimeSeconds: 600,
  });
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

const ANALYTICS = '/api/v1/analytics';
const statusOf = async (...request: Parameters<typeof ask>): Promise<number | undefined> =>
  (await ask(...request))?.status;

it('SIGKILL during a reservation', async () => {
  const { exporter, pool, locks, killAndRestart } = await start();
  const budget = { threshold_usd: 50, alert_type: 'hard_stop' };
  expect(await statusOf(exporter, 'POST', `${ANALYTICS}/budgets`, budget)).toBe(201);
  const reserve = (by: Exporter): Promise<number | undefined> =>
    statusOf(by, 'POST', `${ANALYTICS}/budgets/reservations`, { estimated_cost_usd: 1 });
  const many = (by: Exporter, count: number): Promise<(number | undefined)[]> =>
    Promise.all(Array.from({ length: count }, () => reserve(by)));
  expect(await many(exporter, 20)).toEqual(Array(20).fill(201));

  // The next reservations have read the remaining amount. They wait in their transaction to insert.
  await locks.hold('LOCK TABLE budget_reservations IN SHARE MODE');
  const cut = many(exporter, 100);
  await blocked(pool, 'agentidp-analytics');
  const restarted = await killAndRestart();
  expect(await cut).toEqual(Array(100).fill(undefined));
  const answers = await many(restarted, 100);
  expect([201, 402].map((status) => answers.filter((answer) => answer === status).length)).toEqual([30, 70]);
  const { body } = (await ask(restarted, 'GET', `${ANALYTICS}/budgets`))!;
  expect(body.budgets).toEqual([expect.objectContaining({ reserved_usd: 50, current_spend_usd: 0 })]);
}, 600_000);

it('SIGKILL during a notification', async () => {
  // A mail server that accepts the connection and sends nothing.
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const closed = once(silent, 'close');
  const connected = once(silent, 'connection');
  const { exporter, pool, killAndRestart } = await start({ SMTP_URL: `smtp://127.0.0.1:${port}` });
  const budget = { threshold_usd: 1, alert_at_percentage: 100, recipients: ['ops@example.org'] };
  expect(await statusOf(exporter, 'POST', `${ANALYTICS}/budgets`, budget)).toBe(201);
  const executions = [execution(1, new Date().toISOString(), { cost_usd: 2 })];
  expect(await statusOf(exporter, 'POST', '/api/v1/executions', { executions })).toBe(200);
  await connected;
  const killed = killAndRestart();
  await exporter.ended;
  silent.close();
  await closed;
  const mails = await startMailServer(port);
  endings.push(() => mails.close());
  await killed;
  const rows = async (): Promise<{ claimed: boolean; sent: boolean }[]> =>
    (
      await pool.query<{ claimed: boolean; sent: boolean }>(
        `SELECT next_attempt_at > now() AS claimed, sent_at IS NOT NULL AS sent FROM outbox_deliveries`,
      )
    ).rows;
  // The claim of the killed replica still holds, so that no mail is sent twice if a replica is only slow.
  expect(await rows()).toEqual([{ claimed: true, sent: false }]);
  await pool.query('UPDATE outbox_deliveries SET next_attempt_at = now()');
  await eventually('the mail', async () => (await rows())[0]?.sent);
  expect(await rows()).toHaveLength(1);
  expect(mails.mails.map(({ to }) => to)).toEqual([['ops@example.org']]);
}, 600_000);

it('SIGKILL between the yes of a receiver and the note of it', async () => {
  const receiver = await startReceiver();
  endings.push(() => receiver.close());
  const env = { OUTBOUND_ALLOW: '127.0.0.0/8' };
  const { exporter, pool, killAndRestart } = await start(env);
  const channel = { name: 'hook', type: 'webhook', config: { url: receiver.url } };
  expect(await statusOf(exporter, 'POST', `${ANALYTICS}/channels`, channel)).toBe(201);
  // The exporter is gone when the answer comes.
  receiver.answer = (response) => {
    exporter.signal('SIGKILL');
    response.end('ok');
  };
  const budget = { threshold_usd: 1, alert_at_percentage: 100, channels: ['hook'] };
  expect(await statusOf(exporter, 'POST', `${ANALYTICS}/budgets`, budget)).toBe(201);
  const executions = [execution(1, new Date().toISOString(), { cost_usd: 2 })];
  expect(await statusOf(exporter, 'POST', '/api/v1/executions', { executions })).toBe(200);
  await exporter.ended;
  receiver.answer = (response) => response.end('ok');
  await killAndRestart();
  const state = async () =>
    (
      await pool.query<{ attempts: number; sent: boolean; pending: boolean }>(
        `SELECT attempts, sent_at IS NOT NULL AS sent, next_attempt_at > now() AS pending FROM outbox_deliveries`,
      )
    ).rows[0];
  // The claim of the killed replica still holds.
  expect(await state()).toEqual({ attempts: 1, sent: false, pending: true });
  await pool.query('UPDATE outbox_deliveries SET next_attempt_at = now()');
  await eventually('it is sent again', async () => (await state())?.sent);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([expect.any(String), ids[0]]);
}, 600_000);

it('SIGKILL during a recompute', async () => {
  const { exporter, pool, locks, killAndRestart } = await start();
  const [COUNT, CUT_AT] = [1_400, 700];
  const startedAt = Date.now() - 3 * 86_400_000;
  for (let first = 0; first < COUNT; first += 700) {
    const executions = Array.from({ length: 700 }, (_, i) =>
      execution(first + i, new Date(startedAt + (first + i) * 1_000).toISOString(), {
        provider: 'in-house',
        model_name: 'house-7b',
        input_tokens: 1_000_000,
        output_tokens: 0,
      }),
    );
    expect(await statusOf(exporter, 'POST', '/api/v1/executions', { executions })).toBe(200);
  }
  // One execution of the second batch is locked, so the recompute stops there.
  await locks.hold(
    `SELECT FROM executions WHERE id = (
       SELECT id FROM executions ORDER BY started_at, id OFFSET ${CUT_AT} LIMIT 1) FOR UPDATE`,
  );
  const price = {
    ...{ provider: 'in-house', model_name: 'house-7b', effective_from: '2020-01-01' },
    ...{ input_usd_per_mtok: 0.1, output_usd_per_mtok: 1 },
  };
  expect(await statusOf(exporter, 'PUT', `${ANALYTICS}/prices`, price)).toBe(200);
  await blocked(pool, 'agentidp-analytics');
  const priced = 'SELECT FROM executions WHERE cost_usd IS NOT NULL';
  expect((await pool.query(priced)).rowCount).toBe(500);
  const restarted = await killAndRestart();
  await eventually('the end of the recompute', async () => {
    const { rows } = await pool.query<{ left: number }>(
      'SELECT (SELECT count(*) FROM price_recomputes) + (SELECT count(*) FROM dirty_marks) AS left',
    );
    return rows[0]!.left === 0;
  });
  const { rows } = await pool.query(
    `SELECT (SELECT sum(cost_usd) FROM executions)::float8 AS raw, (SELECT sum(cost_usd) FROM execution_days)::float8 AS days,
            (SELECT sum(cost_usd) FROM execution_totals)::float8 AS totals`,
  );
  expect(rows).toEqual([{ raw: 140, days: 140, totals: 140 }]);
  const { body } = (await ask(restarted, 'GET', `${ANALYTICS}/costs/summary`))!;
  expect(body).toMatchObject({ total_cost_usd: 140, unpriced_executions: 0 });
}, 600_000);
