/** What changed prices cover, priced anew in the background: some executions a transaction, each time from where it stopped. */
import type { Pool, PoolClient } from 'pg';
import type { PriceLists } from '../../costs/prices.js';
import { retryTransient, withTransaction } from '../../db/pool.js';
import { writeAndSettle } from './executions.js';
import { lockStates } from './store.js';

/** Executions priced anew in one transaction. */
const BATCH = 500;
/** Executions looked at for them: of a model that is rare, or of none, a statement would otherwise look at all. */
export const LOOK = 20_000;

interface Task {
  tenantId: string;
  id: string;
  model: string;
  /** With microseconds, as PostgreSQL writes it. */
  to: string;
  reachedAt: string;
  reachedId: string;
}

interface Position {
  at: string;
  id: string;
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
  let tenant = '';
  while (signal?.aborted !== true && performance.now() - began < withinMs) {
    const after = tenant;
    const done = await retryTransient(() => withTransaction(pool, (client) => batch(client, prices, after)));
    if (done === undefined) break;
    repriced += done.repriced;
    tenant = done.tenantId;
  }
  return repriced;
}

/** Of the tenant behind that one, and of the first again behind the last. */
async function nextTask(client: PoolClient, after: string): Promise<Task | undefined> {
  const { rows } = await client.query<Task>(
    `SELECT tenant_id AS "tenantId", id, model_name AS model, to_at::text AS to, reached_at::text AS "reachedAt",
            reached_id AS "reachedId"
     FROM price_recomputes ORDER BY tenant_id <= $1, tenant_id, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [after],
  );
  return rows[0];
}

/** @returns undefined where there is nothing to do */
async function batch(
  client: PoolClient,
  prices: PriceLists,
  after: string,
): Promise<{ tenantId: string; repriced: number } | undefined> {
  const task = await nextTask(client, after);
  if (task === undefined) return undefined;
  const { tenantId } = task;
  const list = await prices.read(client, tenantId);
  const edge = await lookedAt(client, task);
  const covered = await coveredBy(client, task, edge);
  // One that is replaced meanwhile is priced by whoever replaces it.
  const states = await lockStates(
    client,
    tenantId,
    covered.map(({ id }) => id),
  );
  const changes = [...states].map(([id, state]) => ({ id, before: state, after: state }));
  await writeAndSettle(client, tenantId, changes, list);
  const reached = covered.length === BATCH ? covered.at(-1) : edge;
  if (reached === undefined) {
    await client.query('DELETE FROM price_recomputes WHERE tenant_id = $1 AND id = $2', [tenantId, task.id]);
  } else {
    await client.query(
      `UPDATE price_recomputes SET reached_at = $3::timestamptz, reached_id = $4 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, task.id, reached.at, reached.id],
    );
  }
  return { tenantId, repriced: changes.length };
}

/** Up to where is looked this time; undefined where that is the end. */
async function lookedAt(client: PoolClient, task: Task): Promise<Position | undefined> {
  const { rows } = await client.query<Position>(
    `SELECT e.started_at::text AS at, e.id FROM executions e
     WHERE e.tenant_id = $1 AND (e.started_at, e.id) > ($2::timestamptz, $3::uuid) AND e.started_at < $4::timestamptz
     ORDER BY e.started_at, e.id OFFSET ${LOOK - 1} LIMIT 1`,
    [task.tenantId, task.reachedAt, task.reachedId, task.to],
  );
  return rows[0];
}

/** Those of the model, by themselves or by one of their usages. */
async function coveredBy(client: PoolClient, task: Task, edge: Position | undefined): Promise<Position[]> {
  const { rows } = await client.query<Position>(
    `SELECT e.started_at::text AS at, e.id FROM executions e
     WHERE e.tenant_id = $1 AND (e.started_at, e.id) > ($2::timestamptz, $3::uuid)
       AND e.started_at < $4::timestamptz AND ($6::timestamptz IS NULL OR (e.started_at, e.id) <= ($6, $7::uuid))
       AND (e.model_name = $5 OR EXISTS (
         SELECT FROM token_usages u WHERE u.tenant_id = $1 AND u.execution_id = e.id AND u.model_name = $5))
     ORDER BY e.started_at, e.id LIMIT ${BATCH}`,
    [task.tenantId, task.reachedAt, task.reachedId, task.to, task.model, edge?.at ?? null, edge?.id ?? null],
  );
  return rows;
}
