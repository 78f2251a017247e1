/** The exporter as it is run: a process of its own, started by its command line. */
import { type ChildProcess, execFile, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { signToken } from '../../src/auth/tokens.js';

const BIN = fileURLToPath(new URL('../../bin/agentidp-analytics.js', import.meta.url));
export const METRICS_TOKEN = 'metrics token of the bench';
const SECRET = 'a secret of the bench that is long enough for HS256';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
/** A limit that is looked up at every request and never reached. */
const NO_LIMIT = '1000000000';

export interface ExporterOptions {
  databaseUrl: string;
  /** For its log. */
  folder: string;
  /** Settings beside those of every run. */
  env?: Record<string, string>;
  /** Where to leave a CPU profile of the process when it ends. */
  profileDir?: string;
}

export interface Exporter {
  /** Such as `http://127.0.0.1:41234`. */
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Value of an Authorization header that may read and write the tenant's data. */
export async function bearerOf(tenantId: string): Promise<string> {
  const token = await signToken({
    secret: SECRET,
    tenantId,
    subject: 'bench',
    scopes: ['analytics:read', 'analytics:write'],
    lifetimeSeconds: 86_400,
  });
  return `Bearer ${token}`;
}

/** Environment of the exporter's commands: nothing of the caller's settings gets in. */
export function exporterEnv(databaseUrl: string, env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, NODE_OPTIONS } = process.env;
  return {
    ...{ PATH, HOME, TMPDIR, NODE_OPTIONS },
    PORT: '0',
    DATABASE_URL: databaseUrl,
    AUTH_JWT_SECRET: SECRET,
    METRICS_TOKEN,
    RATE_LIMIT_PER_MINUTE: NO_LIMIT,
    INGEST_RATE_LIMIT_PER_MINUTE: NO_LIMIT,
    RESERVATION_RATE_LIMIT_PER_MINUTE: NO_LIMIT,
    READ_COST_PER_MINUTE: NO_LIMIT,
    ...env,
  };
}

const living = new Set<ChildProcess>();
process.once('exit', () => living.forEach((child) => child.kill('SIGKILL')));

export interface CommandOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdio: StdioOptions;
  /** Of Node itself. */
  execArgv?: readonly string[];
}

/** A command of the exporter, as a process that does not outlive this one. */
export function spawnCommand(
  args: readonly string[],
  { execArgv = [], ...options }: CommandOptions,
): ChildProcess {
  const child = spawn(process.execPath, [...execArgv, BIN, ...args], options);
  living.add(child);
  child.once('exit', () => living.delete(child));
  return child;
}

let started = 0;

/** Resolves when it is ready. */
export async function startExporter({
  databaseUrl,
  folder,
  env,
  profileDir,
}: ExporterOptions): Promise<Exporter> {
  started += 1;
  const logFile = path.join(folder, `exporter-${started}.log`);
  const log = openSync(logFile, 'w');
  const child = spawnCommand(['serve'], {
    cwd: folder,
    env: exporterEnv(databaseUrl, env),
    execArgv: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`],
    // A file, as under a service manager: reading the log must not cost the load generator anything.
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  try {
    return { url: await readiness(child, logFile), process: child, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readiness(child: ChildProcess, logFile: string): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const log = readFileSync(logFile, 'utf8');
    const url = /"url":"([^"]+)".*"msg":"listening"/.exec(log)?.[1];
    if (url !== undefined) {
      const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
      if (answer?.status === 200) return url;
    }
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the exporter did not become ready: ${log.trim().split('\n').at(-1) ?? ''}`);
    }
    await delay(50);
  }
}

const run = promisify(execFile);

/** Resident memory of a process, bytes; undefined once it has ended. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    return Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout) * 1024;
  } catch {
    return undefined;
  }
}
