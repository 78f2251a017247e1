/** Environment of a running command: the services over a migrated database, and a graceful stop on Ctrl-C. */
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { pendingBuckets } from '../rollup/pending.js';
import type { RollupProgress } from '../rollup/rollup.js';
import { createServices, type Services } from '../services.js';
import type { Author } from '../tenants/audit.js';
import { createLog, readConfig, warnOfUnknownSettings, withDatabase } from './environment.js';
import { counted, startProgress } from './progress.js';

const BUSY_MS = 500;

export interface Session {
  config: Config;
  pool: Pool;
  log: Logger;
  /** Who makes the changes of the command. */
  author: Author;
  services: Services;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  /** Rolls up all pending data, with a progress bar; returns the number of aggregate rows written. */
  rollUp(): Promise<number>;
  /** Calls `listener` after each transaction of a rollup; returns a function that unsubscribes it. */
  onRollup(listener: (progress: RollupProgress) => void): () => void;
}

class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/**
 * Runs `work` with the configured database, which is always closed afterwards.
 * @throws Interrupted if the user stopped it
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const config = readConfig();
  // Commands log warnings only; LOG_LEVEL=debug shows everything.
  const log = createLog({ ...config, logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel }, 2);
  warnOfUnknownSettings(log);
  return interruptible(async (signal) => {
    const result = await withDatabase(config, log, ({ pool }) =>
      work(createSession(config, pool, log, signal)),
    );
    if (signal.aborted) throw new Interrupted();
    return result;
  });
}

export function createSession(config: Config, pool: Pool, log: Logger, signal: AbortSignal): Session {
  const listeners = new Set<(progress: RollupProgress) => void>();
  const announce = (progress: RollupProgress): void => listeners.forEach((listener) => listener(progress));
  const services = createServices({ config, pool, log, onRollup: announce });
  const onRollup: Session['onRollup'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  // Changes of settings are logged at LOG_LEVEL, although commands are quiet otherwise.
  const author: Author = {
    subject: userName(),
    via: 'command_line',
    log: log.child({}, { level: config.logLevel }),
  };
  const session: Session = {
    ...{ config, pool, log, author, services, signal, onRollup },
    rollUp: () => rollUp(session),
  };
  return session;
}

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** The first SIGINT or SIGTERM aborts the signal; the second one exits immediately. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(1);
    interrupt.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(interrupt.signal);
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

async function rollUp({ pool, services, signal, onRollup }: Session): Promise<number> {
  const progress = startProgress('Aggregating', await pendingBuckets(pool));
  let done = 0;
  let rows = 0;
  const unsubscribe = onRollup((batch) => {
    done += batch.buckets;
    rows += batch.rows;
    progress.update(done, counted(rows, 'row'));
  });
  try {
    // A tenant is busy while a running exporter rolls it up; its remaining data is rolled up here afterwards.
    while (!signal.aborted && (await services.rollup.run(signal)).busy > 0) await delay(BUSY_MS);
    return rows;
  } finally {
    unsubscribe();
    progress.stop();
  }
}
