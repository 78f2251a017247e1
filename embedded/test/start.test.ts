import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { findBinaries } from '../src/binaries.js';
import { freePort, startEmbeddedPostgres } from '../src/index.js';
import { waitUntil } from '../src/processes.js';
import { chooseUser } from '../src/server-user.js';
import { EmbeddedTest, isRoot, isRunning, pretending, query } from './support/servers.js';

const test = new EmbeddedTest();
afterEach(() => test.cleanUp());

describe('a first start', () => {
  it('makes a UTF-8 cluster in UTC that sorts by code point and listens on 127.0.0.1 only', async () => {
    const dataDir = test.directory();
    const server = await test.start(dataDir);
    expect(server.adopted).toBe(false);
    const [settings] = await query(
      server.url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
              current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
              current_setting('data_checksums') AS checksums, current_setting('data_directory') AS directory,
              (SELECT array_agg(word ORDER BY word) FROM unnest(ARRAY['b', 'B', 'a', 'ä']) word) AS sorted,
              upper('ä') AS upper`,
    );
    expect(settings).toEqual({
      encoding: 'UTF8',
      zone: 'UTC',
      addresses: '127.0.0.1',
      sockets: '',
      checksums: 'on',
      directory: path.join(dataDir, 'postgres'),
      sorted: ['B', 'a', 'b', 'ä'],
      upper: 'Ä',
    });
  });

  it('stores a password that only its owner can read, and refuses connections without it', async () => {
    const dataDir = test.directory();
    const server = await test.start(dataDir);
    const file = path.join(dataDir, 'postgres.password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{48}$/);
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.toString(), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const hba = readFileSync(path.join(dataDir, 'postgres', 'pg_hba.conf'), 'utf8');
    const methods = hba.match(/^(?:local|host).*$/gm)?.map((line) => line.trim().split(/\s+/).at(-1));
    expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
  });

  it('keeps the durability settings at their defaults', async () => {
    const server = await startEmbeddedPostgres({ dataDir: test.directory() });
    try {
      const [row] = await query(
        server.url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits,
                current_setting('full_page_writes') AS pages`,
      );
      expect(row).toEqual({ fsync: 'on', commits: 'on', pages: 'on' });
    } finally {
      await server.stop();
    }
  });

  it('makes one cluster if two processes start at once in an empty folder', async () => {
    const dataDir = test.directory();
    const [first, second] = await Promise.all([test.start(dataDir), test.startProcess(dataDir)]);
    expect(second.url).toBe(first.url);
    expect(second.pid).toBe(first.pid);
    expect([first.adopted, second.adopted].sort()).toEqual([false, true]);
    expect(readdirSync(dataDir).filter((name) => name.includes('init'))).toEqual([]);
  });

  it('starts over after an earlier start was killed together with its initdb', async () => {
    const dataDir = test.directory();
    const child = test.spawn(dataDir);
    const unfinished = () => readdirSync(dataDir).filter((name) => /^postgres\.init-\d+-\w+$/.test(name));
    const begun = () => unfinished().some((name) => existsSync(path.join(dataDir, name, 'PG_VERSION')));
    expect(await waitUntil(begun, 20_000, 5)).toBe(true);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await once(child, 'exit');
    expect(unfinished()).toHaveLength(1);
    expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false);

    const server = await test.start(dataDir);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres.init'))).toEqual([]);
  });

  it('moves a folder that is not a complete cluster away and does not delete it', async () => {
    const dataDir = test.directory();
    mkdirSync(path.join(dataDir, 'postgres', 'base'), { recursive: true });
    writeFileSync(path.join(dataDir, 'postgres', 'PG_VERSION'), '18\n');
    await test.start(dataDir);
    const aside = readdirSync(dataDir).find((name) => name.startsWith('postgres.incomplete-'));
    expect(readdirSync(path.join(dataDir, aside ?? ''))).toEqual(['PG_VERSION', 'base']);
  });
});

describe('the options', () => {
  it('name the database and the port', async () => {
    const port = await freePort();
    const server = await test.start(test.directory(), { database: 'two words', port });
    expect(new URL(server.url).port).toBe(String(port));
    expect(await query(server.url, 'SELECT current_database() AS name')).toEqual([{ name: 'two words' }]);
  });

  it('pass settings to the server', async () => {
    const server = await test.start(test.directory(), { settings: { max_connections: '17' } });
    expect(await query(server.url, 'SHOW max_connections')).toEqual([{ max_connections: '17' }]);
  });
});

