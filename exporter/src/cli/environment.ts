/** Settings, log and database, as every command needs them. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from 'agentidp-analytics-embedded';
import type { Pool } from 'pg';
import { pino, type Logger } from 'pino';
import { ensureSecret } from '../auth/secret.js';
import { type Config, loadConfig, unknownSettingsIn } from '../config.js';
import { migrate } from '../db/migrate.js';
import { createPool } from '../db/pool.js';

/** The migrations directory: next to the workspaces in a checkout, next to the compiled code in an image. */
export const MIGRATIONS_DIR = findUpwards('migrations');

function findUpwards(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name)) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, name);
}

/** Settings from the environment. If no key is configured (allowed on loopback), uses the secret kept under DATA_DIR. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const config = loadConfig(env);
  if (config.jwtSecrets !== undefined || config.jwksUrl !== undefined) return config;
  return { ...config, jwtSecrets: [ensureSecret(config.dataDir)] };
}

/** Logs each variable that looks like a setting but is not read. */
export function warnOfUnknownSettings(log: Logger, env: NodeJS.ProcessEnv = process.env): void {
  for (const { name, like } of unknownSettingsIn(env)) {
    log.warn({ setting: name, like }, `${name} is not a setting; ${like} is`);
  }
}

/** Logs JSON lines to standard output, standard error or a file. Credentials are redacted. */
export function createLog({ logLevel }: Pick<Config, 'logLevel'>, destination: 1 | 2 | string = 1): Logger {
  return pino(
    {
      level: logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.authorization', '*.cookie', 'headers["x-grafana-id"]', 'headers.authorization'],
    },
    pino.destination({ dest: destination, sync: destination === 2 }),
  );
}

export interface Database {
  pool: Pool;
  /** Location of the database, without the password. */
  described: string;
  close(): Promise<void>;
}

/** Name of the database in the embedded PostgreSQL. */
const DATABASE = 'analytics';

/** Opens DATABASE_URL or, if that is not set, the embedded PostgreSQL under DATA_DIR. */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, database: DATABASE, log })
      : undefined;
  const url = config.databaseUrl ?? embedded!.url;
  const pool = createPool({
    url,
    max: config.databasePoolSize,
    onError: (error) => {
      // While the pool closes, a stopping server may also terminate its connections; that is expected.
      if (!pool.ending) log.warn({ error: error.message }, 'lost a database connection');
    },
  });
  return {
    pool,
    described: embedded === undefined ? hostOf(url) : `embedded PostgreSQL under ${config.dataDir}`,
    close: async () => {
      await pool.end();
      await embedded?.stop();
    },
  };
}

const hostOf = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
};

/** Opens and migrates the database, runs `work`, and closes it again. */
export async function withDatabase<T>(
  config: Config,
  log: Logger,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config, log);
  try {
    await migrate(database.pool, { dir: MIGRATIONS_DIR, log });
    return await work(database);
  } finally {
    await database.close();
  }
}
