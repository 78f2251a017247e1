/** A replica without HTTP: the exporter's services with their own pool. */
import type { Pool } from 'pg';
import { loadConfig } from '../../src/config.js';
import { createPool } from '../../src/db/pool.js';
import { createServices, type Services } from '../../src/services.js';
import { MINUTE } from '../../src/time.js';
import { slotsBetween } from '../../src/cron.js';
import { SECRET, type TestEvent } from '../support/app.js';
import { recordingLog } from '../support/log.js';
import { pendingMarks } from '../support/recount.js';
import { eventually } from './eventually.js';

export interface Replica extends Services {
  pool: Pool;
  clock: { now: number };
  log: string[];
  /** Ingests events; throws unless all are accepted. */
  send(tenant: string, events: readonly TestEvent[]): Promise<void>;
  /** Runs the latest slot of a scheduled job, without the ledger. */
  run(job: string): Promise<number>;
  /** Processes every mark, and six minutes later those of the finest projection. */
  rollUp(): Promise<void>;
  end(): Promise<void>;
}

export interface ReplicaOptions {
  clock?: { now: number };
  /** Environment variables. */
  env?: Record<string, string>;
  /** The application name in `pg_stat_activity`. */
  name?: string;
  /** See `PoolOptions`. */
  idleInTransactionMs?: number;
  /** See `PoolOptions`. */
  silenceMs?: number;
}

/** Longer than the finest projection may lag behind. */
const FINEST_IS_DUE = 6 * MINUTE;

export function createReplica(url: string, options: ReplicaOptions = {}): Replica {
  const { clock = { now: Date.now() }, env, name = 'replica', idleInTransactionMs, silenceMs } = options;
  const pool = createPool({ url, applicationName: name, idleInTransactionMs, silenceMs });
  const log = recordingLog();
  const config = loadConfig({ AUTH_JWT_SECRET: SECRET, ...env });
  const services = createServices({ config, pool, log, now: () => clock.now });
  return {
    ...services,
    pool,
    clock,
    log: log.lines,
    async send(tenant, events) {
      const answer = await services.ingest.events(tenant, events);
      if (answer.accepted !== events.length) throw new Error(`not all accepted: ${JSON.stringify(answer)}`);
    },
    run(name) {
      const job = services.jobs.find((candidate) => candidate.name === name)!;
      const slot = slotsBetween(job.cron, undefined, clock.now)[0]!;
      return job.run(slot, new AbortController().signal);
    },
    async rollUp() {
      await services.rollup.run();
      clock.now += FINEST_IS_DUE;
      await services.rollup.run();
    },
    async end() {
      await services.ingest.drain();
      await services.stop();
      await pool.end();
    },
  };
}

/**
 * Processes every mark that a replica has left, as the next one would a few minutes later. A rollup passes over a tenant
 * that a process is busy with, so it is repeated until nothing is left.
 */
export async function settle(url: string): Promise<void> {
  const replica = createReplica(url);
  await eventually('every mark is processed', async () => {
    replica.clock.now = Date.now();
    await replica.rollUp();
    return Object.keys(await pendingMarks(replica.pool)).length === 0;
  });
  await replica.end();
}
