import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { errorCode, messageOf } from '../errors.js';
import { lockKey } from './locks.js';
import type { DatabaseLog } from './log.js';
import { MigrationError, readMigrations, splitStatements, type Migration } from './migrations.js';
import { isUnavailable } from './pool.js';
import { KEEP_ALIVE, letTakeLong, SILENCE_MS, watchSilence } from './silence.js';

export { MigrationError } from './migrations.js';

/** Held by whoever migrates. */
export const MIGRATE_LOCK = lockKey('agentidp-analytics', 'migrate');

export interface MigrateOptions {
  /** Folder of the NNNN_name.sql files. */
  dir: string;
  log: DatabaseLog;
  /** How long a database that is still starting is waited for; default 60,000. */
  waitMs?: number;
  /** As of the pool; see `PoolOptions`. */
  silenceMs?: number;
  /** Breaks off whatever is waited for; a file under way is rolled back, or begun again by the next start. */
  signal?: AbortSignal;
}

export interface SchemaStatus {
  /** The highest version applied; 0 is an empty database. */
  current: number;
  /** The highest version that this release knows. */
  expected: number;
  /** File names that are still to be applied. */
  pending: string[];
  /** What database and files contradict each other in, in one line; a newer database is no contradiction. */
  conflict?: string;
}

interface Applied {
  version: number;
  name: string;
  checksum: string;
}

const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

async function readApplied(client: pg.ClientBase | pg.Pool): Promise<Applied[]> {
  try {
    const { rows } = await client.query<Applied>(
      'SELECT version, name, checksum FROM schema_migrations ORDER BY version',
    );
    return rows;
  } catch (error) {
    if (errorCode(error) === '42P01') return []; // undefined_table: nothing was ever applied
    throw error;
  }
}

/** A release neither changes nor enters a database that a newer one has changed. @throws MigrationError */
function refuseNewer(files: Migration[], applied: Applied[]): void {
  const { version, name } = applied.at(-1) ?? { version: 0, name: '' };
  const newest = files.at(-1)?.version ?? 0;
  if (version <= newest) return;
  throw new MigrationError(
    `the database has schema version ${version} (${name}), this release knows ${newest}: start the newer release`,
  );
}

/** What is left to apply. @throws MigrationError where database and files contradict each other */
function findPending(files: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(files.map((file) => [file.version, file]));
  const newest = files.at(-1)?.version ?? 0;
  for (const { version, name, checksum } of applied) {
    if (version > newest) continue; // of a newer release
    const file = known.get(version);
    if (!file) throw new MigrationError(`migration ${version} (${name}) was applied but its file is missing`);
    if (file.checksum !== checksum) {
      throw new MigrationError(
        `${file.file} was changed after it had been applied: add a new migration instead`,
      );
    }
  }
  const current = applied.at(-1)?.version ?? 0;
  const done = new Set(applied.map(({ version }) => version));
  const pending = files.filter(({ version }) => !done.has(version));
  const late = pending.find(({ version }) => version < current);
  if (late)
    throw new MigrationError(`${late.file} comes before version ${current}, which is applied: renumber it`);
  return pending;
}

function describeFailure(migration: Migration, offset: number, error: unknown): MigrationError {
  const position = error instanceof pg.DatabaseError && error.position ? Number(error.position) : undefined;
  // PostgreSQL counts characters (code points) from 1.
  const before = [...migration.sql.slice(offset)].slice(0, (position ?? 1) - 1).join('');
  const lines = (migration.sql.slice(0, offset) + before).split('\n');
  const place = position === undefined && offset === 0 ? '' : `:${lines.length}`;
  const column = position === undefined ? '' : `:${[...(lines.at(-1) ?? '')].length + 1}`;
  const state = errorCode(error);
  return new MigrationError(
    `${migration.file}${place}${column}: ${messageOf(error)}${state ? ` (${state})` : ''}`,
    {
      cause: error,
    },
  );
}

