/** Messages to Debian's Alertmanager, in its own process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../robustness/eventually.js';
import { describeWith, findProgram } from '../support/optional.js';
import { channelsApp, CONTENT, makeChannel, send, settled } from './channels-app.js';

const PROGRAMS = ['prometheus-alertmanager', 'alertmanager'];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startAlertmanager(directory: string): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const config = join(directory, 'alertmanager.yml');
  writeFileSync(config, 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
  const child = spawn(findProgram(...PROGRAMS)!, [
    `--config.file=${config}`,
    `--storage.path=${directory}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  child.stderr.resume();
  const url = `http://127.0.0.1:${port}`;
  await eventually('Alertmanager is ready', async () => (await fetch(`${url}/-/ready`)).ok);
  return { url, process: child };
}

interface Listed {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  status: { state: string };
  endsAt: string;
}

describeWith(PROGRAMS, 'Alertmanager', () => {
  it('takes an alert, and takes it for over once it is resolved', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alertmanager-'));
    const { url, process } = await startAlertmanager(directory);
    const t = await channelsApp({ now: new Date().toISOString() });
    try {
      await makeChannel(t, { name: 'am', type: 'alertmanager', config: { url } });
      const startsAt = new Date(t.clock.now - 60_000).toISOString();
      const firing = await send(t, { channels: ['am'], content: { ...CONTENT, startsAt } });
      expect(await settled(t, firing)).toMatchObject([{ sent: true, error: null }]);
      const listed = async (): Promise<Listed[]> =>
        (await (await fetch(`${url}/api/v2/alerts`)).json()) as Listed[];
      const [alert] = await listed();
      expect(alert).toMatchObject({
        labels: { alertname: 'AgentIdpAlert', agent: 'billing-bot', error_type: 'timeout', tenant: 'acme' },
        annotations: { title: CONTENT.title, summary: CONTENT.summary },
        status: { state: 'active' },
      });
      expect(Date.parse(alert!.endsAt)).toBeGreaterThan(Date.now() + 4 * 86_400_000);
      const endsAt = new Date(t.clock.now).toISOString();
      const content = { ...CONTENT, startsAt, endsAt, status: 'resolved' as const };
      expect(await settled(t, await send(t, { channels: ['am'], content }))).toMatchObject([{ sent: true }]);
      expect(await listed()).toEqual([]);
    } finally {
      await t.close();
      const ended = once(process, 'exit');
      process.kill();
      await ended;
      rmSync(directory, { recursive: true });
    }
  });
});
