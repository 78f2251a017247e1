import { createServer, type AddressInfo } from 'node:net';
import pg from 'pg';
import { createPool, isUnavailable, retryTransient, withClient, withTransaction } from '../../src/db/pool.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
const pools: pg.Pool[] = [];

beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

function makePool(options: Partial<Parameters<typeof createPool>[0]> = {}): pg.Pool {
  const pool = createPool({ url: database.url, max: 2, ...options });
  pools.push(pool);
  return pool;
}

/** Terminates all connections, as a server does when it shuts down. */
async function dropConnections(applicationName: string): Promise<void> {
  await database.pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
    [applicationName],
  );
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('rows of a pool', () => {
  it('have bigint as number, date as text, numeric as text and timestamptz as Date', async () => {
    const { rows } = await makePool().query(
      `SELECT 9007199254740991::bigint AS big, ARRAY[1, NULL]::bigint[] AS bigs, count(*) AS count, sum(3) AS sum,
              1.10::numeric AS exact, '2026-03-06'::date AS day, ARRAY['2026-03-06'::date] AS days,
              '2026-03-06T09:15:00.5+01:00'::timestamptz AS at, 7 AS small, 'x' AS text, NULL::bigint AS nothing`,
    );
    expect(rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        bigs: [1, null],
        count: 1,
        sum: 3,
        exact: '1.10',
        day: '2026-03-06',
        days: ['2026-03-06'],
        at: new Date('2026-03-06T08:15:00.500Z'),
        small: 7,
        text: 'x',
        nothing: null,
      },
    ]);
  });

  it('throw for a bigint that is too large for a number, and the connection stays usable', async () => {
    const pool = makePool({ max: 1 });
    await expect(pool.query('SELECT 9007199254740992::bigint AS big')).rejects.toThrow(
      /9007199254740992 is too large/,
    );
    expect((await pool.query('SELECT 1::bigint AS big')).rows).toEqual([{ big: 1 }]);
  });

  it('leave the types of other users of pg as they were', async () => {
    await makePool().query('SELECT 1::bigint');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query('SELECT 1::bigint AS big')).rows).toEqual([{ big: '1' }]);
    await client.end();
  });
});

describe('a connection', () => {
  it('is in UTC, has its statement timeout and its name, and keeps what the URL asks for', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c work_mem=5MB -c timezone=Asia/Tokyo');
    const pool = makePool({ url: url.toString(), statementTimeoutMs: 1234, applicationName: 'named' });
    const { rows } = await pool.query(
      `SELECT current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS timeout,
              current_setting('application_name') AS name, current_setting('work_mem') AS memory`,
    );
    expect(rows).toEqual([{ zone: 'UTC', timeout: '1234ms', name: 'named', memory: '5MB' }]);
  });

  it('is not poisoned by a statement that timed out', async () => {
    const pool = makePool({ max: 1, statementTimeoutMs: 100 });
    const pid = (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    const error = await failure(withClient(pool, (client) => client.query('SELECT pg_sleep(5)')));
    expect(error).toMatchObject({ code: '57014' });
    expect(isUnavailable(error)).toBe(false);
    expect(
      await failure(withTransaction(pool, (client) => client.query('SELECT pg_sleep(5)'))),
    ).toMatchObject({
      code: '57014',
    });
    expect((await pool.query('SELECT pg_backend_pid() AS pid')).rows).toEqual([{ pid }]);
  });
});

