import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/db/embedded.js';
import { isPostmaster, readLockFile, shutDown } from '../../src/db/embedded/postmaster.js';
import { findProcess } from '../../src/db/embedded/processes.js';
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';

export const migrationsDir = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** How the test files, in processes of their own, learn of the server of this run. */
export const SERVER_VARIABLE = 'AGENTIDP_TEST_SERVER';

export interface TestServer {
  url: string;
  /** A database with all migrations, which the test databases are copies of. */
  template: string;
}

const PREFIX = 'agentidp-analytics-test-';
let embedded: EmbeddedPostgres | undefined;
let directory: string | undefined;

/** Ends what a test run that was killed has left running. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(os.tmpdir())) {
    const pid = name.startsWith(PREFIX) ? /^(\d+)-/.exec(name.slice(PREFIX.length))?.[1] : undefined;
    if (!pid || findProcess(Number(pid))) continue;
    const left = path.join(os.tmpdir(), name);
    const cluster = path.join(left, 'postgres');
    const server = readLockFile(cluster)?.pid;
    try {
      if (server && isPostmaster(server, cluster)) await shutDown(server, cluster, 5_000, silentLog);
      rmSync(left, { recursive: true, force: true });
    } catch {
      // of another user: theirs to clean up
    }
  }
}

/** A folder of this process's own below the system's temporary folder, which PostgreSQL's user can enter. */
export function makeTestDirectory(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(made, 0o711);
  return made;
}

export async function withAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.toString();
}

/** One server for all test files of a run: that of TEST_DATABASE_URL, or the embedded one in a temporary folder. */
export async function startTestServer(): Promise<void> {
  let url = process.env.TEST_DATABASE_URL;
  if (!url) {
    await sweep();
    directory = makeTestDirectory();
    embedded = await startEmbeddedPostgres({
      dataDir: directory,
      log: silentLog,
      fsync: false,
      settings: { max_connections: '200' },
    });
    url = embedded.url;
  }
  const template = `agentidp_template_${process.pid}`;
  await withAdmin(url, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${template}`);
  });
  await migrate(databaseUrl(url, template), { dir: migrationsDir, log: silentLog });
  process.env[SERVER_VARIABLE] = JSON.stringify({ url, template } satisfies TestServer);
}

export async function stopTestServer(): Promise<void> {
  const text = process.env[SERVER_VARIABLE];
  if (!embedded && text) {
    const { url, template } = JSON.parse(text) as TestServer;
    await withAdmin(url, (client) => client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`));
  }
  await embedded?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
}
