/** Receivers that are slow, refuse, redirect, break off, or never stop talking; and replicas that share the work. */
import { setTimeout as delay } from 'node:timers/promises';
import { HttpReceiver } from '../../src/outbox/http.js';
import { MAX_PENDING } from '../../src/outbox/messages.js';
import { OutboundGuard } from '../../src/outbound/guard.js';
import { type MailServer, startMailServer } from '../budgets/mail-server.js';
import { eventually } from '../robustness/eventually.js';
import type { TestApp } from '../support/app.js';
import {
  ask,
  channelsApp,
  CONTENT,
  deliveries,
  makeChannel,
  retryNow,
  send,
  settled,
} from './channels-app.js';
import { type HttpServer, startReceiver } from './receiver.js';

let t: TestApp;
let receiver: HttpServer;
let mails: MailServer;

beforeEach(async () => {
  receiver = await startReceiver();
  mails = await startMailServer();
  t = await channelsApp({ env: { SMTP_URL: mails.url } });
  await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: receiver.url } });
});
afterEach(async () => {
  await t.close();
  await receiver.close();
  await mails.close();
});

const toHook = (tenantId = 'acme', content = CONTENT) => send(t, { tenantId, channels: ['hook'], content });

it('429 is retried no sooner than Retry-After says, under the same id', async () => {
  receiver.answer = (response) => response.writeHead(429, { 'retry-after': '300' }).end('slow down');
  const id = await toHook();
  const [row] = await settled(t, id);
  expect(row).toMatchObject({ attempts: 1, sent: false, error: 'answered 429: slow down' });
  expect(row!.wait).toBeGreaterThan(280);
  receiver.answer = (response) => response.end('ok');
  await retryNow(t);
  await eventually('it is sent', async () => (await deliveries(t, id))[0]!.sent);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
});

it('500 is retried after half a minute, and given up after five days with the reason', async () => {
  receiver.answer = (response) => response.writeHead(500).end('broken');
  const id = await toHook();
  const [row] = await settled(t, id);
  expect(row!.wait).toBeGreaterThan(25);
  expect(row!.wait).toBeLessThan(35);
  await t.pool.query(`UPDATE outbox_messages SET created_at = '2026-03-13T12:00:00Z'`);
  await retryNow(t);
  await eventually('it is given up', async () => (await deliveries(t, id))[0]!.attempts === 2);
  expect(
    await eventually(
      'the note',
      async () => (await deliveries(t, id)).filter(({ wait }) => wait === null)[0],
    ),
  ).toMatchObject({
    sent: false,
    error: 'answered 500: broken',
  });
  const { deliveries: listed } = await t.read<{ deliveries: object[] }>('channels/hook');
  expect(listed).toMatchObject([
    { message_id: id, state: 'failed', attempts: 2, last_error: 'answered 500: broken' },
  ]);
});

it('400 and 410 are given up at once', async () => {
  for (const status of [400, 410]) {
    receiver.answer = (response) => response.writeHead(status).end();
    expect(await settled(t, await toHook())).toMatchObject([
      { sent: false, wait: null, error: `answered ${status}` },
    ]);
  }
});

it('a redirect is not followed, wherever it leads', async () => {
  receiver.answer = (response) =>
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  const [row] = await settled(t, await toHook());
  expect(row).toMatchObject({
    sent: false,
    error: 'answered 307, a redirect to http://169.254.169.254/latest/meta-data; redirects are not followed',
  });
  expect(receiver.received).toHaveLength(1);
});

it('a connection that closes in the middle is retried, and a server that is away as well', async () => {
  receiver.answer = (response) => response.destroy();
  const id = await toHook();
  expect((await settled(t, id))[0]!.error).toMatch(/^not reached: socket hang up/);
  const { port } = receiver;
  await receiver.close();
  await retryNow(t);
  await eventually('a second attempt', async () =>
    (await deliveries(t, id))[0]!.error?.includes('ECONNREFUSED'),
  );
  receiver = await startReceiver(port);
  await retryNow(t);
  await eventually('it is sent', async () => (await deliveries(t, id))[0]!.sent);
});

it('an answer of 1 GB is read only at its beginning', async () => {
  let written = 0;
  receiver.answer = (response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const more = (): void => {
      while (written < 1024 ** 3 && response.write(chunk)) written += chunk.length;
      response.once('drain', more);
    };
    response.writeHead(500);
    more();
  };
  const [row] = await settled(t, await toHook());
  expect(row!.error).toBe(`answered 500: ${'x'.repeat(200)}`);
  expect(written).toBeLessThan(64 * 1024 ** 2);
});