describe('a server that drops its connections', () => {
  it('does not crash the process, is reported once per connection, and the pool recovers', async () => {
    const told: Error[] = [];
    const pool = makePool({ applicationName: 'dropped', onError: (error) => told.push(error) });
    const client = await pool.connect();
    await withClient(pool, (idle) => idle.query('SELECT 1'));
    const pending = failure(client.query('SELECT pg_sleep(5)'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await dropConnections('dropped');
    expect(isUnavailable(await pending)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const later = await failure(client.query('SELECT 1'));
    expect(isUnavailable(later)).toBe(true);
    client.release();
    expect(told.map(isUnavailable)).toEqual([true, true]);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('makes a transaction fail as unavailable, and leaks no connection', async () => {
    const pool = makePool({ max: 1, applicationName: 'cut off' });
    const error = await failure(
      withTransaction(pool, async (client) => {
        await client.query('SELECT 1');
        await dropConnections('cut off');
        await client.query('SELECT 1');
      }),
    );
    expect(isUnavailable(error)).toBe(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(pool.totalCount).toBe(1);
  });
});

describe('isUnavailable', () => {
  it('holds for a refused connection, to one address or to each of several', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = new URL(database.url);
      url.hostname = host;
      url.port = '1';
      expect(isUnavailable(await failure(makePool({ url: url.toString() }).query('SELECT 1')))).toBe(true);
    }
  });

  it('holds for a server that does not answer and one that hangs up', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const rude = createServer((socket) => socket.destroy());
    for (const server of [silent, rude]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = new URL(database.url);
      url.port = String((server.address() as AddressInfo).port);
      const pool = createPool({ url: url.toString(), connectionTimeoutMs: 200 });
      expect(isUnavailable(await failure(pool.query('SELECT 1')))).toBe(true);
      void pool.end();
      server.close();
    }
  });

  it('holds for a pool without a free connection and for one that has ended', async () => {
    const pool = makePool({ max: 1, connectionTimeoutMs: 100 });
    const client = await pool.connect();
    expect(isUnavailable(await failure(pool.query('SELECT 1')))).toBe(true);
    client.release();
    const ended = createPool({ url: database.url });
    await ended.end();
    expect(isUnavailable(await failure(ended.query('SELECT 1')))).toBe(true);
  });

  it.each(['57P01', '57P02', '57P03', '53300', '08006', '08P01', 'ECONNRESET', 'EPIPE'])(
    'holds for %s',
    (code) => {
      expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(true);
    },
  );

  it.each(['57014', '23505', '42P01', '40001', 'ENOENT', 'ERR_INVALID_ARG_TYPE'])(
    'does not hold for %s',
    (code) => {
      expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(false);
    },
  );

  it('does not hold for other errors', () => {
    for (const thrown of [undefined, null, 'ECONNREFUSED', { code: '57P01' }, new TypeError('x')]) {
      expect(isUnavailable(thrown)).toBe(false);
    }
  });
});

describe('withTransaction', () => {
  it('commits if the work returns, and rolls back if it throws', async () => {
    const pool = makePool({ max: 1 });
    await pool.query('CREATE TABLE kept (x int)');
    const insert = (x: number) => (client: pg.PoolClient) =>
      client.query('INSERT INTO kept VALUES ($1)', [x]);
    await withTransaction(pool, insert(1));
    const thrown = new Error('mine');
    await expect(
      withTransaction(pool, async (client) => {
        await insert(2)(client);
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect((await pool.query('SELECT x FROM kept')).rows).toEqual([{ x: 1 }]);
  });

  it('throws if PostgreSQL rolled back because of a swallowed error', async () => {
    const hidden = withTransaction(makePool(), (client) => failure(client.query('SELECT 1/0')));
    await expect(hidden).rejects.toThrow('the transaction failed before its commit');
  });
});

describe('retryTransient', () => {
  const deadlock = () => Object.assign(new Error('deadlock detected'), { code: '40P01' });

  it('tries again after a deadlock or a serialization failure, and not more often than told', async () => {
    let calls = 0;
    const twice = () => ((calls += 1) < 3 ? Promise.reject(deadlock()) : Promise.resolve('done'));
    await expect(retryTransient(twice, { attempts: 3, delayMs: 1 })).resolves.toBe('done');
    calls = 0;
    await expect(retryTransient(twice, { attempts: 2, delayMs: 1 })).rejects.toMatchObject({ code: '40P01' });
    expect(calls).toBe(2);
  });

  it('does not retry other errors', async () => {
    let calls = 0;
    const fails = () => Promise.reject(new Error(`call ${(calls += 1)}`));
    await expect(retryTransient(fails)).rejects.toThrow('call 1');
  });

  it('resolves a real deadlock', async () => {
    const pool = makePool();
    await pool.query('CREATE TABLE pair (id int PRIMARY KEY, n int); INSERT INTO pair VALUES (1, 0), (2, 0)');
    const add = (first: number, second: number) =>
      retryTransient(() =>
        withTransaction(pool, async (client) => {
          await client.query('UPDATE pair SET n = n + 1 WHERE id = $1', [first]);
          await client.query('SELECT pg_sleep(0.2)');
          await client.query('UPDATE pair SET n = n + 1 WHERE id = $1', [second]);
        }),
      );
    await Promise.all([add(1, 2), add(2, 1)]);
    expect((await pool.query('SELECT n FROM pair')).rows).toEqual([{ n: 2 }, { n: 2 }]);
  });
});
