/** Notifications of budgets: raised once at a mark, cleared and raised again. Their mails, over real SMTP. */
import { setTimeout as delay } from 'node:timers/promises';
import { createBudgetMails } from '../../src/costs/budget-mail.js';
import { eventually } from '../robustness/eventually.js';
import { testApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { execution } from '../support/executions.js';
import { ask, makeBudget, readBudget, run } from './budgets-app.js';
import { type MailServer, startMailServer } from './mail-server.js';

const TOKEN = 'a token of Prometheus';

const AT = '2026-03-18T11:30:00Z';
const TO = ['owner@example.org'];
/** Long enough for a second mail to come, if there were one. */
const QUIET_MS = 400;

let database: TestDatabase;
let t: TestApp;
let mails: MailServer;
const apps: TestApp[] = [];

async function replica(options: TestAppOptions = {}): Promise<TestApp> {
  const env = { SMTP_URL: mails.url, MAIL_FROM: 'Budgets <budgets@example.org>', METRICS_TOKEN: TOKEN };
  const app = await testApp({ database, env, ...options });
  apps.push(app);
  return app;
}

beforeEach(async () => {
  database = await createTestDatabase();
  mails = await startMailServer();
  t = await replica();
});
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  await mails.close();
  await database.drop();
});

const marksOf = async (tenant: string, id: string) =>
  (await readBudget(t, tenant, id)).notifications.map(({ mark, cleared_at }) => [mark, cleared_at === null]);

/** Makes all waiting mails due now. */
const makeDue = async () => {
  for (const table of ['budget_notifications', 'outbox_deliveries'])
    await database.pool.query(
      `UPDATE ${table} SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL`,
    );
};

const spend = (cost: number, n = 1, app = t) => run(app, 'acme', execution(n, AT, { cost_usd: cost }));

describe('a notification', () => {
  it('is raised once at the mark and once at 100 %, soon after the execution that reached it', async () => {
    const { id } = await makeBudget(t, 'acme', { threshold_usd: 10, alert_at_percentage: 50 });
    await spend(4.999999);
    await t.rollup();
    expect(await marksOf('acme', id)).toEqual([]);
    await spend(5);
    await eventually('the warning', async () => (await marksOf('acme', id)).length === 1);
    await spend(7);
    await t.rollup();
    await t.rollup();
    expect(await marksOf('acme', id)).toEqual([['warning', true]]);
    await spend(10);
    await t.rollup();
    const { notifications } = await readBudget(t, 'acme', id);
    expect(notifications).toEqual([
      {
        mark: 'exceeded',
        raised_at: '2026-03-18T12:00:00.000Z',
        cleared_at: null,
        spend_usd: 10,
        sent_at: null,
        last_error: null,
      },
      expect.objectContaining({ mark: 'warning', spend_usd: 5 }),
    ]);
    expect(mails.mails).toEqual([]);
  });

  it('is cleared when the spend has fallen below its mark, and then raised again', async () => {
    const { id } = await makeBudget(t, 'acme', { threshold_usd: 10, period_days: 2 });
    await spend(12);
    await t.rollup();
    await spend(9);
    await t.rollup();
    expect(await marksOf('acme', id)).toEqual([
      ['exceeded', false],
      ['warning', true],
    ]);
    await spend(11);
    await t.rollup();
    expect(await marksOf('acme', id)).toEqual([
      ['exceeded', true],
      ['exceeded', false],
      ['warning', true],
    ]);
    // The execution leaves the period.
    t.clock.now += 2 * 86_400_000;
    await t.rollup();
    expect((await marksOf('acme', id)).filter(([, stands]) => stands)).toEqual([]);
  });

  it('is raised again after a period in which the spend never fell', async () => {
    const { id } = await makeBudget(t, 'acme', {
      threshold_usd: 10,
      period_days: 1,
      alert_at_percentage: 100,
    });
    const hourly = async (hours: number) => {
      for (let hour = 0; hour < hours; hour += 1) {
        await run(
          t,
          'acme',
          execution(t.clock.now / 3_600_000, new Date(t.clock.now).toISOString(), { cost_usd: 11 }),
        );
        await t.services.budgetWatch.evaluate('acme');
        t.clock.now += 3_600_000;
      }
    };
    await hourly(24);
    expect(await marksOf('acme', id)).toEqual([['exceeded', true]]);
    await hourly(1);
    expect(await marksOf('acme', id)).toEqual([
      ['exceeded', true],
      ['exceeded', false],
    ]);
  });

  it('follows a changed budget, and is deleted with its budget', async () => {
    const { id } = await makeBudget(t, 'acme', { threshold_usd: 10 });
    await spend(9);
    await t.rollup();
    await ask(t, 'acme', 'PATCH', `/${id}`, { threshold_usd: 100 });
    await eventually('it is cleared', async () => (await marksOf('acme', id))[0]?.[1] === false);
    await ask(t, 'acme', 'PATCH', `/${id}`, { threshold_usd: 5, is_active: false });
    await t.rollup();
    expect(await marksOf('acme', id)).toEqual([['warning', false]]);
    await ask(t, 'acme', 'DELETE', `/${id}`);
    const { rows } = await database.pool.query('SELECT FROM budget_notifications');
    expect(rows).toEqual([]);
  });

  it('is raised once if many replicas evaluate at the same moment', async () => {
    await makeBudget(t, 'acme', { threshold_usd: 1, recipients: TO });
    const others = await Promise.all([replica(), replica(), replica()]);
    await spend(2);
    await Promise.all(
      [t, ...others].flatMap((app) => [app.rollup(), app.services.budgetWatch.evaluate('acme')]),
    );
    const { rows } = await database.pool.query('SELECT mark FROM budget_notifications ORDER BY mark');
    expect(rows).toEqual([{ mark: 'exceeded' }, { mark: 'warning' }]);
    await eventually('both mails', () => mails.mails.length === 2);
    await delay(QUIET_MS);
    expect(mails.mails).toHaveLength(2);
  });
});

