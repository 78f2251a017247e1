/** The routes of channels: made, read, changed and deleted. */
import { type Json, refusalOf, type TestApp } from '../support/app.js';
import { ask, channelsApp, keyOf, makeChannel, send, settled } from './channels-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await channelsApp();
});
afterEach(() => t.close());

const EMAIL = { name: 'team', type: 'email', config: { to: ['a@example.org'] } };
const HOOK = {
  name: 'hook',
  type: 'webhook',
  config: { url: 'https://192.88.0.1/x', secret: 'hush-hush', headers: { 'X-Key': 'hush' } },
};

it('a channel is made, listed, changed and deleted', async () => {
  const made = await makeChannel(t, EMAIL);
  expect(made).toEqual({ ...EMAIL, created_at: expect.any(String) });
  await makeChannel(t, HOOK);
  const first = (await ask(t, 'GET', '?limit=1')).json<Json>();
  expect(first).toMatchObject({ channels: [{ name: 'hook' }], next_cursor: expect.any(String) });
  expect((await ask(t, 'GET', `?limit=1&cursor=${String(first.next_cursor)}`)).json()).toEqual({
    channels: [made],
    next_cursor: null,
  });
  const changed = await ask(t, 'PATCH', '/team', { config: { to: ['b@example.org'] } });
  expect([changed.statusCode, changed.json<Json>().config]).toEqual([200, { to: ['b@example.org'] }]);
  expect((await ask(t, 'DELETE', '/team')).statusCode).toBe(204);
  expect(refusalOf(await ask(t, 'GET', '/team'))).toEqual([404, 'NOT_FOUND']);
  expect(refusalOf(await ask(t, 'DELETE', '/team'))).toEqual([404, 'NOT_FOUND']);
});

it('secrets are answered as true, stay when they are left out or true, and are removed by null', async () => {
  const shown = { url: HOOK.config.url, secret: true, headers: true };
  expect((await makeChannel(t, HOOK)).config).toEqual(shown);
  const url = 'https://192.88.0.1/y';
  const kept = await ask(t, 'PATCH', '/hook', { config: { url, secret: true } });
  expect(kept.json<Json>().config).toEqual({ ...shown, url });
  expect((await t.services.channels.open('acme', 'hook'))!.config).toEqual({ ...HOOK.config, url });
  const removed = await ask(t, 'PATCH', '/hook', { config: { secret: null } });
  expect(removed.json<Json>().config).toEqual({ url, headers: true });
  const everything = await t.pool.query<{ text: string }>(
    `SELECT (SELECT json_agg(c) FROM channels c)::text || (SELECT json_agg(a) FROM audit_log a)::text AS text`,
  );
  expect(everything.rows[0]!.text).not.toContain('hush');
  expect(t.log.join('\n')).not.toContain('hush');
});

it.each([
  [
    'a field that it does not have',
    { ...EMAIL, config: { to: ['a@example.org'], cc: [] } },
    'unknown field "cc"',
  ],
  ['no address', { ...EMAIL, config: { to: [] } }, 'field to must NOT have fewer than 1 items'],
  ['no URL', { ...HOOK, config: {} }, 'field "url" is missing'],
  [
    'a URL of another kind',
    { ...HOOK, config: { url: 'ftp://example.org' } },
    'begins with https:// or http://',
  ],
  ['a password in its URL', { ...HOOK, config: { url: 'https://u:p@example.org' } }, 'send them in headers'],
  ['the metadata service', { ...HOOK, config: { url: 'http://169.254.169.254/' } }, 'OUTBOUND_ALLOW'],
  ['a short form of a private address', { ...HOOK, config: { url: 'http://10.1/' } }, 'OUTBOUND_ALLOW'],
  [
    'a header of the service',
    { ...HOOK, config: { ...HOOK.config, headers: { host: 'x' } } },
    'the header host',
  ],
  ['a header of two lines', { ...HOOK, config: { ...HOOK.config, headers: { a: 'x\r\nb: y' } } }, 'headers'],
  [
    'an unknown type',
    { ...EMAIL, type: 'sms' },
    'must be one of email, slack, webhook, pagerduty, alertmanager',
  ],
  [
    'white space in its name',
    { ...EMAIL, name: 'my team' },
    'field name must be 1 to 128 printable characters',
  ],
])('a channel with %s is refused', async (_, channel, message) => {
  const response = await ask(t, 'POST', '', channel);
  expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
  expect(response.json<Json>().message).toContain(message);
});

it('a name is taken once a tenant', async () => {
  await makeChannel(t, EMAIL);
  expect(refusalOf(await ask(t, 'POST', '', EMAIL))).toEqual([409, 'CONFLICT']);
  await makeChannel(t, EMAIL, 'other');
});

