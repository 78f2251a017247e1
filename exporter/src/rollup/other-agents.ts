/**
 * The kept sums of what is shown as agent="other": set right where they are not those of the agents. A replica of an
 * earlier release, which may run beside this one, moves the figures of agents alone.
 */
import type { Pool, PoolClient } from 'pg';

/** A kept sum, and the figure of agents that it is the sum of. */
interface Kept {
  table: string;
  key: string;
  sum: string;
  of: { table: string; figure: string };
}

const KEPT: readonly Kept[] = [
  {
    table: 'agent_totals_other',
    key: 'metric_type',
    sum: 'count',
    of: { table: 'agent_totals', figure: 'count_as_other' },
  },
  {
    table: 'execution_counters_other',
    key: 'status',
    sum: 'executions',
    of: { table: 'execution_agent_counters', figure: 'executions_as_other' },
  },
];

const wrong = ({ table, key, sum, of }: Kept): string => `
  SELECT tenant_id
  FROM (SELECT tenant_id, ${key}, sum(${of.figure}) AS right_sum FROM ${of.table} GROUP BY 1, 2) AS agents
    FULL JOIN ${table} USING (tenant_id, ${key})
  WHERE coalesce(right_sum, 0) <> coalesce(${sum}, 0)`;

/** Tenants with a sum that is wrong. Of one snapshot, which has what a rollup moves on both sides or on none. */
export async function unsettledTenants(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT tenant_id AS id FROM (${KEPT.map(wrong).join(' UNION ALL ')}) AS wrong ORDER BY 1`,
  );
  return rows.map(({ id }) => id);
}

/** Sets the sums of a tenant right. The caller holds its rollup lock. */
export async function settleOther(client: PoolClient, tenantId: string): Promise<void> {
  for (const { table, key, sum, of } of KEPT) {
    await client.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenantId]);
    await client.query(
      `INSERT INTO ${table} (tenant_id, ${key}, ${sum})
       SELECT $1, ${key}, sum(${of.figure}) FROM ${of.table} WHERE tenant_id = $1 GROUP BY ${key}`,
      [tenantId],
    );
  }
}
