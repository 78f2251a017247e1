/** The embedded PostgreSQL of a run, in a temporary folder, and databases on it. */
import { rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import {
  makeTemporaryDataDir,
  removeLeftoverDataDirs,
  startEmbeddedPostgres,
} from 'agentidp-analytics-embedded';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { MIGRATIONS_DIR } from '../../src/cli/environment.js';
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { createPool } from '../../src/db/pool.js';
import { Partitions } from '../../src/ingest/partitions.js';

const FOLDER_PREFIX = 'agentidp-analytics-bench-';

export interface BenchDatabase {
  url: string;
  pool: pg.Pool;
  /** A plain connection, as a program without this project would open it. */
  connect(): Promise<pg.Client>;
  /** Lines of COPY's text format into `target`, which is a table with its columns. */
  copy(target: string, lines: Iterable<string>): Promise<void>;
  drop(): Promise<void>;
}

export interface BenchServer {
  /** A folder for files of the run; goes with the server. */
  folder: string;
  /** Such as `18.4`. */
  version: string;
  /** A database with all migrations and the partitions of these instants (milliseconds). */
  create(name: string, instants?: readonly number[]): Promise<BenchDatabase>;
  stop(): Promise<void>;
}

/** With the settings of a real one: what is acknowledged is on the disk. */
export async function startBenchServer(): Promise<BenchServer> {
  await removeLeftoverDataDirs(FOLDER_PREFIX);
  const folder = makeTemporaryDataDir(FOLDER_PREFIX);
  const embedded = await startEmbeddedPostgres({ dataDir: folder });
  const admin = createPool({ url: embedded.url, max: 1 });
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  return {
    folder,
    version: rows[0]!.server_version.split(' ')[0]!,
    create: async (name, instants = []) => {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`CREATE DATABASE ${name}`);
      const url = new URL(embedded.url);
      url.pathname = `/${name}`;
      return openDatabase(url.toString(), instants, async () => {
        await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
    },
    stop: async () => {
      await admin.end();
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openDatabase(
  url: string,
  instants: readonly number[],
  remove: () => Promise<void>,
): Promise<BenchDatabase> {
  const pool = createPool({ url, max: 4, statementTimeoutMs: 0 });
  await migrate(pool, { dir: MIGRATIONS_DIR, log: silentLog });
  const partitions = new Partitions(pool);
  await partitions.makeAhead(Date.now());
  await partitions.ensure(instants);
  return {
    url,
    pool,
    connect: async () => {
      const client = new pg.Client({ connectionString: url });
      // A server that stops at the end of an interrupted run says so on every connection.
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    copy: async (target, lines) => {
      const client = await pool.connect();
      try {
        await pipeline(Readable.from(blocks(lines)), client.query(copyFrom(`COPY ${target} FROM STDIN`)));
      } finally {
        client.release();
      }
    },
    drop: async () => {
      await pool.end();
      await remove();
    },
  };
}

/** Resolves when the nightly job is done, which a new exporter catches up on. */
export async function jobsDone({ pool }: BenchDatabase): Promise<void> {
  const done = `SELECT FROM job_runs WHERE job = 'nightly' AND finished_at IS NOT NULL`;
  while ((await pool.query(done)).rowCount === 0) await delay(200);
}

const BLOCK = 64 * 1024;

function* blocks(lines: Iterable<string>): Generator<Buffer> {
  let block = '';
  for (const line of lines) {
    block += line;
    if (block.length < BLOCK) continue;
    yield Buffer.from(block);
    block = '';
  }
  yield Buffer.from(block);
}
