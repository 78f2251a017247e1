/** A service of its own for specs that need other settings than the demo's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, Program } from 'agentidp-analytics/demo/programs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const COMMAND = join(ROOT, 'exporter/bin/agentidp-analytics.js');
/** For creating a database on a busy machine. */
const START_MS = 3 * 60_000;

export interface Service {
  /** Base URL of its analytics routes. */
  url: string;
  /** Allows everything. */
  token: string;
  stop: () => Promise<void>;
}

/** Starts one with an empty database in its own directory. */
export async function startService(settings: Record<string, string>): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'agentidp-e2e-service-'));
  const port = await freePort(0);
  const program = Program.start({
    name: 'the service',
    command: process.execPath,
    args: [COMMAND, 'serve'],
    cwd: ROOT,
    env: { ...process.env, ...settings, DATA_DIR: dataDir, PORT: String(port) },
    logFile: join(dataDir, 'service.log'),
  });
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await program.waitForUrl(`${origin}/health/ready`, START_MS, new AbortController().signal);
    const token = makeToken(dataDir, 'e2e', 'analytics:read', 'analytics:write', 'analytics:admin');
    return { url: `${origin}/api/v1/analytics`, token, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of a service with its secret in `dataDir`. */
export function makeToken(dataDir: string, tenant: string, ...scopes: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [COMMAND, 'token', '--tenant', tenant, '--scope', scopes.join(' ')],
    { cwd: ROOT, env: { ...process.env, DATA_DIR: dataDir }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`no token: ${stderr}`);
  return stdout.trim();
}
