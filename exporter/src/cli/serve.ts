/** `serve`: runs the exporter until it receives a signal. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Built } from '../app.js';
import { type Config, SETTINGS } from '../config.js';
import { migrate, MigrationError } from '../db/migrate.js';
import { ConfigError, errorCode, messageOf } from '../errors.js';
import {
  createLog,
  type Database,
  MIGRATIONS_DIR,
  openDatabase,
  readConfig,
  warnOfUnknownSettings,
} from './environment.js';
import { interruptible } from './session.js';

const RETRY_MS = 2_000;
/** Time limit of a graceful shutdown. Without it, a database that does not respond would delay it indefinitely. */
const SHUTDOWN_TIMEOUT_MS = 30_000;

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the exporter: REST API, aggregation jobs and Prometheus metrics')
    .addHelpText('after', `\nEnvironment:\n${settingsHelp()}`)
    .action(async () => {
      const config = readConfig();
      const log = createLog(config);
      warnOfUnknownSettings(log);
      await interruptible(async (signal) => {
        const stopRequested = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
            limitShutdown(log);
          });
        });
        // Awaited even if a stop is requested meanwhile; otherwise the embedded database would be left running.
        const service = await startService(config, log, signal);
        try {
          await Promise.race([stopRequested, service.prepared.then(() => stopRequested)]);
        } finally {
          await service.stop();
        }
      });
    });
}

/** All settings with meaning and default, for `--help`. */
function settingsHelp(): string {
  const width = Math.max(...Object.values(SETTINGS).map(({ name }) => name.length));
  return Object.values(SETTINGS)
    .map(
      ({ name, help, fallback }) =>
        `  ${name.padEnd(width)}  ${help}${fallback === undefined ? '' : ` (${String(fallback)})`}`,
    )
    .join('\n');
}

export interface Service extends Built {
  /** For example `http://127.0.0.1:3001`. */
  url: string;
  /** Resolves when the schema is up to date and the scheduler runs, or on shutdown; rejects if the schema cannot be migrated. */
  prepared: Promise<void>;
  /** Finishes requests and jobs in flight, then stops the scheduler, the database and Redis. */
  stop(): Promise<void>;
}

/**
 * Starts listening immediately; the service becomes ready when the schema is up to date.
 * @param signal stops waiting for the database; `stop` must still be called
 */
export async function startService(config: Config, log: Logger, signal?: AbortSignal): Promise<Service> {
  // Imported here, so that the other commands start in half the time and with half the memory.
  const { buildApp } = await import('../app.js');
  const { createRedis } = await import('../cache/redis.js');
  const database = await openDatabase(config, log);
  const redis = config.redisUrl === undefined ? undefined : createRedis(config.redisUrl, log);
  const state = { ready: false };
  const stopping = new AbortController();
  const ended = signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal]);
  const built = await buildApp({
    config,
    pool: database.pool,
    logger: log,
    redis,
    migrationsDir: MIGRATIONS_DIR,
    ready: () => state.ready,
  });
  let prepared: Promise<void> = Promise.resolve();
  const stop = once(() => end(built, database, redis, stopping, () => prepared));
  try {
    const url = await built.app.listen({ host: config.host, port: config.port });
    prepared = prepare(built, database, log, state, ended);
    prepared.catch(() => undefined); // the caller awaits it
    if (config.databaseUrl === undefined) await prepared;
    log.info({ url, database: database.described, redis: redis !== undefined }, 'listening');
    return { ...built, url, prepared, stop };
  } catch (error) {
    await stop();
    throw listenError(error, config) ?? error;
  }
}

/** The error as a problem of a setting, if PORT or HOST is the reason that the service cannot listen. */
function listenError(error: unknown, { host, port }: Config): ConfigError | undefined {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new ConfigError('PORT', `port ${port} is already in use on ${host} (EADDRINUSE)`);
    case 'EACCES':
      return new ConfigError('PORT', `no permission to listen on port ${port} (EACCES)`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError('HOST', `${host} is not an address of this machine`);
    default:
      return undefined;
  }
}

/**
 * Migrates the schema and starts the scheduler. If the database is unreachable, it is retried until it responds.
 * @throws MigrationError if the schema does not match this release
 */
async function prepare(
  { services }: Built,
  { pool }: Database,
  log: Logger,
  state: { ready: boolean },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await migrate(pool, { dir: MIGRATIONS_DIR, log, waitMs: RETRY_MS, signal });
      await services.partitions.makeAhead(Date.now());
      await services.status.refresh(signal);
      break;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof MigrationError) throw error;
      log.warn({ error: messageOf(error) }, `the database is not ready; retrying in ${RETRY_MS / 1000} s`);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  if (signal.aborted) return;
  services.scheduler.start();
  state.ready = true;
}

async function end(
  { app }: Built,
  database: Database,
  redis: Redis | undefined,
  stopping: AbortController,
  prepared: () => Promise<void>,
): Promise<void> {
  stopping.abort();
  await app.close();
  await prepared().catch(() => undefined);
  redis?.disconnect();
  await database.close();
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

function limitShutdown(log: Logger): void {
  setTimeout(() => {
    log.fatal({}, `shutdown timed out after ${SHUTDOWN_TIMEOUT_MS / 1000} s; acknowledged data is stored`);
    process.exit(1);
  }, SHUTDOWN_TIMEOUT_MS).unref();
}
