/** The postmaster of a cluster: reads its lock file, checks whether it is alive, and stops it. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { EmbeddedPostgresLog } from './log.js';
import {
  findProcess,
  findProcesses,
  isPidTaken,
  isSameProcess,
  signalProcess,
  waitUntil,
} from './processes.js';

/** The content of `postmaster.pid`. */
export interface LockFile {
  pid: number;
  port: number;
  /** Whether the server listens. Before that, another program may listen on this port. */
  ready: boolean;
}

export function readLockFile(cluster: string): LockFile | undefined {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    // A server first creates the file and writes it a moment later.
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/** Part of the title of every process of this cluster's server. Orphaned processes are recognized by it. */
export function clusterName(cluster: string): string {
  return `agentidp-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`;
}

const POSTMASTER = /(?:^|\/)(?:postgres|postmaster)(?= -|$)/;

/**
 * Whether the pid is a living postmaster of this cluster, and not a zombie or another process that now has the pid. A
 * postmaster that does not show its data directory also counts, because an operator may have started it manually.
 */
export function isPostmaster(pid: number, cluster: string): boolean {
  const command = findProcess(pid)?.command;
  if (command === undefined || !POSTMASTER.test(command)) return false;
  return (
    !command.includes(' -D /') || command.includes(` -D ${cluster} `) || command.endsWith(` -D ${cluster}`)
  );
}

/** Whether this package started the server, in this or another process. */
export function isOurs(pid: number, cluster: string): boolean {
  return findProcess(pid)?.command.includes(`cluster_name=${clusterName(cluster)}`) ?? false;
}

/**
 * Ends server processes whose postmaster is dead. A busy backend outlives its postmaster and keeps the shared memory, so
 * that a new server refuses to start.
 * @returns the number of such processes
 */
async function endOrphans(cluster: string): Promise<number> {
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
 * Cleans up after a server that was killed. PostgreSQL itself ignores a lock file whose pid is free, but not one whose
 * pid is a zombie or has been given to another process.
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

/** Fast shutdown: aborts open transactions and writes a checkpoint. Stronger signals follow if that takes too long. */
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
  // Not `isPostmaster`: a process that is exiting loses its command line before it frees its memory and files.
  const hasEnded = () => !server || !isSameProcess(pid, server.startedAt);
  for (const [signal, waitMs] of steps) {
    if (hasEnded()) break;
    if (signal !== 'SIGINT')
      log.warn({ pid, signal }, 'the database server does not stop: sending a stronger signal');
    signalProcess(pid, signal);
    await waitUntil(hasEnded, waitMs);
  }
  await endOrphans(cluster);
}
