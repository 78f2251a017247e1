/** The scheduled jobs, as data: what runs when. The scheduler runs each slot of them once over all replicas. */
import type { Pool } from 'pg';
import { dropOldNotifications } from './costs/notifications.js';
import { dropEndedReservations } from './costs/reservations.js';
import type { DatabaseLog } from './db/log.js';
import { dropExpiredExecutions } from './ingest/executions/retention.js';
import { dropExpiredPartitions, type Partitions } from './ingest/partitions.js';
import { DAY, HOUR, rawStart, type Retention } from './time.js';
import { advanceMinutes } from './rollup/boundaries.js';
import type { Ledger } from './jobs/ledger.js';
import { Nightly } from './rollup/nightly.js';
import type { Rollup } from './rollup/rollup.js';

/** The name under which the ledger knows the authority of the night. */
export const NIGHTLY = 'nightly';

/** Days that the ledger remembers. */
const LEDGER_DAYS = 400;
/** Days that notifications of budgets are kept after they were cleared. */
const NOTIFICATION_DAYS = 400;
/** Minutes outlive their window by this much, so that no rollup under way reads a partial hour. */
const MINUTES_MARGIN = 2 * HOUR;
const DELETE_BATCH = 20_000;

export interface Job {
  name: string;
  /** Five fields, UTC. */
  cron: string;
  /** Every missed slot is run when the service is back, rather than the latest only. */
  catchUp: boolean;
  /** @returns the rows written or removed */
  run: (slot: number, signal: AbortSignal) => Promise<number>;
}

export interface JobDeps {
  pool: Pool;
  rollup: Rollup;
  ledger: Ledger;
  partitions: Partitions;
  retention: Retention;
  aggregationCron: string;
  now: () => number;
  log: DatabaseLog;
}

export function createJobs(deps: JobDeps): Job[] {
  const { pool, partitions, ledger, retention, now } = deps;
  const night = new Nightly(deps);
  return [
    {
      name: NIGHTLY,
      cron: deps.aggregationCron,
      catchUp: true,
      run: (slot, signal) => night.run(slot, signal),
    },
    { name: 'partitions', cron: '20 * * * *', catchUp: false, run: () => partitions.makeAhead(now()) },
    {
      name: 'retention',
      cron: '40 * * * *',
      catchUp: false,
      run: async () =>
        (await dropExpiredPartitions(pool, rawStart(now(), retention))) +
        (await dropExpiredMinutes(pool, now(), retention)) +
        (await dropExpiredExecutions(pool, rawStart(now(), retention))) +
        (await dropEndedReservations(pool, now(), rawStart(now(), retention))) +
        (await dropOldNotifications(pool, now() - NOTIFICATION_DAYS * DAY)) +
        (await ledger.prune(now(), LEDGER_DAYS)),
    },
  ];
}

async function dropExpiredMinutes(pool: Pool, now: number, retention: Retention): Promise<number> {
  const minutesFrom = await advanceMinutes(pool, now, retention);
  const oldest = new Date(minutesFrom - MINUTES_MARGIN);
  let dropped = 0;
  for (const table of ['usage_minutes', 'endpoint_minutes']) {
    for (let deleted = DELETE_BATCH; deleted === DELETE_BATCH; dropped += deleted) {
      const result = await pool.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE bucket < $1 LIMIT ${DELETE_BATCH}))`,
        [oldest],
      );
      deleted = result.rowCount ?? 0;
    }
  }
  await pool.query('DELETE FROM agent_endpoint_computed WHERE computed_at < $1', [new Date(now - DAY)]);
  return dropped;
}
