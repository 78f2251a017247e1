import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { errorCode, messageOf } from '../errors.js';
import { lockKey } from './locks.js';
import type { DatabaseLog } from './log.js';
import { MigrationError, readMigrations, splitStatements, type Migration } from './migrations.js';
import { isUnavailable } from './pool.js';
import { KEEP_ALIVE, letTakeLong, SILENCE_MS, watchSilence } from './silence.js';

export { MigrationError } from './migrations.js';

/** Advisory lock that is held while migrating. */
export const MIGRATE_LOCK = lockKey('agentidp-analytics', 'migrate');

export interface MigrateOptions {
  /** Directory of the NNNN_name.sql files. */
  dir: string;
  log: DatabaseLog;
  /** How long to wait for a database that is still starting; default 60,000. */
  waitMs?: number;
  /** See `PoolOptions`. */
  silenceMs?: number;
  /** Cancels the migration. The current file is rolled back, or run again from its beginning at the next start. */
  signal?: AbortSignal;
}

export interface SchemaStatus {
  /** The highest applied version; 0 for an empty database. */
  current: number;
  /** The highest version of this release. */
  expected: number;
  /** Names of the files that have not been applied. */
  pending: string[];
  /** How the database contradicts the files, on one line. A newer database is not a conflict. */
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
    if (errorCode(error) === '42P01') return []; // undefined_table: nothing has been applied yet
    throw error;
  }
}

/** A release does not start on a database that a newer one has migrated. @throws MigrationError */
function rejectNewer(files: Migration[], applied: Applied[]): void {
  const { version, name } = applied.at(-1) ?? { version: 0, name: '' };
  const newest = files.at(-1)?.version ?? 0;
  if (version <= newest) return;
  throw new MigrationError(
    `the database has schema version ${version} (${name}), but this release supports only ${newest}: start the newer release`,
  );
}

/** The migrations to apply. @throws MigrationError if database and files contradict each other */
function findPending(files: Migration[], applied: Applied[]): Migration[] {
  const known = new Map(files.map((file) => [file.version, file]));
  const newest = files.at(-1)?.version ?? 0;
  for (const { version, name, checksum } of applied) {
    if (version > newest) continue; // from a newer release
    const file = known.get(version);
    if (!file)
      throw new MigrationError(`migration ${version} (${name}) was applied, but its file is missing`);
    if (file.checksum !== checksum) {
      throw new MigrationError(
        `${file.file} was changed after it was applied; restore it and add a new migration`,
      );
    }
  }
  const current = applied.at(-1)?.version ?? 0;
  const done = new Set(applied.map(({ version }) => version));
  const pending = files.filter(({ version }) => !done.has(version));
  const late = pending.find(({ version }) => version < current);
  if (late)
    throw new MigrationError(
      `${late.file} comes before version ${current}, which is already applied; renumber it`,
    );
  return pending;
}

function describeFailure(migration: Migration, offset: number, error: unknown): MigrationError {
  const position = error instanceof pg.DatabaseError && error.position ? Number(error.position) : undefined;
  // PostgreSQL counts code points, starting at 1.
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
 * A file without a transaction runs statement by statement and is recorded at the end. After a failure it runs again from
 * its beginning, so its statements must be repeatable (IF NOT EXISTS).
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
    await client.query('ROLLBACK').catch(() => undefined); // report the first error
    throw error;
  }
}

/** Connects, and waits if the database is still starting. */
async function connect(config: pg.ClientConfig, options: MigrateOptions): Promise<pg.Client> {
  const { signal, silenceMs = SILENCE_MS } = options;
  const deadline = Date.now() + (options.waitMs ?? 60_000);
  for (let logged = false; ; logged = true) {
    const client = new pg.Client(config);
    client.on('error', () => undefined); // the current query also rejects with this error
    try {
      await client.connect();
      watchSilence(client, config, silenceMs);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!isUnavailable(error) || Date.now() > deadline) throw error;
      if (!logged) options.log.info({ reason: messageOf(error) }, 'waiting for the database');
      await delay(250, undefined, { signal });
    }
  }
}

/**
 * Polls for the lock. The snapshot of a waiting statement would block CREATE INDEX CONCURRENTLY in another replica
 * indefinitely.
 */
async function takeLock(client: pg.Client, log: DatabaseLog): Promise<void> {
  for (let logged = false; ; logged = true) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      MIGRATE_LOCK,
    ]);
    if (rows[0]?.locked) return;
    if (!logged) log.info({}, 'waiting for another process that is migrating');
    await delay(100);
  }
}

/**
 * Applies all pending migrations, each in its own transaction. Several replicas can call it at the same time.
 * @returns the names of the files that this call applied
 * @throws MigrationError with file and line if a statement fails, or if database and files contradict each other; any error
 * after an abort
 */
export async function migrate(target: pg.Pool | string, options: MigrateOptions): Promise<string[]> {
  const files = readMigrations(options.dir);
  const config = {
    ...{ connectionTimeoutMillis: 5_000, ...KEEP_ALIVE },
    ...(typeof target === 'string' ? { connectionString: target } : target.options),
  };
  // A dedicated client, because the lock belongs to the session.
  const client = await connect({ ...config, application_name: 'agentidp-analytics migrate' }, options);
  const cancel = (): void => void client.end().catch(() => undefined);
  options.signal?.addEventListener('abort', cancel);
  try {
    options.signal?.throwIfAborted();
    letTakeLong(client);
    await client.query("SET statement_timeout = 0; SET timezone = 'UTC'");
    await takeLock(client, options.log);
    await client.query(CREATE_LEDGER);
    const applied = await readApplied(client);
    rejectNewer(files, applied);
    const pending = findPending(files, applied);
    for (const migration of pending) {
      const started = Date.now();
      await apply(client, migration);
      options.log.info({ file: migration.file, ms: Date.now() - started }, 'migration applied');
    }
    return pending.map(({ file }) => file);
  } finally {
    options.signal?.removeEventListener('abort', cancel);
    await client.end().catch(() => undefined); // also releases the lock
  }
}

/** Compares the database's schema with the migrations of this release. */
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
