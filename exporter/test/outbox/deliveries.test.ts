/** Messages that are stored, and sent to channels over real servers. */
import { createHmac } from 'node:crypto';
import type { TestApp } from '../support/app.js';
import { type MailServer, startMailServer } from '../budgets/mail-server.js';
import { channelsApp, CONTENT, makeChannel, send, settled } from './channels-app.js';
import { type HttpServer, startReceiver } from './receiver.js';

let t: TestApp;
let mails: MailServer;
let receiver: HttpServer;

beforeEach(async () => {
  mails = await startMailServer();
  receiver = await startReceiver();
  t = await channelsApp({ env: { SMTP_URL: mails.url, MAIL_FROM: 'ops@example.org' } });
});
afterEach(async () => {
  await t.close();
  await mails.close();
  await receiver.close();
});

it('a message reaches every channel and the recipients that it names, each once', async () => {
  await makeChannel(t, { name: 'team', type: 'email', config: { to: ['a@example.org', 'b@example.org'] } });
  await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: `${receiver.url}/in` } });
  const id = await send(t, { channels: ['team', 'hook', 'team'], recipients: ['c@example.org'] });
  expect(await settled(t, id)).toEqual([
    { channel: 'hook', attempts: 1, wait: null, sent: true, error: null },
    { channel: 'team', attempts: 1, wait: null, sent: true, error: null },
    { channel: null, attempts: 1, wait: null, sent: true, error: null },
  ]);
  expect(mails.mails.map(({ to }) => to).sort()).toEqual([
    ['a@example.org', 'b@example.org'],
    ['c@example.org'],
  ]);
  expect(receiver.received.map(({ method, path }) => [method, path])).toEqual([['POST', '/in']]);
  // The same message again is no other message.
  await send(t, { id, channels: ['team', 'hook'] });
  await t.rollup();
  expect((await settled(t, id)).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
});

it('a mail has text beside escaped HTML, and the id of the message', async () => {
  const id = await send(t, { recipients: ['c@example.org'] });
  await settled(t, id);
  const text = mails.mails[0]!.text.replaceAll(/=\r\n|\r\n(?=[ \t])/g, '');
  expect(text).toContain(`Message-ID: <${id}@alerts.agentidp-analytics>`);
  expect(text).toContain('Content-Type: multipart/alternative');
  expect(text).toContain('Error rate: 12 % (+7 points)');
  expect(text).toContain('Error rate of &lt;billing&gt; is high</h1>');
  expect(text).toContain('https://grafana.example.org/d/1');
});

it('a webhook gets the JSON of Alertmanager, signed', async () => {
  const secret = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`;
  const config = { url: receiver.url, secret, headers: { Authorization: 'Bearer x' } };
  await makeChannel(t, { name: 'hook', type: 'webhook', config });
  const id = await send(t, { channels: ['hook'] });
  await settled(t, id);
  const { headers, body } = receiver.received[0]!;
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': id,
    authorization: 'Bearer x',
    'webhook-timestamp': String(Date.parse('2026-03-18T12:00:00Z') / 1000),
  });
  const signed = createHmac('sha256', 'a secret of twenty-four bytes')
    .update(`${id}.${String(headers['webhook-timestamp'])}.${body}`)
    .digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${signed}`);
  const labels = {
    alertname: 'AgentIdpAlert',
    agent: 'billing-bot',
    error_type: 'timeout',
    severity: 'critical',
    tenant: 'acme',
    dedup_key: 'rule-1',
  };
  const annotations = {
    title: CONTENT.title,
    summary: CONTENT.summary,
    description: 'Error rate: 12 % (+7 points)',
  };
  expect(JSON.parse(body)).toEqual({
    version: '4',
    groupKey: '{}:{alertname="AgentIdpAlert"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'hook',
    groupLabels: { alertname: 'AgentIdpAlert' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'https://grafana.example.org/d/1',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: '2026-03-18T11:58:00.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'https://grafana.example.org/d/1',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ],
  });
});

it('a message for a channel that does not exist is given up, with the reason', async () => {
  const id = await send(t, { channels: ['nobody'] });
  expect(await settled(t, id)).toEqual([
    { channel: 'nobody', attempts: 1, wait: null, sent: false, error: 'there is no channel "nobody"' },
  ]);
});
