import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type EmbeddedPostgres,
  makeTemporaryDataDir,
  removeLeftoverDataDirs,
  startEmbeddedPostgres,
} from 'agentidp-analytics-embedded';
import pg from 'pg';
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';

export const migrationsDir = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** The environment variable that tells the test files, which run in other processes, the server of this run. */
export const SERVER_VARIABLE = 'AGENTIDP_TEST_SERVER';

export interface TestServer {
  url: string;
  /** A database with all migrations. The test databases are copies of it. */
  template: string;
}

const PREFIX = 'agentidp-analytics-test-';
let embedded: EmbeddedPostgres | undefined;
let directory: string | undefined;

/** A directory below the system's temporary directory that PostgreSQL's user can access. */
export function makeTestDirectory(): string {
  return makeTemporaryDataDir(PREFIX);
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

/** Starts the server for all test files of a run: an embedded one, unless TEST_DATABASE_URL is set. */
export async function startTestServer(): Promise<void> {
  let url = process.env.TEST_DATABASE_URL;
  if (!url) {
    await removeLeftoverDataDirs(PREFIX);
    directory = makeTestDirectory();
    embedded = await startEmbeddedPostgres({
      dataDir: directory,
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
