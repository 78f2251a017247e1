/** Adopts the running server of a cluster, or launches one, and waits until it is ready. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionTarget, connectionString, probe } from './connection.js';
import { logFile } from './data-dir.js';
import { EmbeddedPostgresError } from './errors.js';
import { launch, type LaunchOptions } from './launch.js';
import type { EmbeddedPostgresLog } from './log.js';
import { freePort } from './port.js';
import { clearDeadServer, isPostmaster, readLockFile, shutDown } from './postmaster.js';
import type { ServerReferences } from './references.js';
import { isPermissionDenied, noAccess } from './server-user.js';

/** How long the remains of a killed server (a zombie, shared memory, an occupied port) may prevent a start. */
const RETRY_MS = 20_000;
/** A longer wait is logged. */
const SLOW_MS = 3_000;

export interface Running {
  url: string;
  pid: number;
  port: number;
  adopted: boolean;
}

export interface StartContext extends Omit<LaunchOptions, 'port'>, ConnectionTarget {
  /** The port of the previous server, which is in the connection strings of running processes. */
  port?: number;
  references: ServerReferences;
  log: EmbeddedPostgresLog;
  startTimeoutMs: number;
}

function wrongPassword(context: StartContext): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in DATA_DIR (${context.cluster}) does not take the password in ${context.dataDir}/postgres.password: ` +
      'put that file back, or set another DATA_DIR or DATABASE_URL',
  );
}

/** A check that throws after the timeout, and logs once if the start is slow, for example because of crash recovery. */
function deadline(context: StartContext): () => void {
  const started = Date.now();
  let logged = false;
  return () => {
    const waited = Date.now() - started;
    if (waited > context.startTimeoutMs) {
      throw new EmbeddedPostgresError(
        `The database in DATA_DIR (${context.cluster}) is not ready in time: see ${logFile(context.dataDir)}`,
      );
    }
    if (waited <= SLOW_MS || logged) return;
    logged = true;
    context.log.info({}, 'waiting for the embedded database to become ready');
  };
}

/** Waits for the running server of this cluster. Returns undefined if there is none, or if it ends. */
async function adopt(context: StartContext): Promise<Running | undefined> {
  for (const checkTime = deadline(context); ; checkTime()) {
    const lock = readLockFile(context.cluster);
    if (!lock || !isPostmaster(lock.pid, context.cluster)) return undefined;
    const state = lock.ready ? await probe(context, lock.port) : 'not ready';
    if (state === 'foreign') throw wrongPassword(context);
    if (state === 'ready' && !context.references.isStopping()) {
      const url = connectionString(context.password, lock.port, context.database);
      return { url, pid: lock.pid, port: lock.port, adopted: true };
    }
    await delay(50);
  }
}

/** Launches a server and waits until it is ready. If it ends instead, returns the reason as a string. */
async function launchAndWait(context: StartContext, port: number): Promise<Running | string> {
  const launched = launch({ ...context, port });
  try {
    for (const checkTime = deadline(context); ; checkTime()) {
      const failure = launched.failure();
      if (failure !== undefined) return failure;
      const lock = readLockFile(context.cluster);
      if (launched.pid && lock?.pid === launched.pid && lock.ready) {
        const state = await probe(context, port);
        if (state === 'foreign') throw wrongPassword(context);
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

/** Returns the running server of this cluster, or starts one as soon as the previous one no longer prevents it. */
export async function adoptOrLaunch(context: StartContext): Promise<Running> {
  const giveUp = Date.now() + RETRY_MS;
  // A killed server leaves its lock file. Others may still use its port.
  let port = context.port ?? readLockFile(context.cluster)?.port;
  for (;;) {
    const adopted = await adopt(context);
    if (adopted) return adopted;
    await clearDeadServer(context.cluster, context.log);
    const launched = await launchAndWait(context, port || (await freePort()));
    if (typeof launched !== 'string') return launched;
    if (isPermissionDenied(launched)) throw noAccess(context.dataDir, context.user, launched);
    if (Date.now() > giveUp) {
      throw new EmbeddedPostgresError(
        `The database in DATA_DIR (${context.cluster}) does not start: ${launched}`,
      );
    }
    context.log.info({ reason: launched }, 'the embedded database did not start: trying again');
    if (/TCP\/IP socket/.test(launched)) port = context.port; // another program now uses the old port
    await delay(250);
  }
}