it('a tenant has at most 100 channels', async () => {
  await makeChannel(t, EMAIL);
  await t.pool.query(
    `INSERT INTO channels SELECT 'acme', 'c' || n, 'email', config, secrets FROM channels, generate_series(1, 99) n`,
  );
  const response = await ask(t, 'POST', '', { ...EMAIL, name: 'one-more' });
  expect([response.statusCode, response.json<Json>().message]).toEqual([
    409,
    'at most 100 channels a tenant',
  ]);
});

it('a secret is refused while there is no key, and nothing of it is stored', async () => {
  const keyless = await channelsApp({ database: t.database, env: { SECRETS_KEY: '' } });
  const response = await ask(keyless, 'POST', '', HOOK);
  expect([response.statusCode, response.json<Json>().message]).toEqual([
    400,
    'config: field secret: secrets cannot be stored: the operator has not set SECRETS_KEY',
  ]);
  const { secret: _secret, headers: _headers, ...open } = HOOK.config;
  await makeChannel(keyless, { ...HOOK, config: open });
  await keyless.close();
});

it('after a rotation, what the old key encrypted is still read, and the new key encrypts', async () => {
  await makeChannel(t, HOOK);
  const rotated = await channelsApp({
    database: t.database,
    env: { SECRETS_KEY: `${keyOf('k2')},${keyOf('k1')}` },
  });
  expect((await rotated.services.channels.open('acme', 'hook'))!.config).toEqual(HOOK.config);
  await ask(rotated, 'PATCH', '/hook', { config: {} });
  await rotated.close();
  const { rows } = await t.pool.query<{ secrets: Record<string, string> }>('SELECT secrets FROM channels');
  expect(Object.values(rows[0]!.secrets).map((text) => text.slice(0, 3))).toEqual(['k2:', 'k2:']);
  await expect(t.services.channels.open('acme', 'hook')).rejects.toThrow(
    'the key "k2", which SECRETS_KEY does not have',
  );
});

it('a secret that is copied into another row or field cannot be read there', async () => {
  await makeChannel(t, HOOK);
  await makeChannel(t, { ...HOOK, name: 'copy' });
  await makeChannel(t, HOOK, 'other');
  await t.pool.query(
    `UPDATE channels c SET secrets = o.secrets FROM channels o
     WHERE o.tenant_id = 'acme' AND o.name = 'hook' AND (c.tenant_id, c.name) <> ('acme', 'hook')`,
  );
  await expect(t.services.channels.open('acme', 'copy')).rejects.toThrow('cannot be decrypted');
  await expect(t.services.channels.open('other', 'hook')).rejects.toThrow('cannot be decrypted');
  await t.pool.query(`UPDATE channels SET secrets = jsonb_build_object('secret', secrets -> 'headers')`);
  await expect(t.services.channels.open('acme', 'hook')).rejects.toThrow('cannot be decrypted');
});

it('the channels of the environment exist for every tenant, and are the operator’s', async () => {
  const env = {
    ALERT_EMAIL_TO: 'ops@example.org, oncall@example.org',
    SLACK_WEBHOOK_URL: 'https://hooks.slack.com/hush',
  };
  const preset = await channelsApp({ database: t.database, env });
  const { channels } = await preset.read<{ channels: Json[] }>('channels');
  expect(channels).toEqual([
    {
      name: 'email',
      type: 'email',
      config: { to: ['ops@example.org', 'oncall@example.org'] },
      created_at: null,
    },
    { name: 'slack', type: 'slack', config: { webhook_url: true }, created_at: null },
  ]);
  expect(await preset.read('channels/slack', 'other')).toEqual({ ...channels[1], deliveries: [] });
  expect(refusalOf(await ask(preset, 'DELETE', '/slack'))).toEqual([409, 'CONFLICT']);
  expect(refusalOf(await ask(preset, 'PATCH', '/email', { config: {} }))).toEqual([409, 'CONFLICT']);
  // A tenant's own channel of that name takes its place.
  await makeChannel(preset, { ...EMAIL, name: 'email' });
  expect((await preset.read<Json>('channels/email')).config).toEqual(EMAIL.config);
  expect((await preset.read<{ channels: Json[] }>('channels')).channels).toHaveLength(2);
  await preset.close();
});

it('what waits for a deleted channel is given up', async () => {
  await makeChannel(t, EMAIL);
  const id = await send(t, { channels: ['team'] });
  expect(await settled(t, id)).toMatchObject([{ error: 'SMTP_URL is not set', sent: false }]);
  await ask(t, 'DELETE', '/team');
  expect(await settled(t, id)).toMatchObject([{ error: 'the channel was deleted', wait: null }]);
});
