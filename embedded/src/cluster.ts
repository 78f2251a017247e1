/** Creates the database cluster with initdb. If it is killed at any time, there is either no cluster or a complete one. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.js';
import { clusterDirectory, isCompleteCluster } from './data-dir.js';
import { EmbeddedPostgresError, errorMessage } from './errors.js';
import type { EmbeddedPostgresLog } from './log.js';
import { findProcess } from './processes.js';
import { commandAs, execOptions, isPermissionDenied, noAccess, type ServerUser } from './server-user.js';

const run = promisify(execFile);

export const SUPERUSER = 'postgres';

function assertMajorVersion(cluster: string, major: number): void {
  const found = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === String(major)) return;
  throw new EmbeddedPostgresError(
    `The database in DATA_DIR (${cluster}) is of PostgreSQL ${found}, this release brings ${major}: ` +
      `run pg_upgrade, or dump it with ${found} and restore it, or set another DATA_DIR or DATABASE_URL`,
  );
}

const UNFINISHED = /^postgres\.init-(\d+)-/;

/** Removes what the initdb of a killed process has left. */
function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = UNFINISHED.exec(name)?.[1];
    if (pid && !findProcess(Number(pid))) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
}

/** Renames a directory that is not a complete cluster. It is never deleted, because it may contain somebody's data. */
function moveAside(cluster: string, log: EmbeddedPostgresLog): void {
  if (!existsSync(cluster) || readdirSync(cluster).length === 0) return;
  const aside = `${cluster}.incomplete-${Date.now()}`;
  try {
    renameSync(cluster, aside);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `DATA_DIR holds an incomplete database (${cluster}) that cannot be moved away: ${errorMessage(error)}`,
    );
  }
  log.warn({ movedTo: aside }, 'the database directory was incomplete: moved it away and made a new one');
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** initdb's own error line. Node's message would start with the whole command line. */
function initdbError(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  return (typeof stderr === 'string' && /^.*?error:\s*(.*)$/m.exec(stderr)?.[1]) || errorMessage(error);
}

export interface ClusterOptions {
  dataDir: string;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  password: string;
  fsync: boolean;
  log: EmbeddedPostgresLog;
}

async function initdb(options: ClusterOptions, target: string): Promise<void> {
  const { binaries, user, password, fsync } = options;
  const file = `${target}.password`;
  mkdirSync(target, { mode: 0o700 });
  writeFileSync(file, password, { mode: 0o600 });
  try {
    if (user) for (const made of [target, file]) chownSync(made, user.uid, user.gid);
    await run(
      ...commandAs(user, binaries.initdb, [
        ...['-D', target, '-U', SUPERUSER, '--pwfile', file, '--auth', 'scram-sha-256'],
        // The same on every machine: text sorts by code point, and upper() and lower() know all of Unicode.
        ...['-E', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ...['-c', 'timezone=UTC', '-c', 'log_timezone=UTC', ...(fsync ? [] : ['--no-sync'])],
      ]),
      execOptions(user),
    );
  } finally {
    rmSync(file, { force: true });
  }
}

/** Creates the cluster unless there is a complete one. @throws EmbeddedPostgresError if that has another major version */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { dataDir, binaries, user, log } = options;
  const cluster = clusterDirectory(dataDir);
  if (isCompleteCluster(cluster)) {
    assertMajorVersion(cluster, binaries.major);
    return;
  }
  removeUnfinished(dataDir);
  moveAside(cluster, log);

  const unfinished = path.join(dataDir, `postgres.init-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await initdb(options, unfinished);
    renameSync(unfinished, cluster);
    if (options.fsync) syncDirectory(dataDir);
    log.info({ cluster, user: user?.name }, 'made a new database cluster');
  } catch (error) {
    if (isCompleteCluster(cluster)) return; // another process was faster
    const reason = initdbError(error);
    if (isPermissionDenied(reason)) throw noAccess(dataDir, user, reason);
    throw new EmbeddedPostgresError(`Cannot make a database in DATA_DIR (${dataDir}): ${reason}`);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