describe('a mail', () => {
  it('says what happened, how much was spent and of which budget, once per notification', async () => {
    const budget = {
      threshold_usd: 10,
      name: 'Team ä',
      scope: 'agent',
      scope_id: 'a',
      alert_type: 'hard_stop',
      recipients: [...TO, 'second@example.org'],
    };
    const { id } = await makeBudget(t, 'acme', budget);
    await run(t, 'acme', execution(1, AT, { agent_id: 'a', cost_usd: 8.5 }));
    await eventually('the mail', () => mails.mails.length === 1);
    await t.rollup();
    await eventually('it is noted', async () => (await readBudget(t, 'acme', id)).notifications[0]?.sent_at);
    await t.rollup();
    await delay(QUIET_MS);
    expect(mails.mails).toHaveLength(1);
    const [mail] = mails.mails;
    expect(mail).toMatchObject({ from: 'budgets@example.org', to: [...TO, 'second@example.org'] });
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM budget_notifications');
    const text = mail!.text.replaceAll(/\r\n(?=[ \t])/g, '');
    expect(text).toContain(`Message-ID: <${rows[0]!.id}@budgets.agentidp-analytics>`);
    expect(text).toMatch(/^From: Budgets <budgets@example.org>/m);
    const body = mail!.text.replaceAll('=C3=A4', 'ä').replaceAll('=\r\n', '');
    expect(body).toContain('The budget "Team ä" has passed its warning mark.');
    expect(body).toMatch(/Spend: +8\.5 USD \(85\.0 %\)/);
    expect(body).toMatch(/Threshold: 10 USD/);
    expect(body).toMatch(/Of: +agent a of acme/);
    expect(body).toContain(id);
    expect(body).toContain('hard stop');
  });

  it.each([
    ['none are wanted', { email_notification: false, recipients: TO }],
    ['there is nobody to send it to', { recipients: [] }],
  ])('is not sent where %s', async (_, budget) => {
    const { id } = await makeBudget(t, 'acme', { threshold_usd: 1, ...budget });
    await spend(2);
    await t.rollup();
    expect(await marksOf('acme', id)).toHaveLength(2);
    await delay(QUIET_MS);
    expect(mails.mails).toEqual([]);
  });

  it('is retried from the database, after a longer delay each time, until the server is back', async () => {
    const { port } = mails;
    await mails.close();
    const { id } = await makeBudget(t, 'acme', {
      threshold_usd: 1,
      recipients: TO,
      alert_at_percentage: 100,
    });
    await spend(2);
    const row = async () =>
      (
        await database.pool.query<{ attempts: number; wait: number; error: string | null }>(
          `SELECT attempts, extract(epoch FROM next_attempt_at - now())::float8 AS wait, last_error AS error
           FROM outbox_deliveries`,
        )
      ).rows[0];
    const tried = async (attempts: number) =>
      eventually(`try ${attempts}`, async () => {
        const found = await row();
        return found?.attempts === attempts && found.error !== null && found.wait < 120 ? found : undefined;
      });
    expect(await tried(1)).toMatchObject({ error: expect.stringContaining('ECONNREFUSED') });
    expect((await row())!.wait).toBeGreaterThan(25);
    // Nobody retries before the delay is over.
    await t.rollup();
    await delay(QUIET_MS);
    expect((await row())!.attempts).toBe(1);
    await makeDue();
    await t.rollup();
    expect((await tried(2)).wait).toBeGreaterThan(50);
    const { body } = await t.get('/metrics/tenants', { token: TOKEN });
    expect(body).toContain('agentidp_budget_mails{tenant="acme",state="failing"} 1');

    // Another process sends it: the mail stands in the database.
    await t.app.close();
    mails = await startMailServer(port);
    t = await replica();
    await makeDue();
    await t.rollup();
    await eventually('the mail', () => mails.mails.length === 1);
    await eventually('it is noted', async () => {
      const [notification] = (await readBudget(t, 'acme', id)).notifications;
      return notification?.sent_at !== null && notification?.last_error === null;
    });
    await t.rollup();
    expect((await t.get('/metrics/tenants', { token: TOKEN })).body).not.toContain('agentidp_budget_mails{');
  });

  /** Inserts notifications that have not been mailed, of inactive budgets. */
  async function due(count: number): Promise<void> {
    await database.pool.query(`INSERT INTO tenants (id, tier) VALUES ('acme', 'pro')`);
    await database.pool.query(
      `INSERT INTO budgets SELECT 'acme', gen_random_uuid(), 'b' || n, 'agent', 'a' || n, 1, 30, 'warning', 80, true, true,
         ARRAY['n' || n || '@example.org'] FROM generate_series(1, $1::int) n`,
      [count],
    );
    await database.pool.query(
      `INSERT INTO budget_notifications (tenant_id, id, budget_id, mark, spend_usd, threshold_usd, raised_at, recipients, next_attempt_at)
       SELECT tenant_id, gen_random_uuid(), id, 'warning', 1, 1, now(), recipients, now() FROM budgets`,
    );
    await database.pool.query('UPDATE budgets SET is_active = false');
  }

  it('waits if the tenant has had its mails of the day, and goes out when that is over', async () => {
    await due(5);
    const sender = createBudgetMails({
      pool: database.pool,
      smtpUrl: mails.url,
      dailyLimit: 3,
      now: Date.now,
      log: { warn: () => undefined },
    });
    const sent = async () =>
      (await database.pool.query('SELECT FROM budget_notifications WHERE sent_at IS NOT NULL')).rowCount;
    sender.kick();
    await eventually('three mails', async () => (await sent()) === 3);
    sender.kick();
    await delay(QUIET_MS);
    expect([await sent(), mails.mails.length]).toEqual([3, 3]);
    await database.pool.query(`UPDATE budget_notifications SET sent_at = sent_at - interval '1 day'`);
    sender.kick();
    await eventually('the others', async () => (await sent()) === 5);
    await sender.stop();
  });

  it('goes to nobody but those whom MAIL_RECIPIENTS allows', async () => {
    const allowed = ['a@example.org', 'Owner@example.net'];
    const before = await makeBudget(t, 'acme', {
      ...{ threshold_usd: 1, alert_at_percentage: 100 },
      recipients: [...allowed, 'x@evil.test', 'x@sub.example.org'],
    });
    await t.app.close();
    t = await replica({
      env: { SMTP_URL: mails.url, MAIL_RECIPIENTS: 'example.org, owner@EXAMPLE.net' },
    });
    const settings = { threshold_usd: 1, recipients: ['x@evil.test'] };
    const refused = await ask(t, 'acme', 'POST', '', settings);
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('"x@evil.test" are not allowed'),
    });
    expect((await ask(t, 'acme', 'PATCH', `/${before.id}`, settings)).statusCode).toBe(400);
    await makeBudget(t, 'acme', { threshold_usd: 100, recipients: allowed });
    await spend(2);
    await eventually('the mail', () => mails.mails.length === 1);
    expect(mails.mails[0]!.to).toEqual(allowed);
  });

  it('stays claimed by its sender for as long as the server takes', async () => {
    await due(1);
    let answer!: () => void;
    mails.silence = new Promise((resolve) => (answer = resolve));
    const sender = createBudgetMails({
      pool: database.pool,
      smtpUrl: mails.url,
      now: Date.now,
      log: { warn: () => undefined },
      claimMs: 1_500,
    });
    const row = async () =>
      (
        await database.pool.query<{ attempts: number; until: Date; sent: Date | null; error: string | null }>(
          `SELECT attempts, next_attempt_at AS until, sent_at AS sent, last_error AS error FROM budget_notifications`,
        )
      ).rows[0]!;
    try {
      sender.kick();
      const first = await eventually('its claim', async () => {
        const { attempts, until } = await row();
        return (attempts === 1 && until) || undefined;
      });
      await eventually('its renewal', async () => {
        const { until, error } = await row();
        return error === null && until > first;
      });
      answer();
      await eventually('it is noted', async () => (await row()).sent ?? undefined);
    } finally {
      answer();
      await sender.stop();
    }
    expect(await row()).toMatchObject({ attempts: 1, until: null });
    expect(mails.mails).toHaveLength(1);
  });

  it('is never sent twice by two replicas, however many mails are due', async () => {
    const other = await replica();
    await due(40);
    await Promise.all([t.rollup(), other.rollup()]);
    const sent = async () =>
      (await database.pool.query('SELECT FROM budget_notifications WHERE sent_at IS NOT NULL')).rowCount;
    await eventually('all mails', async () => (await sent()) === 40);
    await Promise.all([t.rollup(), other.rollup()]);
    await delay(QUIET_MS);
    expect(mails.mails.map(({ to }) => to[0]).sort()).toEqual(
      Array.from({ length: 40 }, (_, i) => `n${i + 1}@example.org`).sort(),
    );
  });

  it('whose sender was killed before sending is sent by another when the claim has expired', async () => {
    const { id } = await makeBudget(t, 'acme', {
      threshold_usd: 1,
      recipients: TO,
      alert_at_percentage: 100,
    });
    const noted = async () => (await readBudget(t, 'acme', id)).notifications[0]?.sent_at;
    await spend(2);
    await eventually('it is noted', noted);
    mails.mails.length = 0;
    // Claimed, and nothing done since.
    const state = (claim: string) =>
      `UPDATE budget_notifications SET sent_at = NULL, attempts = 1, next_attempt_at = ${claim}`;
    await database.pool.query(state(`now() + interval '5 minutes'`));
    await t.rollup();
    await delay(QUIET_MS);
    expect(mails.mails).toEqual([]);
    await makeDue();
    await t.rollup();
    await eventually('the mail', () => mails.mails.length === 1);
    await eventually('it is noted', noted);
  });

  it('is given up for recipients refused permanently, retried for those refused temporarily, and sent to the rest', async () => {
    mails.refuse.set('gone@example.org', 550);
    mails.refuse.set('later@example.org', 450);
    const recipients = ['gone@example.org', 'later@example.org', ...TO];
    const { id } = await makeBudget(t, 'acme', { threshold_usd: 1, recipients, alert_at_percentage: 100 });
    await spend(2);
    await eventually('the first mail', () => mails.mails.length === 1);
    expect(mails.mails[0]!.to).toEqual(TO);
    await eventually('it is noted', async () => {
      const [notification] = (await readBudget(t, 'acme', id)).notifications;
      return notification?.sent_at !== null && /550/.test(notification?.last_error ?? '');
    });
    mails.refuse.delete('later@example.org');
    await makeDue();
    await t.rollup();
    await eventually('the second mail', () => mails.mails.length === 2);
    expect(mails.mails[1]!.to).toEqual(['later@example.org']);
    const { rows } = await eventually('all is noted', async () => {
      const result = await database.pool.query('SELECT FROM outbox_deliveries WHERE next_attempt_at IS NULL');
      return result.rowCount === 1 ? result : undefined;
    });
    expect(rows).toHaveLength(1);
  });

  it('whose recipients are all refused permanently is given up, with the reason', async () => {
    mails.refuse.set(TO[0]!, 550);
    const { id } = await makeBudget(t, 'acme', {
      threshold_usd: 1,
      recipients: TO,
      alert_at_percentage: 100,
    });
    await spend(2);
    await eventually(
      'the refusal',
      async () => (await readBudget(t, 'acme', id)).notifications[0]?.last_error,
    );
    const { rows } = await database.pool.query(
      'SELECT sent_at, next_attempt_at, attempts FROM outbox_deliveries',
    );
    expect(rows).toEqual([{ sent_at: null, next_attempt_at: null, attempts: 1 }]);
  });
});
