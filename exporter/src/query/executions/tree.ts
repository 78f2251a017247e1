/** The runs that an execution has called: its children, and the sums of its subtree. */
import type { Pool } from 'pg';
import type { Shown } from '../../facts/column.js';
import { EXECUTION } from '../../facts/execution/columns.js';
import { showing, shownSql } from '../../facts/shown.js';
import { toWireOfOne } from '../../money.js';

/** An execution and all that were called below it. */
export interface Subtree {
  executions: number;
  total_tokens: number;
  /** Without unpriced executions; null if none has a price. */
  cost_usd: number | null;
  unpriced_executions: number;
}

/** What is shown of a child. */
export const CHILD_FIELDS = [
  'id',
  'agent_id',
  'agent_name',
  'status',
  'execution_time_ms',
  'cost_usd',
] as const satisfies readonly (keyof Shown<typeof EXECUTION.columns>)[];
export type Child = Pick<Shown<typeof EXECUTION.columns>, (typeof CHILD_FIELDS)[number]>;

/** Children that are shown with an execution. */
export const MAX_CHILDREN = 1_000;

const showChild = showing(EXECUTION, CHILD_FIELDS);

/** The earliest children. */
export async function childrenOf(pool: Pool, tenantId: string, id: string): Promise<Child[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT ${shownSql(EXECUTION, 'e', CHILD_FIELDS)} FROM executions e
     WHERE e.tenant_id = $1 AND e.parent_execution_id = $2 ORDER BY e.started_at, e.id LIMIT ${MAX_CHILDREN}`,
    [tenantId, id],
  );
  return rows.map(showChild);
}

/** What is summed of a run. */
const SUMMED = 'e.id, e.total_tokens, e.cost_usd, e.cost_source';

/**
 * The sums of subtrees. UNION ends a cycle of parents, which can be sent: it adds no run a second time. The children are
 * looked up for each run (OFFSET keeps it so), whatever the planner expects of the recursion.
 */
export const SUBTREES = `
  WITH RECURSIVE runs AS (
    SELECT e.id AS root, ${SUMMED} FROM executions e WHERE e.tenant_id = $1 AND e.id = ANY ($2::uuid[])
    UNION
    SELECT runs.root, child.* FROM runs CROSS JOIN LATERAL (
      SELECT ${SUMMED} FROM executions e WHERE e.tenant_id = $1 AND e.parent_execution_id = runs.id OFFSET 0
    ) AS child
  )
  SELECT root, count(*) AS executions, sum(total_tokens)::bigint AS total_tokens,
    CASE WHEN bool_and(cost_usd IS NOT NULL) OR bool_or(cost_usd > 0 OR (cost_usd = 0 AND total_tokens > 0))
         THEN sum(cost_usd) END AS cost_usd,
    count(*) FILTER (WHERE cost_source = 'unpriced') AS unpriced_executions
  FROM runs GROUP BY root`;

/** By the execution at the top of each. */
export async function subtreesOf(
  pool: Pool,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, Subtree>> {
  const { rows } = await pool.query<Omit<Subtree, 'cost_usd'> & { root: string; cost_usd: string | null }>(
    SUBTREES,
    [tenantId, ids],
  );
  return new Map(
    rows.map(({ root, cost_usd, ...sums }) => [
      root,
      // With the precision of the costs that it is shown with.
      { ...sums, cost_usd: cost_usd === null ? null : toWireOfOne(cost_usd) },
    ]),
  );
}
