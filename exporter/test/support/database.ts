import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { createPool } from '../../src/db/pool.js';
import { databaseUrl, SERVER_VARIABLE, withAdmin, type TestServer } from './server.js';

export { migrationsDir } from './server.js';

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Ends the pool and removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

function testServer(): TestServer {
  const text = process.env[SERVER_VARIABLE];
  if (!text)
    throw new Error('no test server: run through exporter/jest.config.js, whose globalSetup starts it');
  return JSON.parse(text) as TestServer;
}

async function create(from: string): Promise<TestDatabase> {
  const { url: server } = testServer();
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await withAdmin(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${from}`));
  const url = databaseUrl(server, name);
  const pool = createPool({ url, max: 5, applicationName: 'test' });
  let dropped: Promise<unknown> | undefined;
  const drop = async () => {
    if (!pool.ended) await pool.end();
    await withAdmin(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  };
  return { url, pool, drop: async () => void (await (dropped ??= drop())) };
}

/** A database of its own with all migrations applied. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(testServer().template);
}

/** A database of its own without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0');
}
