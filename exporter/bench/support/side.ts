/** One side of a comparison of reads: a database whose aggregates the service's own rollup makes, and the service over it. */
import type { Pool } from 'pg';
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import type { Rollup } from '../../src/rollup/rollup.js';
import { createServices } from '../../src/services.js';
import { Client } from './client.js';
import { type BenchDatabase, jobsDone } from './database.js';
import { bearerOf, type Exporter, startExporter } from './exporter.js';
import type { Context } from './figure.js';

export interface Side {
  database: BenchDatabase;
  exporter: Exporter;
  client: Client;
}

/** @param onRows called with the number of aggregate rows so far */
export function rollupOf(pool: Pool, onRows: (rows: number) => void): Rollup {
  let written = 0;
  return createServices({
    config: loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' }),
    pool,
    log: silentLog,
    onRollup: ({ rows }) => onRows((written += rows)),
  }).rollup;
}

/** Has the rollup make the aggregates of these hours. */
export async function markHours(
  pool: Pool,
  tenant: string,
  kind: 'hour' | 'session',
  { from, to }: { from: number; to: number },
): Promise<void> {
  await pool.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT $1, $2, generate_series($3::timestamptz, $4::timestamptz - interval '1 hour', interval '1 hour')`,
    [tenant, kind, new Date(from), new Date(to)],
  );
}

/** Starts the service over the database, without a cache. */
export async function serve(
  { server, progress, profileDir }: Context,
  database: BenchDatabase,
  tenant: string,
): Promise<Side> {
  await database.pool.query('VACUUM ANALYZE');
  const env = { CACHE_ENABLED: 'false', ROLLUP_INTERVAL_SECONDS: '3600' };
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env, profileDir });
  progress('waiting for the nightly job, which a new exporter catches up on');
  await jobsDone(database);
  const client = new Client(exporter.url, { authorization: await bearerOf(tenant) }, 1);
  return { database, exporter, client };
}

export async function release({ client, exporter, database }: Side): Promise<void> {
  client.close();
  await exporter.stop();
  await database.drop();
}
