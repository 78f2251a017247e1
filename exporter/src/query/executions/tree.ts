/** The runs that an execution has called: its children, and the sums of its subtree. */
import type { ReadPool } from '../../db/read-shares.js';
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
  /** There are more executions than were summed. */
  truncated?: true;
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
export async function childrenOf(pool: ReadPool, tenantId: string, id: string): Promise<Child[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT ${shownSql(EXECUTION, 'e', CHILD_FIELDS)} FROM executions e
     WHERE e.tenant_id = $1 AND e.parent_execution_id = $2 ORDER BY e.started_at, e.id LIMIT ${MAX_CHILDREN}`,
    [tenantId, id],
  );
  return rows.map(showChild);
}

/**
 * Executions that are summed for a page: what it costs does not grow with its trees. They share in equal parts what they
 * need, so that one large tree among small ones is summed whole.
 */
export const MAX_SUMMED = 20_000;

/** What is summed of a run. */
const SUMMED = 'e.id, e.total_tokens, e.cost_usd, e.cost_source';

/**
 * The sums of subtrees, each of $3 runs at most. UNION ends a cycle of parents, which can be sent: it adds no run a second
 * time. The children are looked up for each run (OFFSET keeps it so), whatever the planner expects of the recursion, and
 * only as many as are summed: a recursion is evaluated no further than its rows are read.
 */
export const SUBTREES = `
  SELECT root, sums.* FROM unnest($2::uuid[]) AS root CROSS JOIN LATERAL (
    WITH RECURSIVE runs AS (
      SELECT ${SUMMED} FROM executions e WHERE e.tenant_id = $1 AND e.id = root
      UNION
      SELECT child.* FROM runs CROSS JOIN LATERAL (
        SELECT ${SUMMED} FROM executions e WHERE e.tenant_id = $1 AND e.parent_execution_id = runs.id OFFSET 0
      ) AS child
    )
    SELECT count(*) AS found, count(*) FILTER (WHERE place <= $3) AS executions,
      sum(total_tokens) FILTER (WHERE place <= $3)::bigint AS total_tokens,
      CASE WHEN bool_and(cost_usd IS NOT NULL) FILTER (WHERE place <= $3)
             OR bool_or(cost_usd > 0 OR (cost_usd = 0 AND total_tokens > 0)) FILTER (WHERE place <= $3)
           THEN sum(cost_usd) FILTER (WHERE place <= $3) END AS cost_usd,
      count(*) FILTER (WHERE place <= $3 AND cost_source = 'unpriced') AS unpriced_executions
    FROM (SELECT *, row_number() OVER () AS place FROM runs LIMIT $3 + 1) AS first
  ) AS sums WHERE found > 0`;

type Sums = Omit<Subtree, 'cost_usd' | 'truncated'> & {
  root: string;
  cost_usd: string | null;
  /** One more than are summed, if there are more. */
  found: number;
};

/** How often those that are not summed whole get what the others have left. */
const ROUNDS = 3;

/** By the execution at the top of each. */
export async function subtreesOf(
  pool: ReadPool,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, Subtree>> {
  const subtrees = new Map<string, Subtree>();
  let [pending, left, tried] = [ids, MAX_SUMMED, 0];
  for (let round = 0; round < ROUNDS && pending.length > 0; round += 1) {
    const most = Math.floor(left / pending.length);
    if (most <= tried) break;
    const { rows } = await pool.query<Sums>(SUBTREES, [tenantId, pending, most]);
    for (const row of rows) {
      const subtree = subtreeOf(row);
      subtrees.set(row.root, subtree);
      if (subtree.truncated === undefined) left -= subtree.executions;
    }
    pending = pending.filter((id) => subtrees.get(id)?.truncated === true);
    tried = most;
  }
  return subtrees;
}

const subtreeOf = ({ root: _, found, cost_usd, ...sums }: Sums): Subtree => ({
  ...sums,
  // With the precision of the costs that it is shown with.
  cost_usd: cost_usd === null ? null : toWireOfOne(cost_usd),
  ...(found > sums.executions && { truncated: true as const }),
});