async function runSql(client: pg.Client, migration: Migration, sql: string, offset: number): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw isUnavailable(error) ? error : describeFailure(migration, offset, error);
  }
}

const RECORD = 'INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)';

/**
 * A file without a transaction runs statement by statement, and is recorded when all are done: after a
 * failure it runs again from its start, so its statements must bear that (IF NOT EXISTS).
 */
async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const record = [migration.version, migration.name, migration.checksum];
  if (!migration.transaction) {
    for (const { text, offset } of splitStatements(migration.sql))
      await runSql(client, migration, text, offset);
    await client.query(RECORD, record);
    return;
  }
  await client.query('BEGIN');
  try {
    await runSql(client, migration, migration.sql, 0);
    await client.query(RECORD, record);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

/** Connects, and waits while the database is still starting. */
async function connect(config: pg.ClientConfig, options: MigrateOptions): Promise<pg.Client> {
  const { signal, silenceMs = SILENCE_MS } = options;
  const deadline = Date.now() + (options.waitMs ?? 60_000);
  for (let told = false; ; told = true) {
    const client = new pg.Client(config);
    client.on('error', () => undefined); // the query in flight rejects with it as well
    try {
      await client.connect();
      watchSilence(client, config, silenceMs);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!isUnavailable(error) || Date.now() > deadline) throw error;
      if (!told) options.log.info({ reason: messageOf(error) }, 'waiting for the database');
      await delay(250, undefined, { signal });
    }
  }
}

/**
 * By trying, not by waiting in a statement: the snapshot of a statement that waits would block another
 * replica's CREATE INDEX CONCURRENTLY for ever.
 */
async function takeLock(client: pg.Client, log: DatabaseLog): Promise<void> {
  for (let told = false; ; told = true) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      MIGRATE_LOCK,
    ]);
    if (rows[0]?.locked) return;
    if (!told) log.info({}, 'another process is migrating: waiting for it');
    await delay(100);
  }
}

/**
 * Applies every migration that is missing, each in a transaction of its own; several replicas may call it
 * at once.
 * @returns the file names applied by this call
 * @throws MigrationError with the file and line, or what does not fit between files and database; whatever the end of its waiting leaves, once aborted
 */
export async function migrate(target: pg.Pool | string, options: MigrateOptions): Promise<string[]> {
  const files = readMigrations(options.dir);
  const config = {
    ...{ connectionTimeoutMillis: 5_000, ...KEEP_ALIVE },
    ...(typeof target === 'string' ? { connectionString: target } : target.options),
  };
  // A client of its own: the lock belongs to the session, and a pool would hand it to someone else.
  const client = await connect({ ...config, application_name: 'agentidp-analytics migrate' }, options);
  const breakOff = (): void => void client.end().catch(() => undefined);
  options.signal?.addEventListener('abort', breakOff);
  try {
    options.signal?.throwIfAborted();
    letTakeLong(client);
    await client.query("SET statement_timeout = 0; SET timezone = 'UTC'");
    await takeLock(client, options.log);
    await client.query(CREATE_LEDGER);
    const applied = await readApplied(client);
    refuseNewer(files, applied);
    const pending = findPending(files, applied);
    for (const migration of pending) {
      const started = Date.now();
      await apply(client, migration);
      options.log.info({ file: migration.file, ms: Date.now() - started }, 'applied a migration');
    }
    return pending.map(({ file }) => file);
  } finally {
    options.signal?.removeEventListener('abort', breakOff);
    await client.end().catch(() => undefined); // frees the lock too
  }
}

/** How far the database's schema is. */
export async function schemaStatus(pool: pg.Pool, { dir }: { dir: string }): Promise<SchemaStatus> {
  const files = readMigrations(dir);
  const applied = await readApplied(pool);
  const versions = { current: applied.at(-1)?.version ?? 0, expected: files.at(-1)?.version ?? 0 };
  try {
    return { ...versions, pending: findPending(files, applied).map(({ file }) => file) };
  } catch (error) {
    return { ...versions, pending: [], conflict: messageOf(error) };
  }
}