it('a receiver that does not answer holds up no other tenant, and is given so much time', async () => {
  const silent = await startReceiver();
  silent.answer = () => undefined;
  for (let i = 0; i < 4; i += 1) {
    await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: silent.url } }, `slow-${i}`);
    await toHook(`slow-${i}`);
  }
  await eventually('the silent ones', () => silent.received.length === 4);
  for (let i = 0; i < 3; i += 1) {
    const id = await toHook();
    await eventually('it is sent', async () => (await deliveries(t, id))[0]!.sent, 5_000);
  }
  const hasty = new HttpReceiver({
    channels: { open: async () => ({ name: 'hook', type: 'webhook', config: { url: silent.url } }) },
    guard: new OutboundGuard(['127.0.0.0/8']),
    pagerdutyUrl: '',
    now: Date.now,
    timeoutMs: 200,
  });
  const message = {
    ...{ tenantId: 'acme', id: 'x', messageId: 'x', createdAt: new Date(), recipients: [], attempts: 1 },
    ...{ kind: 'alert' as const, content: CONTENT, channel: 'hook', type: 'webhook' as const },
  };
  expect(await hasty.deliver(message)).toEqual({
    ...{ sent: false, retry: ['hook'], postpones: true },
    error: 'not reached: no answer within 0.2 s',
  });
  await silent.close();
});

it('of what is about the same thing, the second message waits for the first', async () => {
  receiver.answer = (response) => response.writeHead(503).end();
  const firing = await toHook();
  await settled(t, firing);
  receiver.answer = (response) => response.end();
  const resolved = await toHook('acme', { ...CONTENT, status: 'resolved' });
  const other = await toHook('acme', { ...CONTENT, dedupKey: 'rule-2' });
  await eventually('the other one', async () => (await deliveries(t, other))[0]!.sent);
  expect(await deliveries(t, resolved)).toMatchObject([{ attempts: 0, sent: false }]);
  await retryNow(t);
  await eventually('the second one', async () => (await deliveries(t, resolved))[0]!.sent);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
    firing,
    other,
    firing,
    resolved,
  ]);
});

it('two replicas send each message once', async () => {
  const other = await channelsApp({ database: t.database, env: { SMTP_URL: mails.url } });
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      send(i % 2 === 0 ? t : other, {
        ...{ channels: ['hook'], recipients: [`r${i}@example.org`] },
        content: { ...CONTENT, dedupKey: `rule-${i}` },
      }),
    ),
  );
  await Promise.all([t.rollup(), other.rollup()]);
  await eventually('all are sent', async () => {
    const { rows } = await t.pool.query('SELECT FROM outbox_deliveries WHERE sent_at IS NULL');
    return rows.length === 0;
  });
  await delay(300);
  expect(receiver.received.map(({ headers }) => headers['webhook-id']).sort()).toEqual([...ids].sort());
  expect(mails.mails).toHaveLength(30);
  await other.close();
});

it('a tenant has at most so many messages that wait; further ones are given up, with the reason', async () => {
  await t.pool.query(
    `INSERT INTO outbox_deliveries (tenant_id, id, message_id, channel, type, recipients, next_attempt_at)
     SELECT 'acme', gen_random_uuid(), gen_random_uuid(), 'hook', 'webhook', '{}', now() + interval '1 hour'
     FROM generate_series(1, $1::int)`,
    [MAX_PENDING],
  );
  expect(await settled(t, await toHook())).toMatchObject([
    { attempts: 0, wait: null, error: 'given up: 10000 messages of the tenant wait already' },
  ]);
  const elsewhere = await send(t, { tenantId: 'other', recipients: ['a@example.org'] });
  expect(await settled(t, elsewhere)).toMatchObject([{ sent: true }]);
});

it('mails beyond those of the day wait, and only allowed recipients get any', async () => {
  const limited = await channelsApp({
    database: t.database,
    env: { SMTP_URL: mails.url, MAIL_DAILY_LIMIT: '2', MAIL_RECIPIENTS: 'example.org' },
  });
  for (let i = 0; i < 3; i += 1) await send(limited, { recipients: ['a@example.org', 'x@evil.test'] });
  await eventually('two mails', () => mails.mails.length === 2);
  await delay(300);
  expect(mails.mails.map(({ to }) => to)).toEqual([['a@example.org'], ['a@example.org']]);
  const barred = { name: 'team', type: 'email', config: { to: ['x@evil.test'] } };
  expect((await ask(limited, 'POST', '', barred)).json()).toMatchObject({
    message: expect.stringContaining('mails to "x@evil.test" are not allowed'),
  });
  await makeChannel(limited, { ...barred, config: { to: ['a@example.org'] } });
  expect((await ask(limited, 'POST', '/team/test')).json()).toMatchObject({ code: 'RATE_LIMITED' });
  await limited.close();
});

it('an SMTP server that accepts half of the recipients gets the others again', async () => {
  mails.refuse.set('later@example.org', 450);
  mails.refuse.set('gone@example.org', 550);
  const to = ['a@example.org', 'later@example.org', 'gone@example.org'];
  await makeChannel(t, { name: 'team', type: 'email', config: { to } });
  const id = await send(t, { channels: ['team'] });
  expect(await settled(t, id)).toMatchObject([{ sent: true, error: expect.stringContaining('450') }]);
  mails.refuse.clear();
  await retryNow(t);
  await eventually('the second mail', () => mails.mails.length === 2);
  expect(mails.mails.map((mail) => mail.to)).toEqual([['a@example.org'], ['later@example.org']]);
});
