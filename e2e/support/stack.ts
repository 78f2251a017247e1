/** What the specs run against: a Grafana that runs already, or the whole demo, started for them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findGrafana } from 'agentidp-analytics/demo/grafana';
import { portOr, Program } from 'agentidp-analytics/demo/programs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'exporter/bin/agentidp-analytics.js');
/** Enough that every panel has something to show, an agent that has not rotated for 60 days as well; quickly made. */
const DAYS = 70;
/** Seeding, the build of the plugin and the start of Grafana, on a busy machine. */
const START_MS = 15 * 60_000;
const POLL_MS = 500;
const TENANT = 'demo';

/**
 * The environment of the specs. Where GRAFANA_URL is set, they use that Grafana and leave the rest to whoever set it:
 * GRAFANA_ADMIN_PASSWORD (and GRAFANA_ADMIN_USER, default admin), ANALYTICS_URL, the exporter as Grafana's server reaches
 * it, and ANALYTICS_TOKEN, which may read. ANALYTICS_WRITE_TOKEN may write only.
 */
export interface Environment {
  GRAFANA_URL: string;
  GRAFANA_ADMIN_PASSWORD: string;
  ANALYTICS_URL: string;
  ANALYTICS_TOKEN: string;
  ANALYTICS_WRITE_TOKEN: string;
}

/** Why nothing can be tested, where neither a Grafana runs nor one is installed. */
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
 * The demo in a folder of its own, on free ports. With E2E_DATA_DIR that folder is kept, and the next start is quick.
 * @throws when it does not come up; what it said is in the message
 */
export async function startStack(): Promise<Stack> {
  const kept = process.env.E2E_DATA_DIR;
  const dataDir = kept ?? mkdtempSync(join(tmpdir(), 'agentidp-e2e-'));
  const logFile = join(dataDir, 'e2e.log');
  const demo = Program.start({
    name: 'the demo',
    command: process.execPath,
    args: [COMMAND, 'demo', '--tenant', TENANT, '--days', String(DAYS), '--port', String(await portOr(0))],
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
        ANALYTICS_WRITE_TOKEN: makeToken(dataDir, 'analytics:write'),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the demo has printed once Grafana answers. */
async function untilReady(demo: Program, logFile: string): Promise<string> {
  const deadline = Date.now() + START_MS;
  let outcome: string | undefined;
  void demo.wait().then((how) => (outcome = how));
  for (;;) {
    const said = readFileSync(logFile, 'utf8').split('\nEnding …').at(-1) ?? '';
    if (/^Grafana +http/m.test(said) && said.includes('Ctrl-C ends all of it')) return said;
    if (outcome !== undefined || Date.now() > deadline || said.includes('did not start')) {
      throw new Error(`the demo did not come up (${outcome ?? 'see below'}):\n${said}`);
    }
    await delay(POLL_MS);
  }
}

function makeToken(dataDir: string, scope: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [COMMAND, 'token', '--tenant', TENANT, '--scope', scope],
    { cwd: ROOT, env: { ...process.env, DATA_DIR: dataDir }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`no token: ${stderr}`);
  return stdout.trim();
}
