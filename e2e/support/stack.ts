/** The stack of the specs: an existing Grafana, or the demo, which is started for them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findGrafana } from 'agentidp-analytics/demo/grafana';
import { freePort, Program } from 'agentidp-analytics/demo/programs';
import { COMMAND, makeToken, ROOT } from './service.js';

/** Enough for data in every panel, including an agent without a rotation for 60 days, but still quick to generate. */
const DAYS = 70;
/** Time for seeding, building the plugin and starting Grafana on a busy machine. */
const START_MS = 15 * 60_000;
const POLL_MS = 500;
const TENANT = 'demo';

/**
 * The environment of the specs. If GRAFANA_URL is set, they use that Grafana, and these must also be set:
 * GRAFANA_ADMIN_PASSWORD (and GRAFANA_ADMIN_USER, default admin), ANALYTICS_URL (the exporter's URL as seen by Grafana),
 * ANALYTICS_TOKEN (read-only) and ANALYTICS_WRITE_TOKEN (write-only).
 */
export interface Environment {
  GRAFANA_URL: string;
  GRAFANA_ADMIN_PASSWORD: string;
  ANALYTICS_URL: string;
  ANALYTICS_TOKEN: string;
  ANALYTICS_WRITE_TOKEN: string;
}

/** Why the specs are skipped, if no Grafana is running or installed. */
export function whyNoGrafana(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.GRAFANA_URL || findGrafana(env)
    ? undefined
    : 'no Grafana: set GRAFANA_HOME, put grafana on the PATH, or set GRAFANA_URL to one that runs';
}

export interface Stack {
  environment: Environment;
  stop: () => Promise<void>;
}

/**
 * Starts the demo in its own directory on free ports. With E2E_DATA_DIR, the directory is kept, and the next start is quick.
 * @throws if it does not start; the message contains its output
 */
export async function startStack(): Promise<Stack> {
  const kept = process.env.E2E_DATA_DIR;
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'agentidp-e2e-'));
  const logFile = join(dataDir, 'e2e.log');
  const demo = Program.start({
    name: 'the demo',
    command: process.execPath,
    args: [COMMAND, 'demo', '--tenant', TENANT, '--days', String(DAYS), '--port', String(await freePort(0))],
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: dataDir, RATE_LIMIT_PER_MINUTE: '0' },
    logFile,
  });
  const stop = async (): Promise<void> => {
    await demo.stop();
    if (kept === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const said = await untilReady(demo, logFile);
    const find = (pattern: RegExp): string => pattern.exec(said)?.[1] ?? '';
    return {
      environment: {
        GRAFANA_URL: find(/^Grafana +(http:\/\/[^/\s]+)/m),
        GRAFANA_ADMIN_PASSWORD: readFileSync(join(dataDir, 'demo/grafana-admin-password'), 'utf8').trim(),
        ANALYTICS_URL: find(/^Exporter +(\S+)$/m),
        ANALYTICS_TOKEN: find(/TOKEN=(\S+)/),
        ANALYTICS_WRITE_TOKEN: makeToken(dataDir, TENANT, 'analytics:write'),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until Grafana responds, and returns the output of the demo. */
async function untilReady(demo: Program, logFile: string): Promise<string> {
  const deadline = Date.now() + START_MS;
  let outcome: string | undefined;
  void demo.wait().then((how) => (outcome = how));
  for (;;) {
    const said = readFileSync(logFile, 'utf8').split('\nStopping …').at(-1) ?? '';
    if (/^Grafana +http/m.test(said) && said.includes('Press Ctrl-C to stop')) return said;
    if (outcome !== undefined || Date.now() > deadline || said.includes('did not start')) {
      throw new Error(`the demo did not come up (${outcome ?? 'see below'}):\n${said}`);
    }
    await delay(POLL_MS);
  }
}