describe('a later start', () => {
  it('keeps the data', async () => {
    const dataDir = test.directory();
    const first = await test.start(dataDir);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await test.start(dataDir);
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('rejects a cluster of another major version and says what to do', async () => {
    const dataDir = test.directory();
    await (await test.start(dataDir)).stop();
    writeFileSync(path.join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    await expect(test.start(dataDir)).rejects.toThrow(
      /is of PostgreSQL 17, this release brings 18: run pg_upgrade/,
    );
  });

  it('names the wrong password file instead of waiting', async () => {
    const dataDir = test.directory();
    const server = await test.start(dataDir);
    await server.stop();
    writeFileSync(path.join(dataDir, 'postgres.password'), 'wrong');
    await expect(test.start(dataDir)).rejects.toThrow(/does not take the password in .*postgres\.password/);
    expect(isRunning(server.pid)).toBe(false);
    expect(existsSync(path.join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});

describe('the installed binaries', () => {
  it('are missing on a platform without a package: the error says to set DATABASE_URL', async () => {
    const error: unknown = await pretending('arch', 'mips', () =>
      findBinaries(test.directory(), undefined),
    ).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /^EmbeddedPostgresError: No embedded PostgreSQL for this platform \(.*-mips: /,
    );
    expect(String(error)).toMatch(/set DATABASE_URL/);
    expect(String(error)).not.toContain('\n');
  });

  (isRoot ? it : it.skip)(
    'work in a folder that only root may enter, such as a clone below /root',
    async () => {
      const closed = path.join(test.directory(), 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const server = await test.start(path.join(closed, 'data'));
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      try {
        await client.query('CREATE TABLE t AS SELECT 1 AS a');
        expect((await client.query('SELECT a FROM t')).rows).toEqual([{ a: 1 }]);
      } finally {
        await client.end();
      }
    },
  );

  (isRoot ? it : it.skip)('are copied if the user of PostgreSQL cannot reach them', async () => {
    const dataDir = test.directory();
    const closed = path.join(dataDir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const installed = await findBinaries(dataDir, undefined);
    symlinkSync(path.resolve(path.dirname(installed.postgres), '..'), path.join(closed, 'native'));
    const bin = path.join(closed, 'native', 'bin');
    const unreachable = { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') };
    const found = await findBinaries(dataDir, chooseUser(dataDir), () => Promise.resolve(unreachable));
    expect(found.major).toBe(18);
    expect(found.postgres).toContain(`${dataDir}/postgres-binaries-`);
  });
});

it('closes open connections with admin_shutdown when it is stopped', async () => {
  const server = await test.start(test.directory());
  const client = new pg.Client({ connectionString: server.url });
  const closed = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await server.stop();
  await expect(closed).resolves.toMatchObject({ code: '57P01' });
});

it('bounds the log while the server writes to it', async () => {
  const dataDir = test.directory();
  const file = path.join(dataDir, 'postgres.log');
  const server = await test.start(dataDir);
  appendFileSync(file, Buffer.alloc(10 * 1024 * 1024, 'x'));
  expect(await waitUntil(() => existsSync(`${file}.1`) && statSync(file).size < 1024, 10_000)).toBe(true);
  expect(statSync(`${file}.1`).mode & 0o777).toBe(0o600);
  await expect(query(server.url, 'SELECT 1 / 0')).rejects.toThrow('division by zero');
  expect(await waitUntil(() => readFileSync(file, 'utf8').includes('division by zero'), 5_000)).toBe(true);
  expect(readFileSync(file).includes(0)).toBe(false);
});

it('goes on and warns once if the log cannot be shortened', async () => {
  const dataDir = test.directory();
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_: object, message: string) => void warnings.push(message) };
  const server = await test.start(dataDir, { log });
  mkdirSync(path.join(dataDir, 'postgres.log.1'));
  appendFileSync(path.join(dataDir, 'postgres.log'), Buffer.alloc(10 * 1024 * 1024, 'x'));
  const message = 'the log of the embedded database could not be shortened';
  expect(await waitUntil(() => warnings.includes(message), 10_000)).toBe(true);
  rmSync(path.join(dataDir, 'postgres.log.1'), { recursive: true });
  expect(await waitUntil(() => existsSync(path.join(dataDir, 'postgres.log.1')), 10_000)).toBe(true);
  expect(warnings).toEqual([message]);
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
