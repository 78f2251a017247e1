import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isPermissionDenied, unreachable } from './binaries.js';
import { SUPERUSER } from './cluster.js';
import { EmbeddedPostgresError, errorCode, errorMessage } from './errors.js';
import type { EmbeddedPostgresLog } from './log.js';
import { freePort } from './port.js';
import {
  clearDeadServer,
  isPostmaster,
  launch,
  readLockFile,
  shutDown,
  type LaunchOptions,
} from './postmaster.js';
import type { ServerUsers } from './users.js';

/** How long what a killed server left behind (a zombie, shared memory, a taken port) may be in the way. */
const RETRY_MS = 20_000;
const TELL_AFTER_MS = 3_000;

export interface Running {
  url: string;
  pid: number;
  port: number;
  adopted: boolean;
}

export interface StartContext extends Omit<LaunchOptions, 'port'> {
  /** The port of the server before this one: connection strings out there name it. */
  port?: number;
  password: string;
  database: string;
  users: ServerUsers;
  log: EmbeddedPostgresLog;
  startTimeoutMs: number;
}

export function connectionString(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the query in flight rejects with it as well
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

type Probe = 'ready' | 'not yet' | 'foreign';

async function ensureDatabase(client: pg.Client, database: string): Promise<void> {
  const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (found.rowCount) return;
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`).catch((error: unknown) => {
    // Another process has just made it: 42P04 duplicate database, 23505 the same seen by the catalog's index.
    if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
  });
}

/** It starts, stops, is gone, or has no connection left: SQLSTATE classes 08, 53 and 57P, or an error of the socket. */
function isDisconnected(error: unknown): boolean {
  return (
    /^(?:(?:08|53)\w{3}|57P0[123]|E[A-Z]+)$/.test(errorCode(error) ?? '') ||
    /^(?:Connection terminated|timeout expired|Client was closed)/.test(errorMessage(error))
  );
}

/**
 * Whether the server on that port is up with our database in it, and is the one of our cluster and not a
 * stranger that has its port.
 */
async function probe(context: StartContext, port: number): Promise<Probe> {
  try {
    return await withConnection(connectionString(context.password, port, 'postgres'), async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      if (rows[0]?.data_directory !== context.cluster) return 'foreign';
      await ensureDatabase(client, context.database);
      return 'ready';
    });
  } catch (error) {
    if (errorCode(error) === '28P01') return 'foreign'; // wrong password
    if (isDisconnected(error)) return 'not yet'; // it starts, stops or is gone
    throw error;
  }
}

function refusesPassword(context: StartContext): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in DATA_DIR (${context.cluster}) does not take the password in ${context.dataDir}/postgres.password: ` +
      'put that file back, or set another DATA_DIR or DATABASE_URL',
  );
}

/** Throws when the time is up, and tells once that it takes longer than usual (crash recovery may). */
function patience(context: StartContext): () => void {
  const started = Date.now();
  let told = false;
  return () => {
    const waited = Date.now() - started;
    if (waited > context.startTimeoutMs) {
      throw new EmbeddedPostgresError(
        `The database in DATA_DIR (${context.cluster}) is not ready in time: see ${path.join(context.dataDir, 'postgres.log')}`,
      );
    }
    if (waited > TELL_AFTER_MS && !told)
      context.log.info({}, 'waiting for the embedded database to become ready');
    told ||= waited > TELL_AFTER_MS;
  };
}

/** Waits for the living server of this cluster. Undefined: there is none, or it has gone. */
async function adopt(context: StartContext): Promise<Running | undefined> {
  for (const checkTime = patience(context); ; checkTime()) {
    const lock = readLockFile(context.cluster);
    if (!lock || !isPostmaster(lock.pid, context.cluster)) return undefined;
    const state = lock.ready ? await probe(context, lock.port) : 'not yet';
    if (state === 'foreign') throw refusesPassword(context);
    if (state === 'ready' && !context.users.isStopping()) {
      const url = connectionString(context.password, lock.port, context.database);
      return { url, pid: lock.pid, port: lock.port, adopted: true };
    }
    await delay(50);
  }
}

/** Starts a server and waits until it answers. A string: why it ended instead. */
async function launchAndWait(context: StartContext, port: number): Promise<Running | string> {
  const launched = launch({ ...context, port });
  try {
    for (const checkTime = patience(context); ; checkTime()) {
      const failure = launched.failure();
      if (failure !== undefined) return failure;
      const lock = readLockFile(context.cluster);
      if (launched.pid && lock?.pid === launched.pid && lock.ready) {
        const state = await probe(context, port);
        if (state === 'foreign') throw refusesPassword(context);
        if (state === 'ready') {
          const url = connectionString(context.password, port, context.database);
          return { url, pid: launched.pid, port, adopted: false };
        }
      }
      await delay(20);
    }
  } catch (error) {
    if (launched.pid) await shutDown(launched.pid, context.cluster, 5_000, context.log);
    throw error;
  }
}

/** The server of this cluster: the one that runs, or a new one once nothing is left of the last. */
export async function adoptOrLaunch(context: StartContext): Promise<Running> {
  const giveUp = Date.now() + RETRY_MS;
  // A server that was killed leaves its lock file: others may still know it by that port.
  let port = context.port ?? readLockFile(context.cluster)?.port;
  for (;;) {
    const adopted = await adopt(context);
    if (adopted) return adopted;
    await clearDeadServer(context.cluster, context.log);
    const launched = await launchAndWait(context, port || (await freePort()));
    if (typeof launched !== 'string') return launched;
    if (isPermissionDenied(launched)) throw unreachable(context.dataDir, context.runAs, launched);
    if (Date.now() > giveUp) {
      throw new EmbeddedPostgresError(
        `The database in DATA_DIR (${context.cluster}) does not start: ${launched}`,
      );
    }
    context.log.info({ reason: launched }, 'the embedded database did not start: trying again');
    if (/TCP\/IP socket/.test(launched)) port = context.port; // the old port is another's now
    await delay(250);
  }
}
