/** What each type of channel sends, and the test of a channel. */
import { startReceiver, type HttpServer } from './receiver.js';
import { ask, channelsApp, CONTENT, makeChannel, send, settled } from './channels-app.js';
import { ask as askBudgets, makeBudget, run } from '../budgets/budgets-app.js';
import { type MailServer, startMailServer } from '../budgets/mail-server.js';
import { eventually } from '../robustness/eventually.js';
import { refusalOf, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { runCli } from '../cli/run-cli.js';
import { escapeSlack, fitted } from '../../src/outbox/formats/slack.js';

let t: TestApp;
let receiver: HttpServer;
let mails: MailServer;

beforeAll(async () => {
  receiver = await startReceiver();
  mails = await startMailServer();
  t = await channelsApp({ env: { PAGERDUTY_URL: receiver.url, SMTP_URL: mails.url } });
  await makeChannel(t, {
    name: 'slack',
    type: 'slack',
    config: { webhook_url: `${receiver.url}/services/T1` },
  });
  await makeChannel(t, { name: 'pager', type: 'pagerduty', config: { routing_key: 'r'.repeat(32) } });
  await makeChannel(t, { name: 'am', type: 'alertmanager', config: { url: `${receiver.url}/am/` } });
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => response.end('ok');
});
afterAll(async () => {
  await t.close();
  await receiver.close();
  await mails.close();
});

/** What the receiver was sent for the message. */
async function sent(
  channel: string,
  content = CONTENT,
): Promise<{ path: string; body: Record<string, unknown> }> {
  await settled(t, await send(t, { channels: [channel], content }));
  const { path, body } = receiver.received.at(-1)!;
  return { path, body: JSON.parse(body) as Record<string, unknown> };
}

describe('Slack', () => {
  it('gets blocks with the title, the sentence, the figures and the links', async () => {
    const { path, body } = await sent('slack');
    expect(path).toBe('/services/T1');
    expect(body).toEqual({
      text: 'Error rate of &lt;billing&gt; is high: The error rate is 12 %, above 5 %.',
      blocks: [
        {
          type: 'header',
          text: { type: 'plain_text', text: '🔴 Error rate of &lt;billing&gt; is high', emoji: false },
        },
        {
          type: 'section',
          text: { type: 'plain_text', text: 'The error rate is 12 %, above 5 %.', emoji: false },
        },
        {
          type: 'section',
          fields: [{ type: 'plain_text', text: 'Error rate\n12 % (+7 points)', emoji: false }],
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '<https://grafana.example.org/d/1|Dashboard>', verbatim: true },
        },
      ],
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it('is not made to ping anybody by a name, wherever it stands', async () => {
    const name = '<!channel> <@U1> <https://evil.test|click> & co';
    const { body } = await sent('slack', {
      ...CONTENT,
      ...{ title: name, summary: name, figures: [{ title: name, value: name, change: name }] },
      links: [{ title: name, url: 'https://grafana.example.org/d/1?var=<!here>|x' }],
    });
    const text = JSON.stringify(body);
    expect(text).not.toMatch(/<[!@#]|<https:\/\/evil/);
    expect(text).toContain('<https://grafana.example.org/d/1?var=&lt;!here&gt;%7Cx|&lt;!channel&gt;');
  });

  it('gets texts and lists that are as short as it wants them', async () => {
    const { body } = await sent('slack', {
      ...CONTENT,
      ...{ title: '<'.repeat(1_000), summary: '&'.repeat(10_000) },
      figures: Array.from({ length: 30 }, (_, i) => ({ title: `${i}`, value: 'x'.repeat(5_000) })),
    });
    const blocks = body.blocks as { text?: { text: string }; fields?: { text: string }[] }[];
    expect(blocks[0]!.text!.text.length).toBeLessThanOrEqual(150);
    expect(blocks[0]!.text!.text).toMatch(/&lt;…$/);
    expect(blocks[1]!.text!.text.length).toBeLessThanOrEqual(3_000);
    expect(blocks[2]!.fields).toHaveLength(10);
    expect(Math.max(...blocks[2]!.fields!.map(({ text }) => text.length))).toBeLessThanOrEqual(2_000);
  });

  it.each([1, 2, 5, 9, 10, 11])(
    'a text cut at %i characters ends with no half entity or character',
    (max) => {
      const text = fitted('a<b>&😀😀😀', max);
      expect(text.length).toBeLessThanOrEqual(max);
      expect(text.replaceAll(/&(lt|gt|amp);/g, '')).not.toMatch(/&|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
      expect(escapeSlack('a<b>&')).toBe('a&lt;b&gt;&amp;');
    },
  );
});

describe('PagerDuty', () => {
  it('is sent an event that triggers, and one that resolves it under the same key', async () => {
    const { path, body } = await sent('pager');
    expect(path).toBe('/v2/enqueue');
    expect(body).toEqual({
      routing_key: 'r'.repeat(32),
      event_action: 'trigger',
      dedup_key: 'rule-1',
      client: 'AgentIdP Analytics',
      client_url: 'https://grafana.example.org/d/1',
      links: [{ href: 'https://grafana.example.org/d/1', text: 'Dashboard' }],
      payload: {
        summary: 'Error rate of <billing> is high: The error rate is 12 %, above 5 %.',
        source: 'acme',
        severity: 'critical',
        timestamp: '2026-03-18T11:58:00.000Z',
        component: 'billing-bot',
        class: 'alert',
        custom_details: { ...CONTENT.labels, 'Error rate': '12 % (+7 points)' },
      },
    });
    const resolved = await sent('pager', { ...CONTENT, status: 'resolved' });
    expect(resolved.body).toMatchObject({ event_action: 'resolve', dedup_key: 'rule-1' });
  });

  it('gets the id of the message as its key, where it has no other', async () => {
    const { dedupKey: _key, ...content } = CONTENT;
    const id = await send(t, { channels: ['pager'], content });
    await settled(t, id);
    expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({ dedup_key: id });
  });
});

it('Alertmanager is sent alerts that fire for as long as the next message may take, and end when they are resolved', async () => {
  const { path, body } = await sent('am');
  expect(path).toBe('/am/api/v2/alerts');
  expect(body).toMatchObject([
    {
      labels: { alertname: 'AgentIdpAlert', agent: 'billing-bot', tenant: 'acme', severity: 'critical' },
      startsAt: '2026-03-18T11:58:00.000Z',
      endsAt: '2026-03-23T12:00:00.000Z',
    },
  ]);
  const endsAt = '2026-03-18T12:30:00.000Z';
  const resolved = await sent('am', { ...CONTENT, status: 'resolved', endsAt });
  expect(resolved.body).toMatchObject([
    { labels: (body as unknown as { labels: object }[])[0]!.labels, endsAt },
  ]);
});

describe('the test of a channel', () => {
  const test = (name: string, tenant = 'acme') => ask(t, 'POST', `/${name}/test`, undefined, tenant);

  it('sends a message now and says what the receiver answered', async () => {
    expect((await test('slack')).json()).toEqual({ sent: true, answer: '200: ok', error: null });
    expect(receiver.received[0]!.body).toContain('Test of the channel slack');
    receiver.answer = (response) => response.writeHead(404).end('no_service');
    expect((await test('slack')).json()).toEqual({
      ...{ sent: false, answer: '404: no_service', error: 'answered 404: no_service' },
    });
    const { deliveries } = (await ask(t, 'GET', '/slack')).json<{ deliveries: object[] }>();
    expect(deliveries.slice(0, 2)).toMatchObject([
      {
        kind: 'test',
        state: 'failed',
        attempts: 1,
        last_error: 'answered 404: no_service',
        next_attempt_at: null,
      },
      { kind: 'test', state: 'sent', attempts: 1, last_error: null, sent_at: expect.any(String) },
    ]);
  });

  it('sends mails as well', async () => {
    await makeChannel(t, { name: 'team', type: 'email', config: { to: ['a@example.org'] } });
    expect((await test('team')).json()).toMatchObject({ sent: true, answer: expect.stringMatching(/^250/) });
    expect(mails.mails.at(-1)!.to).toEqual(['a@example.org']);
  });

  it('is refused for a channel of another tenant, and beyond 60 an hour', async () => {
    expect(refusalOf(await test('slack', 'other'))).toEqual([404, 'NOT_FOUND']);
    await makeChannel(t, { name: 'mine', type: 'alertmanager', config: { url: receiver.url } }, 'eager');
    await t.pool.query(
      `INSERT INTO outbox_messages SELECT 'eager', gen_random_uuid(), 'test', '{}' FROM generate_series(1, 60)`,
    );
    expect(refusalOf(await test('mine', 'eager'))).toEqual([429, 'RATE_LIMITED']);
  });

  it('is a command too, which fails if the message was not sent', async () => {
    const env = {
      ...{ DATABASE_URL: t.database.url, OUTBOUND_ALLOW: '127.0.0.0/8' },
      SECRETS_KEY: `k1:${Buffer.alloc(32, 'k1').toString('base64')}`,
    };
    const command = ['channel', 'test', 'slack', '--tenant', 'acme'];
    expect(await runCli(command, env)).toEqual({
      stdout: 'Sent. The receiver said: 200: ok\n',
      stderr: '',
      exitCode: 0,
    });
    receiver.answer = (response) => response.writeHead(410).end();
    expect(await runCli(command, env)).toEqual({
      ...{ stdout: '', exitCode: 1 },
      stderr: 'agentidp-analytics: the test message was not sent: answered 410\n',
    });
    expect((await runCli(['channel', 'test', 'nobody', '--tenant', 'acme'], env)).stderr).toContain(
      'there is no channel "nobody"',
    );
  });
});

describe('a budget', () => {
  it('notifies its channels beside its recipients, whatever email_notification says', async () => {
    const tenant = 'spender';
    await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: receiver.url } }, tenant);
    const settings = { threshold_usd: 10, alert_at_percentage: 100, email_notification: false };
    const budget = await makeBudget(t, tenant, { ...settings, name: 'Team', channels: ['hook'] });
    expect(budget.channels).toEqual(['hook']);
    await run(t, tenant, execution(1, '2026-03-18T11:30:00Z', { cost_usd: 12 }));
    const { body } = await eventually('the webhook', () => receiver.received[0]);
    expect(JSON.parse(body)).toMatchObject({
      commonLabels: { alertname: 'AgentIdpBudget', budget: 'Team', severity: 'critical' },
      commonAnnotations: {
        title: 'Budget "Team" is used up',
        description: expect.stringContaining('Spend: 12 USD'),
      },
    });
    expect(mails.mails.filter(({ text }) => text.includes('Team'))).toEqual([]);
    await eventually('it is shown', async () => {
      const shown = await t.read<{ notifications: { sent_at: string | null }[] }>(
        `budgets/${budget.id}`,
        tenant,
      );
      return shown.notifications[0]?.sent_at;
    });
  });

  it.each([
    ['has been raised', 'PATCH', { threshold_usd: 100 }],
    ['is switched off', 'PATCH', { is_active: false }],
    ['is deleted', 'DELETE', undefined],
  ] as const)('that %s resolves its incident, and tells nobody else', async (what, method, change) => {
    const tenant = what.replaceAll(' ', '-');
    const pager = { name: 'pager', type: 'pagerduty', config: { routing_key: 'b'.repeat(32) } };
    await makeChannel(t, pager, tenant);
    await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: receiver.url } }, tenant);
    const settings = { threshold_usd: 10, alert_at_percentage: 100, channels: ['pager', 'hook'] };
    const { id } = await makeBudget(t, tenant, settings);
    await run(t, tenant, execution(1, '2026-03-18T11:30:00Z', { cost_usd: 12 }));
    await eventually('both are told', () => receiver.received.length === 2);
    expect((await askBudgets(t, tenant, method, `/${id}`, change)).statusCode).toBeLessThan(300);
    await t.rollup();
    t.services.deliveries.kick();
    await eventually('it is resolved', () => receiver.received.length === 3);
    const events = receiver.received
      .filter(({ path }) => path === '/v2/enqueue')
      .map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const dedup_key = `budget:${id}:exceeded`;
    expect(events).toMatchObject([
      { event_action: 'trigger', dedup_key },
      { event_action: 'resolve', dedup_key },
    ]);
    await t.rollup();
    const { rows } = await t.pool.query('SELECT FROM outbox_messages WHERE tenant_id = $1', [tenant]);
    expect(rows).toHaveLength(2);
  });

  it('is refused with a channel that the tenant does not have', async () => {
    const headers = await t.headers({ tenant: 'spender', scopes: ['analytics:admin'] });
    const payload = { threshold_usd: 1, channels: ['slack'] };
    const response = await t.app.inject({
      method: 'POST',
      url: '/api/v1/analytics/budgets',
      headers,
      payload,
    });
    expect([response.statusCode, response.json<{ message: string }>().message]).toEqual([
      400,
      'field channels: there is no channel "slack"',
    ]);
  });
});

it('failing deliveries are a metric of their tenant and type, tests are not', async () => {
  receiver.answer = (response) => response.writeHead(503).end();
  await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: receiver.url } }, 'counted');
  await ask(t, 'POST', '/hook/test', undefined, 'counted');
  await settled(t, await send(t, { tenantId: 'counted', channels: ['hook', 'nobody'] }));
  await t.rollup();
  const { body } = await t.get('/metrics/tenant', 'counted');
  const lines = body.split('\n').filter((line) => line.startsWith('agentidp_deliveries{'));
  expect(lines).toEqual([
    'agentidp_deliveries{tenant="counted",type="unknown",state="waiting"} 0',
    'agentidp_deliveries{tenant="counted",type="unknown",state="failing"} 1',
    'agentidp_deliveries{tenant="counted",type="webhook",state="waiting"} 0',
    'agentidp_deliveries{tenant="counted",type="webhook",state="failing"} 1',
  ]);
});

it('messages are dropped after 30 days, those of budgets after 400', async () => {
  const ids = [];
  for (const kind of ['alert', 'budget'] as const)
    ids.push(await send(t, { kind, tenantId: 'old', recipients: ['a@example.org'] }));
  for (const id of ids) await settled(t, id);
  const retention = t.services.jobs.find(({ name }) => name === 'retention')!;
  const kinds = async (age: string) => {
    await t.pool.query(
      `UPDATE outbox_messages SET created_at = $1::timestamptz - $2::interval WHERE tenant_id = 'old'`,
      [new Date(t.clock.now), age],
    );
    await retention.run(t.clock.now, new AbortController().signal);
    const { rows } = await t.pool.query<{ kind: string }>(
      `SELECT kind FROM outbox_messages m JOIN outbox_deliveries d ON d.message_id = m.id WHERE m.tenant_id = 'old' ORDER BY 1`,
    );
    return rows.map(({ kind }) => kind);
  };
  expect(await kinds('29 days')).toEqual(['alert', 'budget']);
  expect(await kinds('31 days')).toEqual(['budget']);
  expect(await kinds('401 days')).toEqual([]);
});
