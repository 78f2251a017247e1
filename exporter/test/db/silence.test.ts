/** A database that stops responding without closing its connections. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { silentLog } from '../../src/db/log.js';
import { migrate, MIGRATE_LOCK } from '../../src/db/migrate.js';
import { createPool, isUnavailable, withClient, withTransaction } from '../../src/db/pool.js';
import { letTakeLong } from '../../src/db/silence.js';
import { createTestDatabase, migrationsDir, type TestDatabase } from '../support/database.js';
import { type FreezingProxy, startFreezingProxy } from './freezing-proxy.js';

/** Long enough for an answer on a busy machine. */
const SILENCE_MS = 2_000;

let database: TestDatabase;
let proxy: FreezingProxy;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  proxy = await startFreezingProxy(database.url);
  pool = createPool({ url: proxy.url, max: 1, silenceMs: SILENCE_MS });
});
afterEach(async () => {
  await pool.end();
  await proxy.stop();
});

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const one = async (): Promise<unknown> => (await pool.query('SELECT 1 AS one')).rows;

it('fails a statement as unavailable, and its connection is not used again', async () => {
  await one();
  proxy.freeze();
  const error = await failure(one());
  expect(error).toMatchObject({ code: 'ETIMEDOUT', message: 'the database has not responded for 2 s' });
  expect(isUnavailable(error)).toBe(true);
  proxy.thaw();
  expect(await one()).toEqual([{ one: 1 }]);
});

it('fails a transaction in the middle, whose connection is not used again', async () => {
  const error = await failure(
    withTransaction(pool, (client) => {
      proxy.freeze();
      return client.query('SELECT 1');
    }),
  );
  expect(isUnavailable(error)).toBe(true);
  proxy.thaw();
  expect(await one()).toEqual([{ one: 1 }]);
});

it('is ignored while no statement runs, and is detected afterwards', async () => {
  const error = await withClient(pool, async (client) => {
    await client.query('BEGIN');
    await delay(SILENCE_MS * 1.5);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await delay(SILENCE_MS * 1.5);
    proxy.freeze();
    return failure(client.query('SELECT 1'));
  });
  expect(error).toMatchObject({ code: 'ETIMEDOUT' });
});

describe('for a statement that may take long', () => {
  it('is ignored while the server works on it', async () => {
    const { rows } = await withClient(pool, (client) => {
      letTakeLong(client);
      return client.query(`SELECT 1 AS slept FROM pg_sleep(${(SILENCE_MS / 1000) * 2.5})`);
    });
    expect(rows).toEqual([{ slept: 1 }]);
  });

  it('ends it if the server is unreachable', async () => {
    const error = await withClient(pool, async (client) => {
      letTakeLong(client);
      const asked = failure(client.query('SELECT pg_sleep(600)'));
      proxy.freeze();
      return asked;
    });
    expect(isUnavailable(error)).toBe(true);
  });

  it('ends it if the server is reachable, but not working on it', async () => {
    const error = await withClient(pool, async (client) => {
      letTakeLong(client);
      await client.query('SELECT 1');
      proxy.freeze();
      proxy.thaw();
      return failure(client.query('SELECT pg_sleep(600)'));
    });
    expect(isUnavailable(error)).toBe(true);
  });

  it('is detected again for the next user of the connection', async () => {
    await withTransaction(pool, (client) => Promise.resolve(letTakeLong(client)));
    expect(await failure(pool.query('SELECT pg_sleep(600)'))).toMatchObject({ code: 'ETIMEDOUT' });
  });
});

it('ends a migration that waits for another process', async () => {
  const error = await withClient(database.pool, async (other) => {
    await other.query('SELECT pg_advisory_lock($1)', [MIGRATE_LOCK]);
    const log = { ...silentLog, info: () => proxy.freeze() };
    const options = { dir: migrationsDir, log, silenceMs: SILENCE_MS };
    const failed = await failure(migrate(proxy.url, options));
    await other.query('SELECT pg_advisory_unlock($1)', [MIGRATE_LOCK]);
    return failed;
  });
  expect(isUnavailable(error)).toBe(true);
});
