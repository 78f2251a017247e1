/** Reports on their way: the mail, the channels, and runs whose replica has died. */
import { type MailServer, startMailServer } from '../budgets/mail-server.js';
import { ask as askChannels, makeChannel } from '../outbox/channels-app.js';
import { type HttpServer, startReceiver } from '../outbox/receiver.js';
import { eventually } from '../robustness/eventually.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { uuidv7 } from '../../src/ids.js';
import { MAX_RUNS } from '../../src/reports/bounds.js';
import { ask, HOSTILE, makeReport, type RunAnswer, runReport, seed } from './reports-app.js';

let t: TestApp;
let mails: MailServer;
let receiver: HttpServer;
beforeAll(async () => {
  mails = await startMailServer();
  receiver = await startReceiver();
  t = await testApp({
    env: {
      SMTP_URL: mails.url,
      MAIL_FROM: 'ops@example.org',
      MAIL_RECIPIENTS: 'example.org',
      OUTBOUND_ALLOW: '127.0.0.0/8',
      GRAFANA_URL: 'https://grafana.example.org',
    },
  });
  await seed(t, 'acme');
});
afterAll(async () => {
  await t.close();
  await mails.close();
  await receiver.close();
});
beforeEach(() => {
  mails.mails.length = 0;
  receiver.received.length = 0;
});

/** The parts of a mail by their content type. */
function partsOf(mail: string): Map<string, string> {
  const parts = mail.split(/\r\n--[^\r\n]+\r\n/).slice(1);
  return new Map(
    parts.map((part) => {
      const [head = '', body = ''] = part.split(/\r\n\r\n([\s\S]*)/);
      const type = /Content-Type: ([\w/]+)/i.exec(head)?.[1] ?? '';
      const text = /base64/i.test(head)
        ? Buffer.from(body, 'base64')
        : Buffer.from(
            body
              .replace(/=\r\n/g, '')
              .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          );
      return [type, type.startsWith('image/') ? text.toString('hex', 0, 8) : text.toString()];
    }),
  );
}

it('a run is mailed once, as HTML beside text, with pictures inside and the figures as CSV', async () => {
  const { id } = await makeReport(t, 'acme', {
    name: `Costs ${HOSTILE}`,
    template: 'cost_report',
    recipients: ['boss@example.org'],
  });
  const { report } = await runReport(t, 'acme', id);
  await eventually('a mail', () => mails.mails.length === 1);
  const [mail] = mails.mails;
  expect(mail!.to).toEqual(['boss@example.org']);
  const parts = partsOf(mail!.text);
  const html = parts.get('text/html')!;
  expect(html).toContain('&lt;script&gt;');
  expect(html).not.toMatch(/<script|data:image/i);
  const [cid] = /cid:([^"]+)/.exec(html)!.slice(1);
  expect(mail!.text).toContain(`Content-Id: <${cid!}>`.replace('Content-Id', 'Content-ID'));
  // The signature of a PNG.
  expect(parts.get('image/png')).toBe('89504e470d0a1a0a');
  expect(parts.get('text/plain')).toContain('What stands out');
  expect(parts.get('text/csv')).toContain(`total_cost_usd,currencyUSD,${report!.figures[0]!.value!}`);
  await t.services.reportRunner.runDue();
  await t.rollup();
  expect(mails.mails).toHaveLength(1);
});

it('a run is posted to a channel with its headline figures and the link into Grafana', async () => {
  await makeChannel(t, { name: 'hook', type: 'webhook', config: { url: receiver.url } });
  const { id } = await makeReport(t, 'acme', { template: 'executive_summary', channels: ['hook'] });
  await runReport(t, 'acme', id);
  await eventually('a request', () => receiver.received.length === 1);
  const body = receiver.received[0]!.body;
  expect(body).toContain('Executive summary');
  expect(body).toContain('https://grafana.example.org/d/agentidp-executions');
});

it('a report whose channel was deleted is still mailed, and can be changed', async () => {
  await makeChannel(t, { name: 'gone', type: 'webhook', config: { url: receiver.url } });
  const report = { template: 'usage_report', channels: ['gone'], recipients: ['a@example.org'] };
  const { id } = await makeReport(t, 'acme', report);
  await askChannels(t, 'DELETE', '/gone');
  await runReport(t, 'acme', id);
  await eventually('a mail', () => mails.mails.length === 1);
  expect((await ask(t, 'acme', 'PATCH', `/${id}`, { name: 'Other' })).statusCode).toBe(200);
});

it('a recipient that the operator does not allow is refused', async () => {
  const response = await ask(t, 'acme', 'POST', '', {
    template: 'cost_report',
    recipients: ['boss@example.com'],
  });
  expect([response.statusCode, response.json<Json>().message]).toEqual([
    400,
    expect.stringMatching(/"boss@example.com" are not allowed/),
  ]);
});

it('a run whose replica died is run again, and given up if it dies each time', async () => {
  const { id } = await makeReport(t, 'acme', { template: 'usage_report' });
  const left = async (attempts: number): Promise<RunAnswer> => {
    const run = await runReport(t, 'acme', id);
    await t.pool.query(
      `UPDATE report_runs SET status = 'running', next_attempt_at = now() - interval '1 minute', attempts = $2,
         content = NULL, finished_at = NULL WHERE id = $1`,
      [run.id, attempts],
    );
    await t.services.reportRunner.runDue();
    return (await ask(t, 'acme', 'GET', `/${id}/runs/${run.id}`)).json<RunAnswer>();
  };
  expect(await left(1)).toMatchObject({ status: 'done', error: null });
  expect(await left(3)).toMatchObject({ status: 'failed', error: expect.stringMatching(/begun 3 times/) });
});

it('the latest runs of a report are kept', async () => {
  const { id } = await makeReport(t, 'acme', { template: 'usage_report' });
  const first = await runReport(t, 'acme', id);
  await t.pool.query(
    `INSERT INTO report_runs (tenant_id, id, report_id, status, from_at, to_at, time_zone, created_at, next_attempt_at)
     SELECT tenant_id, unnest($2::uuid[]), report_id, 'done', from_at, to_at, time_zone, created_at, NULL
     FROM report_runs WHERE id = $1`,
    [first.id, Array.from({ length: MAX_RUNS - 1 }, () => uuidv7())],
  );
  await runReport(t, 'acme', id);
  const { rows } = await t.pool.query('SELECT FROM report_runs WHERE report_id = $1', [id]);
  expect(rows).toHaveLength(MAX_RUNS);
  expect((await ask(t, 'acme', 'GET', `/${id}/runs/${first.id}`)).statusCode).toBe(404);
});

it('a deleted report takes its runs along', async () => {
  const { id } = await makeReport(t, 'acme', { template: 'usage_report' });
  await runReport(t, 'acme', id);
  expect((await ask(t, 'acme', 'DELETE', `/${id}`)).statusCode).toBe(204);
  const { rows } = await t.pool.query('SELECT FROM report_runs WHERE report_id = $1', [id]);
  expect(rows).toEqual([]);
});
