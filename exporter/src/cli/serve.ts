/** `serve`: the exporter, until it is told to end. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Built } from '../app.js';
import { type Config, SETTINGS } from '../config.js';
import { migrate, MigrationError } from '../db/migrate.js';
import { ConfigError, errorCode, messageOf } from '../errors.js';
import { createLog, type Database, MIGRATIONS_DIR, openDatabase, readConfig } from './environment.js';
import { interruptible } from './session.js';

const RETRY_MS = 2_000;
/** An end in order takes as long as its slowest statement may; a database that answers nothing would hold it up for ever. */
const STOP_WITHIN_MS = 30_000;

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the exporter: REST API, aggregation jobs and Prometheus metrics')
    .addHelpText('after', `\nEnvironment:\n${settingsHelp()}`)
    .action(async () => {
      const config = readConfig();
      const log = createLog(config);
      await interruptible(async (signal) => {
        const asked = new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
            endInTime(log);
          });
        });
        // Also when asked meanwhile: cut off, it would leave the embedded database running.
        const service = await startService(config, log, signal);
        try {
          await Promise.race([asked, service.prepared.then(() => asked)]);
        } finally {
          await service.stop();
        }
      });
    });
}

/** Every setting with its meaning and default, as `--help` prints it. */
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
  /** Such as `http://127.0.0.1:3001`. */
  url: string;
  /** Resolves when the schema is there and the clock runs, or it was told to end before; rejects where neither ever will. */
  prepared: Promise<void>;
  /** Finishes what has begun, then ends the clock, the database and Redis. */
  stop(): Promise<void>;
}

/**
 * Listens at once; it is ready when the schema is there, however long the database takes.
 * @param signal ends the waiting for it; `stop` is still to be called
 */
export async function startService(config: Config, log: Logger, signal?: AbortSignal): Promise<Service> {
  // Loaded only here, so that the other commands start in half the time and memory.
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
    prepared.catch(() => undefined); // whoever has started the service awaits it
    if (config.databaseUrl === undefined) await prepared;
    log.info({ url, database: database.described, redis: redis !== undefined }, 'listening');
    return { ...built, url, prepared, stop };
  } catch (error) {
    await stop();
    throw listenError(error, config) ?? error;
  }
}

/** What the address has to do with a setting, if that is what kept the service from listening. */
function listenError(error: unknown, { host, port }: Config): ConfigError | undefined {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new ConfigError('PORT', `${port} is taken on ${host} (EADDRINUSE); set another one`);
    case 'EACCES':
      return new ConfigError('PORT', `${port} may not be listened on without further rights (EACCES)`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError('HOST', `${host} is no address of this machine`);
    default:
      return undefined;
  }
}

/**
 * Migrates and starts the clock; a database that is away is tried again until it comes.
 * @throws MigrationError where this release and the schema do not fit
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
      log.warn({ error: messageOf(error) }, `the database is not ready; again in ${RETRY_MS / 1000} s`);
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

function endInTime(log: Logger): void {
  setTimeout(() => {
    log.fatal({}, `not ended within ${STOP_WITHIN_MS / 1000} s; what was acknowledged is durable`);
    process.exit(1);
  }, STOP_WITHIN_MS).unref();
}
