import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { postgresEnvironment, type PostgresBinaries } from './binaries.js';
import type { EmbeddedPostgresLog } from './log.js';
import type { RunAs } from './reach.js';
import { commandAs, spawnUser } from './reach.js';
import {
  findProcess,
  findProcesses,
  isPidTaken,
  isSameProcess,
  signalProcess,
  waitUntil,
} from './processes.js';

const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** What `postmaster.pid` says. */
export interface LockFile {
  pid: number;
  port: number;
  /** The server listens. Before that, its port may be somebody else's. */
  ready: boolean;
}

export function readLockFile(cluster: string): LockFile | undefined {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    // It is empty for a moment when a server has just made it.
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** Stands in the title of every process of this cluster's server, which is how orphans are told from others. */
export function clusterName(cluster: string): string {
  return `agentidp-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;
}

const POSTMASTER = /(?:^|\/)(?:postgres|postmaster)(?= -|$)/;

/**
 * Whether that pid is a living postmaster of this cluster, and not a zombie or whoever got the pid since.
 * One that does not show its data directory gets the benefit of the doubt: an operator may have started it.
 */
export function isPostmaster(pid: number, cluster: string): boolean {
  const command = findProcess(pid)?.command;
  if (command === undefined || !POSTMASTER.test(command)) return false;
  return (
    !command.includes(' -D /') || command.includes(` -D ${cluster} `) || command.endsWith(` -D ${cluster}`)
  );
}

/** Whether this module, in this or another process, has started that server. */
export function isEmbedded(pid: number, cluster: string): boolean {
  return findProcess(pid)?.command.includes(`cluster_name=${clusterName(cluster)}`) ?? false;
}

/**
 * Ends server processes of this cluster whose postmaster is dead: a busy backend outlives it, and keeps
 * the shared memory that a new server refuses to start beside.
 * @returns how many there were
 */
export async function endOrphans(cluster: string): Promise<number> {
  const title = `postgres: ${clusterName(cluster)}: `;
  const orphans = () =>
    findProcesses((command) => command.startsWith(title)).filter(
      ({ parentPid }) => !isPostmaster(parentPid, cluster),
    );
  const found = orphans();
  for (const { pid } of found) signalProcess(pid, 'SIGQUIT');
  if (await waitUntil(() => orphans().length === 0, 2_000)) return found.length;
  for (const { pid } of orphans()) signalProcess(pid, 'SIGKILL');
  await waitUntil(() => orphans().length === 0, 2_000);
  return found.length;
}

/**
 * Makes way for a new server where the last one was killed. PostgreSQL itself sees through a lock file
 * whose pid is free, but not one whose pid is a zombie or has been given to another process.
 */
export async function clearDeadServer(cluster: string, log: EmbeddedPostgresLog): Promise<void> {
  const orphans = await endOrphans(cluster);
  if (orphans > 0) log.warn({ orphans }, 'ended backends that had outlived their database server');
  const lock = readLockFile(cluster);
  if (lock && !isPostmaster(lock.pid, cluster) && isPidTaken(lock.pid)) {
    log.info({ pid: lock.pid }, 'removed the lock file of a database server that is dead');
    rmSync(path.join(cluster, 'postmaster.pid'), { force: true });
  }
}

export interface LaunchOptions {
  dataDir: string;
  cluster: string;
  binaries: PostgresBinaries;
  runAs: RunAs | undefined;
  port: number;
  fsync: boolean;
  settings: Record<string, string>;
}

export interface Launched {
  pid: number | undefined;
  /** Once the process has ended: why, as the server's own log has it. */
  failure(): string | undefined;
}

function serverSettings(options: LaunchOptions): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    cluster_name: clusterName(options.cluster),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Commits stay synchronous: a killed server then loses nothing, only a crash of the machine does.
    ...(options.fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
}

function openLog(dataDir: string): { file: string; handle: number; start: number } {
  const file = path.join(dataDir, 'postgres.log');
  if (existsSync(file) && statSync(file).size > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
  const handle = openSync(file, 'a', 0o600);
  return { file, handle, start: statSync(file).size };
}

function lastProblem(file: string, start: number): string | undefined {
  const lines = readFileSync(file).subarray(start).toString('utf8').trim().split('\n');
  const last = lines.findLast((line) => /FATAL|PANIC|ERROR|Permission denied/.test(line)) ?? lines.at(-1);
  return last?.replace(/^.*?(FATAL|PANIC|ERROR): +/, '');
}

/** Starts the server in a session of its own, so that Ctrl-C ends what uses it first. Does not wait for it. */
export function launch(options: LaunchOptions): Launched {
  const { binaries, cluster, runAs } = options;
  const log = openLog(options.dataDir);
  const settings = Object.entries(serverSettings(options)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(...commandAs(runAs, binaries.postgres, ['-D', cluster, ...settings]), {
    ...spawnUser(runAs),
    detached: true,
    cwd: '/',
    env: postgresEnvironment(),
    stdio: ['ignore', log.handle, log.handle],
  });
  closeSync(log.handle);
  child.unref();

  let failure: (() => string) | undefined;
  child.once('error', (error) => (failure = () => error.message));
  child.once('exit', (code, signal) => {
    failure = () => lastProblem(log.file, log.start) ?? `it ended with ${code ?? signal}`;
  });
  return { pid: child.pid, failure: () => failure?.() };
}

/** Fast shutdown (open transactions end, a checkpoint is written), and harder ones when it takes too long. */
export async function shutDown(
  pid: number,
  cluster: string,
  timeoutMs: number,
  log: EmbeddedPostgresLog,
): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', timeoutMs],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ];
  const server = isPostmaster(pid, cluster) ? findProcess(pid) : undefined;
  // Not `isPostmaster`: a process that is ending has lost its command line but not yet its memory and files.
  const hasEnded = () => !server || !isSameProcess(pid, server.startedAt);
  for (const [signal, patience] of steps) {
    if (hasEnded()) break;
    if (signal !== 'SIGINT') log.warn({ pid, signal }, 'the database server does not stop: insisting');
    signalProcess(pid, signal);
    await waitUntil(hasEnded, patience);
  }
  await endOrphans(cluster);
}
