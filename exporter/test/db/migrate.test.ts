import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog, type DatabaseLog } from '../../src/db/log.js';
import { migrate, MIGRATE_LOCK, schemaStatus } from '../../src/db/migrate.js';
import { splitStatements } from '../../src/db/migrations.js';
import { withClient } from '../../src/db/pool.js';
import {
  createEmptyDatabase,
  createTestDatabase,
  migrationsDir,
  type TestDatabase,
} from '../support/database.js';

let database: TestDatabase;
let dir: string;

beforeEach(async () => {
  database = await createEmptyDatabase();
  dir = mkdtempSync(path.join(os.tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(path.join(dir, name), sql);
}

function run(log: DatabaseLog = silentLog): Promise<string[]> {
  return migrate(database.pool, { dir, log });
}

async function tables(): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('migrate', () => {
  it('applies pending files in order, and none twice', async () => {
    write({
      '0002_b.sql': 'ALTER TABLE a ADD y int',
      '0001_a.sql': 'CREATE TABLE a (x int)',
      'README.md': 'no SQL',
    });
    expect(await schemaStatus(database.pool, { dir })).toEqual({
      current: 0,
      expected: 2,
      pending: ['0001_a.sql', '0002_b.sql'],
    });
    expect(await run()).toEqual(['0001_a.sql', '0002_b.sql']);
    expect(await run()).toEqual([]);
    write({ '0003_c.sql': 'CREATE TABLE c ()' });
    expect(await run()).toEqual(['0003_c.sql']);
    expect(await schemaStatus(database.pool, { dir })).toEqual({ current: 3, expected: 3, pending: [] });
    const { rows } = await database.pool.query('SELECT version, name, checksum FROM schema_migrations');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      version: 1,
      name: 'a',
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('accepts a connection string or a pool', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a (x int)' });
    expect(await migrate(database.url, { dir, log: silentLog })).toEqual(['0001_a.sql']);
  });

  it('applies each file once when several replicas start together', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a (x int); INSERT INTO a SELECT 1 FROM pg_sleep(0.3)' });
    write({ '0002_b.sql': '-- no-transaction\nCREATE INDEX CONCURRENTLY a_x ON a (x);' });
    const applied = await Promise.all([run(), run(), run()]);
    expect(applied.flat().sort()).toEqual(['0001_a.sql', '0002_b.sql']);
    expect((await database.pool.query('SELECT x FROM a')).rows).toEqual([{ x: 1 }]);
  });

  it('rejects an applied file that was changed, but not different line endings', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a\n (x int)' });
    await run();
    write({ '0001_a.sql': 'CREATE TABLE a\r\n (x int)' });
    expect(await run()).toEqual([]);
    write({ '0001_a.sql': 'CREATE TABLE a (x bigint)' });
    await expect(run()).rejects.toThrow('0001_a.sql was changed after it was applied');
    expect(await schemaStatus(database.pool, { dir })).toMatchObject({
      ...{ current: 1, expected: 1, pending: [] },
      conflict: expect.stringContaining('0001_a.sql was changed'),
    });
  });

  it('rejects a database of a newer release', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a ()', '0002_b.sql': 'CREATE TABLE b ()' });
    await run();
    rmSync(path.join(dir, '0002_b.sql'));
    await expect(run()).rejects.toThrow(
      'the database has schema version 2 (b), but this release supports only 1: start the newer release',
    );
    expect(await schemaStatus(database.pool, { dir })).toEqual({ current: 2, expected: 1, pending: [] });
  });

  it('rejects missing, late or duplicate files, and names other than NNNN_name.sql', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a ()', '0003_c.sql': 'CREATE TABLE c ()' });
    await run();
    write({ '0002_b.sql': 'CREATE TABLE b ()' });
    await expect(run()).rejects.toThrow('0002_b.sql comes before version 3');
    rmSync(path.join(dir, '0002_b.sql'));
    rmSync(path.join(dir, '0001_a.sql'));
    await expect(run()).rejects.toThrow('migration 1 (a) was applied, but its file is missing');
    write({ '0003_d.sql': '' });
    await expect(run()).rejects.toThrow('0003_c.sql and 0003_d.sql have the same version');
    write({ '4.sql': '' });
    await expect(run()).rejects.toThrow('4.sql is not named NNNN_name.sql');
  });

  it('rolls back a failing file, keeps earlier ones, and names file, line and column', async () => {
    write({
      '0001_a.sql': 'CREATE TABLE a ()',
      '0002_b.sql': "CREATE TABLE b ();\nSELECT 'äöü€😀', 1;\nSELECT\n  'ä' AS x, missing;\n",
    });
    await expect(run()).rejects.toThrow('0002_b.sql:4:13: column "missing" does not exist (42703)');
    expect(await tables()).toEqual(['a', 'schema_migrations']);
    expect(await schemaStatus(database.pool, { dir })).toMatchObject({ current: 1, pending: ['0002_b.sql'] });
  });

  it('runs a file without a transaction statement by statement, and names the line where it fails', async () => {
    const text = `-- no-transaction
CREATE TABLE IF NOT EXISTS a (x text); -- a; b
CREATE INDEX CONCURRENTLY IF NOT EXISTS a_x ON a (x);
DO $body$ BEGIN PERFORM 1; PERFORM 2; END $body$;
INSERT INTO a VALUES ('semi;colon');
`;
    write({ '0001_a.sql': `${text}\nCREATE INDEX CONCURRENTLY b_x ON b (x);\n` });
    await expect(run()).rejects.toThrow('0001_a.sql:7: relation "b" does not exist (42P01)');
    expect(await schemaStatus(database.pool, { dir })).toMatchObject({ current: 0 });
    write({ '0001_a.sql': `${text}CREATE INDEX CONCURRENTLY b_x ON a (x);\n` });
    expect(await run()).toEqual(['0001_a.sql']);
    expect((await database.pool.query('SELECT x FROM a')).rows).toHaveLength(2);
  });

  it('has no statement timeout, whatever the pool has', async () => {
    write({ '0001_a.sql': "SET LOCAL statement_timeout = '10s'; SELECT pg_sleep(0.01)" });
    await run();
    write({ '0002_b.sql': `DO $$ BEGIN ASSERT current_setting('statement_timeout') = '0'; END $$` });
    expect(await run()).toEqual(['0002_b.sql']);
  });

  it('waits for a database that is still starting', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a (x int)' });
    const { hostname, port } = new URL(database.url);
    const proxy = createServer((socket) => socket.pipe(connect(Number(port), hostname)).pipe(socket));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const late = new URL(database.url);
    late.port = String((proxy.address() as AddressInfo).port);
    await new Promise((resolve) => proxy.close(resolve));
    const migrating = migrate(late.toString(), { dir, log: silentLog });
    await delay(400);
    await new Promise<void>((resolve) => proxy.listen(Number(late.port), '127.0.0.1', resolve));
    expect(await migrating).toEqual(['0001_a.sql']);
    proxy.close();
  });

  it('gives up if the database is unreachable for too long', async () => {
    const away = new URL(database.url);
    away.port = '1';
    const told: string[] = [];
    const log = { ...silentLog, info: (_fields: object, message: string) => void told.push(message) };
    const started = Date.now();
    await expect(migrate(away.toString(), { dir, log, waitMs: 600 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(Date.now() - started).toBeGreaterThanOrEqual(600);
    expect(told).toEqual(['waiting for the database']);
  });
});

describe('migrate, cancelled', () => {
  const broken = async (untilLogged: string): Promise<unknown> => {
    const ending = new AbortController();
    const log = { ...silentLog, info: (_: object, said: string) => said === untilLogged && ending.abort() };
    return migrate(database.pool, { dir, log, signal: ending.signal }).catch((error: unknown) => error);
  };

  it('no longer waits for another process', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a ()' });
    await withClient(database.pool, async (other) => {
      await other.query('SELECT pg_advisory_lock($1)', [MIGRATE_LOCK]);
      expect(await broken('waiting for another process that is migrating')).toBeInstanceOf(Error);
      await other.query('SELECT pg_advisory_unlock($1)', [MIGRATE_LOCK]);
    });
    expect(await run()).toEqual(['0001_a.sql']);
  });

  it('keeps applied files, and the next start continues', async () => {
    write({ '0001_a.sql': 'CREATE TABLE a ()', '0002_b.sql': 'CREATE TABLE b ()' });
    expect(await broken('migration applied')).toBeInstanceOf(Error);
    expect(await run()).toEqual(['0002_b.sql']);
  });
});

describe('the migrations of this release', () => {
  it('apply to an empty database, and a test database has them all', async () => {
    const applied = await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    const prepared = await createTestDatabase();
    try {
      const status = await schemaStatus(prepared.pool, { dir: migrationsDir });
      const latest = Number(applied.at(-1)!.slice(0, 4));
      expect(status).toEqual({ current: latest, expected: latest, pending: [] });
    } finally {
      await prepared.drop();
    }
  });
});

describe('splitStatements', () => {
  it('splits only at semicolons outside strings, names, bodies and comments', () => {
    const sql = [
      `SELECT 'a;''b', E'c\\';d', "e;f"`,
      `-- only; a comment\nSELECT /* g;h */ 1`,
      `DO $x$ BEGIN; END $x$`,
      `SELECT $$;$$`,
    ];
    const found = splitStatements(` ${sql.join(';\n')};\n-- the end;\n`);
    expect(found.map(({ text }) => text)).toEqual(
      [sql[0], 'SELECT /* g;h */ 1', sql[2], sql[3]].map((text) => `${text};`),
    );
    expect(found[0]?.offset).toBe(1);
  });
});
