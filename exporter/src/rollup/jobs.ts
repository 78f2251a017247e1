/** The scheduled jobs, as data: what runs when. The scheduler runs each slot of them once over all replicas. */
import type { Pool } from 'pg';
import { dropOldNotifications } from '../costs/notifications.js';
import { dropEndedReservations } from '../costs/reservations.js';
import { isUnavailable } from '../db/pool.js';
import { freeUnusedNames } from '../ingest/endpoints.js';
import { dropExpiredExecutions } from '../ingest/executions/retention.js';
import { dropExpiredPartitions, type Partitions } from '../ingest/partitions.js';
import { DAY, floorTo, HOUR, rawStart, type Retention } from '../time.js';
import { advanceMinutes } from './boundaries.js';
import type { Ledger } from './ledger.js';
import type { Rollup } from './rollup.js';
import { chooseNamedAgents } from './snapshot.js';

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
}

export function createJobs(deps: JobDeps): Job[] {
  const { pool, partitions, ledger, retention, now } = deps;
  return [
    {
      name: NIGHTLY,
      cron: deps.aggregationCron,
      catchUp: true,
      run: (slot, signal) => nightly(deps, slot, signal),
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

/** Yesterday anew from raw events, for every tenant: the authority over what the frequent rollup left. */
async function nightly({ pool, rollup, now }: JobDeps, slot: number, signal: AbortSignal): Promise<number> {
  const to = floorTo(slot, DAY);
  const from = to - DAY;
  const { rows: tenants } = await pool.query<{ id: string }>(
    `SELECT id FROM tenants t
     WHERE EXISTS (SELECT FROM usage_events e WHERE e.tenant_id = t.id AND e.occurred_at >= $1 AND e.occurred_at < $2)
        OR EXISTS (SELECT FROM usage_hours h WHERE h.tenant_id = t.id AND h.bucket >= $1 AND h.bucket < $2)
        OR EXISTS (SELECT FROM executions x WHERE x.tenant_id = t.id AND x.started_at >= $1 AND x.started_at < $2)
        OR EXISTS (SELECT FROM execution_hours h WHERE h.tenant_id = t.id AND h.bucket >= $1 AND h.bucket < $2)
     ORDER BY id`,
    [new Date(from), new Date(to)],
  );
  let rows = 0;
  const failures: unknown[] = [];
  for (const { id } of tenants) {
    try {
      rows += await rollup.recomputeRange(id, from, to, signal);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      failures.push(error);
    }
  }
  if (signal.aborted) throw new Error('stopped before its end; it is run again');
  await chooseNamedAgents(pool);
  await freeUnusedNames(pool, now());
  // Only now, so that one tenant's failure holds up no other.
  if (failures.length > 0) throw failures[0];
  return rows;
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
