import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { createPool } from '../../src/db/pool.js';
import { databaseUrl, migrationsDir, SERVER_VARIABLE, withAdmin, type TestServer } from './server.js';

export { migrationsDir } from './server.js';

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Ends the pool and drops the database, even if others are still connected. */
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

/** Creates a database with all migrations applied. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(testServer().template);
}

/** Creates a database without tables. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0');
}

/** Applies the migrations up to this version. */
export async function migrateUpTo(pool: pg.Pool, version: number): Promise<void> {
  const known = mkdtempSync(path.join(os.tmpdir(), 'agentidp-migrations-'));
  try {
    for (const file of readdirSync(migrationsDir)) {
      if (Number.parseInt(file, 10) <= version)
        cpSync(path.join(migrationsDir, file), path.join(known, file));
    }
    await migrate(pool, { dir: known, log: silentLog });
  } finally {
    rmSync(known, { recursive: true });
  }
}
