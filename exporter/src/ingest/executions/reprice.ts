/** What changed prices cover, priced anew in the background: some executions a transaction, each time from where it stopped. */
import type { Pool, PoolClient } from 'pg';
import type { PriceLists } from '../../costs/prices.js';
import { retryTransient, withTransaction } from '../../db/pool.js';
import { writeAndSettle } from './executions.js';
import { lockStates } from './store.js';

const BATCH = 500;

interface Task {
  tenantId: string;
  id: string;
  model: string;
  /** With microseconds, as PostgreSQL writes it. */
  to: string;
  reachedAt: string;
  reachedId: string;
}

/**
 * Works off what is to be recomputed, in turn of the tenants; other replicas take other tasks meanwhile.
 * @param withinMs no further transaction begins after this
 * @returns the number of executions priced anew
 */
export async function reprice(
  pool: Pool,
  prices: PriceLists,
  signal?: AbortSignal,
  withinMs = Infinity,
): Promise<number> {
  const began = performance.now();
  let repriced = 0;
  while (signal?.aborted !== true && performance.now() - began < withinMs) {
    const done = await retryTransient(() => withTransaction(pool, (client) => batch(client, prices)));
    if (done === undefined) break;
    repriced += done;
  }
  return repriced;
}

/** @returns undefined where there is nothing to do */
async function batch(client: PoolClient, prices: PriceLists): Promise<number | undefined> {
  const { rows: tasks } = await client.query<Task>(
    `SELECT tenant_id AS "tenantId", id, model_name AS model, to_at::text AS to, reached_at::text AS "reachedAt",
            reached_id AS "reachedId"
     FROM price_recomputes ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  const task = tasks[0];
  if (task === undefined) return undefined;
  const list = await prices.read(client, task.tenantId);
  const { rows: next } = await client.query<{ id: string; at: string }>(
    `SELECT e.id, e.started_at::text AS at FROM executions e
     WHERE e.tenant_id = $1 AND (e.started_at, e.id) > ($2::timestamptz, $3::uuid) AND e.started_at < $4::timestamptz
       AND (e.model_name = $5 OR EXISTS (
         SELECT FROM token_usages u WHERE u.tenant_id = $1 AND u.execution_id = e.id AND u.model_name = $5))
     ORDER BY e.started_at, e.id LIMIT ${BATCH}`,
    [task.tenantId, task.reachedAt, task.reachedId, task.to, task.model],
  );
  // One that is replaced meanwhile is priced by whoever replaces it.
  const states = await lockStates(
    client,
    task.tenantId,
    next.map(({ id }) => id),
  );
  const changes = [...states].map(([id, state]) => ({ id, before: state, after: state }));
  await writeAndSettle(client, task.tenantId, changes, list);
  const last = next.at(-1);
  if (last === undefined || next.length < BATCH) {
    await client.query('DELETE FROM price_recomputes WHERE tenant_id = $1 AND id = $2', [
      task.tenantId,
      task.id,
    ]);
  } else {
    await client.query(
      `UPDATE price_recomputes SET reached_at = $3::timestamptz, reached_id = $4 WHERE tenant_id = $1 AND id = $2`,
      [task.tenantId, task.id, last.at, last.id],
    );
  }
  return changes.length;
}
