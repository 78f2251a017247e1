/** Starts MailDev, which takes the demo's mails and shows them on a page. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningProgram } from './grafana.js';
import { freePort, Program, stopLeftover } from './programs.js';

const PREFERRED_PORT = 1080;
const PREFERRED_SMTP_PORT = 1025;
const START_MS = 30_000;

export interface Mailbox extends RunningProgram {
  /** As in SMTP_URL. */
  smtpUrl: string;
}

/**
 * @param dir directory for the mails and the log
 * @throws if MailDev is not installed, or does not start
 */
export async function startMailbox({ dir, signal }: { dir: string; signal: AbortSignal }): Promise<Mailbox> {
  const script = join(dirname(fileURLToPath(import.meta.resolve('maildev'))), 'bin', 'maildev.js');
  mkdirSync(dir, { recursive: true });
  const pidFile = join(dir, 'maildev.pid');
  await stopLeftover(pidFile);
  const [port, smtpPort] = [await freePort(PREFERRED_PORT), await freePort(PREFERRED_SMTP_PORT)];
  const program = Program.start({
    name: 'MailDev',
    command: process.execPath,
    args: [
      script,
      ...['--smtp', String(smtpPort), '--ip', '127.0.0.1'],
      ...['--web', String(port), '--web-ip', '127.0.0.1'],
      ...['--mail-directory', join(dir, 'mails')],
    ],
    cwd: dir,
    logFile: join(dir, 'maildev.log'),
    pidFile,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await program.waitForUrl(`${url}/api/email`, START_MS, signal);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url, smtpUrl: `smtp://127.0.0.1:${smtpPort}`, stop: () => program.stop() };
}
