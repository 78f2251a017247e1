import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { isPermissionDenied, postgresExecOptions, unreachable, type PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresError, errorMessage } from './errors.js';
import type { EmbeddedPostgresLog } from './log.js';
import type { RunAs } from './reach.js';
import { findProcess } from './processes.js';
import { commandAs } from './reach.js';

const run = promisify(execFile);

export const SUPERUSER = 'postgres';

export function clusterDirectory(dataDir: string): string {
  return path.join(dataDir, 'postgres');
}

function lookUpUser(name: string): RunAs | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root, so root starts it as the owner of the existing cluster, else as
 * `postgres`, else as `nobody`. Anyone else runs it as themselves.
 */
export function chooseUser(dataDir: string): RunAs | undefined {
  const cluster = clusterDirectory(dataDir);
  const owner = isComplete(cluster) ? statSync(cluster) : undefined;
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (!owner || owner.uid === uid) return undefined;
    throw new EmbeddedPostgresError(
      `The database in DATA_DIR (${cluster}) belongs to uid ${owner.uid}, not to ${uid}: start as that user, or set DATA_DIR`,
    );
  }
  if (owner?.uid === 0) {
    throw new EmbeddedPostgresError(
      `The database in DATA_DIR (${cluster}) belongs to root, as whom PostgreSQL does not run: chown -R it to postgres or nobody`,
    );
  }
  if (owner) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const user = lookUpUser('postgres') ?? lookUpUser('nobody');
  if (user) return user;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: start as another user, or set DATABASE_URL',
  );
}

const passwordFile = (dataDir: string): string => path.join(dataDir, 'postgres.password');

/** Makes the superuser's password once; of two processes that try, one makes it and both read it. */
export function readOrMakePassword(dataDir: string): string {
  const file = passwordFile(dataDir);
  if (!existsSync(file)) {
    const made = `${file}.${process.pid}`;
    writeFileSync(made, randomBytes(24).toString('hex'), { mode: 0o600, flush: true });
    try {
      linkSync(made, file); // unlike a rename, never replaces the one that another process has made
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      rmSync(made, { force: true });
    }
  }
  return readPassword(dataDir);
}

export function readPassword(dataDir: string): string {
  const file = passwordFile(dataDir);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot read the database password in DATA_DIR (${file}): ${errorMessage(error)}`,
    );
  }
}

/** `initdb` works in a sibling that is renamed when done, so what misses one of these is no cluster. */
function isComplete(cluster: string): boolean {
  return ['PG_VERSION', 'global/pg_control'].every((file) => existsSync(path.join(cluster, file)));
}

function assertMajorVersion(cluster: string, major: number): void {
  const found = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === String(major)) return;
  throw new EmbeddedPostgresError(
    `The database in DATA_DIR (${cluster}) is of PostgreSQL ${found}, this release brings ${major}: ` +
      `run pg_upgrade, or dump it with ${found} and restore it, or set another DATA_DIR or DATABASE_URL`,
  );
}

const UNFINISHED = /^postgres\.init-(\d+)-/;

function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = UNFINISHED.exec(name)?.[1];
    if (pid && !findProcess(Number(pid))) rmSync(path.join(dataDir, name), { recursive: true, force: true });
  }
}

/** Something that is no cluster stands in its place. It is never deleted: it may be somebody's. */
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

/** What initdb says of its failure; its whole command line, which Node's message holds, would hide it. */
function problemOf(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  return (typeof stderr === 'string' && /^.*?error:\s*(.*)$/m.exec(stderr)?.[1]) || errorMessage(error);
}

export interface ClusterOptions {
  dataDir: string;
  binaries: PostgresBinaries;
  runAs: RunAs | undefined;
  password: string;
  fsync: boolean;
  log: EmbeddedPostgresLog;
}

/** Makes the cluster unless a complete one of the right version is there. A kill at any moment leaves none or a whole one. */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { dataDir, binaries, runAs, log } = options;
  const cluster = clusterDirectory(dataDir);
  if (isComplete(cluster)) {
    assertMajorVersion(cluster, binaries.major);
    return;
  }
  removeUnfinished(dataDir);
  moveAside(cluster, log);

  const unfinished = path.join(dataDir, `postgres.init-${process.pid}-${randomBytes(4).toString('hex')}`);
  const given = `${unfinished}.password`;
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(given, options.password, { mode: 0o600 });
  if (runAs) {
    chownSync(unfinished, runAs.uid, runAs.gid);
    chownSync(given, runAs.uid, runAs.gid);
  }
  try {
    await run(
      ...commandAs(runAs, binaries.initdb, [
        ...['-D', unfinished, '-U', SUPERUSER, '--pwfile', given, '--auth', 'scram-sha-256'],
        // Keys sort by code point, and upper/lower know all of Unicode, on every machine alike.
        ...['-E', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ...['-c', 'timezone=UTC', '-c', 'log_timezone=UTC', ...(options.fsync ? [] : ['--no-sync'])],
      ]),
      postgresExecOptions(runAs),
    );
    renameSync(unfinished, cluster);
    if (options.fsync) syncDirectory(dataDir);
    log.info({ cluster, user: runAs?.name }, 'made a new database cluster');
  } catch (error) {
    if (isComplete(cluster)) return; // another process was faster
    const reason = problemOf(error);
    if (isPermissionDenied(reason)) throw unreachable(dataDir, runAs, reason);
    throw new EmbeddedPostgresError(`Cannot make a database in DATA_DIR (${dataDir}): ${reason}`);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    rmSync(given, { force: true });
  }
}
