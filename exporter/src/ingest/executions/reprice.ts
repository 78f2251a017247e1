/**
 * What a changed price covers, and what was priced under an earlier version of the rules, priced anew in the background:
 * some executions a transaction, each time from where it stopped.
 */
import type { Pool, PoolClient } from 'pg';
import { mayCover } from '../../costs/own-list.js';
import type { PriceLists } from '../../costs/prices.js';
import { retryTransient, withTransaction } from '../../db/pool.js';
import { writeAndSettle } from './executions.js';
import { otherwisePriced } from './priced.js';
import { beginVersion, finish, nextTask, type Position, reach, type Task } from './reprice-tasks.js';
import { lockStates } from './store.js';

/** Executions priced anew in one transaction. */
const BATCH = 500;
/** Executions looked at for them: of a model that is rare, or of none, a statement would otherwise look at all. */
export const LOOK = 20_000;

/** The next executions of a task. */
interface Look {
  /** Where the task stood; it is of no use once another replica has gone on. */
  from: Position;
  /** Up to where was looked; undefined where that is the end. */
  edge: Position | undefined;
  /** Models that the price may cover; null: all. */
  models: readonly string[] | null;
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
  await retryTransient(() => beginVersion(pool));
  const looks = new Map<string, Look>();
  let repriced = 0;
  let tenant = '';
  while (signal?.aborted !== true && performance.now() - began < withinMs) {
    const after = tenant;
    const done = await retryTransient(() =>
      withTransaction(pool, (client) => batch(client, prices, after, looks)),
    );
    if (done === undefined) break;
    repriced += done.repriced;
    tenant = done.tenantId;
  }
  return repriced;
}

/** @returns undefined where there is nothing to do */
async function batch(
  client: PoolClient,
  prices: PriceLists,
  after: string,
  looks: Map<string, Look>,
): Promise<{ tenantId: string; repriced: number } | undefined> {
  const task = await nextTask(client, after);
  if (task === undefined) return undefined;
  const { tenantId } = task;
  const list = await prices.read(client, tenantId);
  const look = lookOf(looks, task) ?? (await lookAt(client, task));
  const covered = await coveredBy(client, task, look);
  // One that is replaced meanwhile is priced by whoever replaces it.
  const states = await lockStates(
    client,
    tenantId,
    covered.map(({ id }) => id),
  );
  const changed = await otherwisePriced(client, tenantId, states, list);
  const changes = changed.map((id) => ({ id, before: states.get(id), after: states.get(id)! }));
  await writeAndSettle(client, tenantId, changes, list);
  const reached = covered.length === BATCH ? covered.at(-1) : look.edge;
  looks.delete(task.id);
  if (reached === undefined) {
    await finish(client, task);
  } else {
    await reach(client, task, reached);
    if (reached !== look.edge) looks.set(task.id, { ...look, from: reached });
  }
  return { tenantId, repriced: changes.length };
}

function lookOf(looks: ReadonlyMap<string, Look>, { id, reached }: Task): Look | undefined {
  const look = looks.get(id);
  return look?.from.at === reached.at && look.from.id === reached.id ? look : undefined;
}

/** The executions of a task behind the position that it has reached; $1 to $4. */
const BEHIND = `e.tenant_id = $1 AND (e.started_at, e.id) > ($2::timestamptz, $3::uuid)
  AND e.started_at < $4::timestamptz`;
const behind = ({ tenantId, reached, to }: Task): string[] => [tenantId, reached.at, reached.id, to];
/** Those up to an edge; $5 and $6. */
const WITHIN = `${BEHIND} AND ($5::timestamptz IS NULL OR (e.started_at, e.id) <= ($5, $6::uuid))`;
const within = (task: Task, edge: Position | undefined): (string | null)[] => [
  ...behind(task),
  edge?.at ?? null,
  edge?.id ?? null,
];

async function lookAt(client: PoolClient, task: Task): Promise<Look> {
  const edges = await client.query<Position>(
    `SELECT e.started_at::text AS at, e.id FROM executions e WHERE ${BEHIND}
     ORDER BY e.started_at, e.id OFFSET ${LOOK - 1} LIMIT 1`,
    behind(task),
  );
  const edge = edges.rows[0];
  const { model } = task;
  if (model === null) return { from: task.reached, edge, models: null };
  const { rows } = await client.query<{ model: string }>(
    `WITH looked AS (SELECT e.id, e.model_name FROM executions e WHERE ${WITHIN})
     SELECT model_name AS model FROM looked WHERE model_name IS NOT NULL
     UNION SELECT u.model_name FROM looked
       JOIN token_usages u ON u.tenant_id = $1 AND u.execution_id = looked.id WHERE u.model_name IS NOT NULL`,
    within(task, edge),
  );
  const models = rows.map((row) => row.model).filter((sent) => mayCover(model, sent));
  return { from: task.reached, edge, models };
}

/** Those of the models, by themselves or by one of their usages. */
async function coveredBy(client: PoolClient, task: Task, { edge, models }: Look): Promise<Position[]> {
  if (models?.length === 0) return [];
  const { rows } = await client.query<Position>(
    `SELECT e.started_at::text AS at, e.id FROM executions e
     WHERE ${WITHIN} AND ($7::text[] IS NULL OR e.model_name = ANY ($7) OR EXISTS (
         SELECT FROM token_usages u WHERE u.tenant_id = $1 AND u.execution_id = e.id AND u.model_name = ANY ($7)))
     ORDER BY e.started_at, e.id LIMIT ${BATCH}`,
    [...within(task, edge), models],
  );
  return rows;
}
