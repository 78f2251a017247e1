/** A command at work: the rooms over a migrated database, and an end in order when the user interrupts it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { pendingBuckets } from '../rollup/pending.js';
import type { RollupProgress } from '../rollup/rollup.js';
import { createServices, type Services } from '../services.js';
import { createLog, readConfig, withDatabase } from './environment.js';
import { counted, startProgress } from './progress.js';

const BUSY_MS = 500;

export interface Session {
  config: Config;
  pool: Pool;
  log: Logger;
  services: Services;
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal;
  /** Rolls up all that is marked, with a progress bar; returns the aggregate rows written. */
  rollUp(): Promise<number>;
  /** Tells `listener` of each transaction of a rollup, until the function that it returns is called. */
  onRollup(listener: (progress: RollupProgress) => void): () => void;
}

class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/**
 * Runs `work` over the database of the settings. Whatever stops it, the database is closed afterwards.
 * @throws Interrupted when the user stopped it
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const config = readConfig();
  // On a terminal only what needs attention; LOG_LEVEL=debug shows all.
  const log = createLog({ ...config, logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel }, 2);
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
  const session: Session = { config, pool, log, services, signal, onRollup, rollUp: () => rollUp(session) };
  return session;
}

/** The first SIGINT or SIGTERM aborts the signal, a second one ends the process. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const ask = (): void => {
    if (interrupt.signal.aborted) process.exit(1);
    interrupt.abort();
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  try {
    return await work(interrupt.signal);
  } finally {
    process.removeListener('SIGINT', ask);
    process.removeListener('SIGTERM', ask);
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
    // A tenant that a running exporter rolls up at the moment is busy: what it leaves is still ours to do.
    while (!signal.aborted && (await services.rollup.run(signal)).busy > 0) await delay(BUSY_MS);
    return rows;
  } finally {
    unsubscribe();
    progress.stop();
  }
}
