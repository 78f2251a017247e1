/**
 * The stored sums of what is shown as agent="other", corrected where they differ from the figures of the agents: a replica
 * of an earlier release, which may run beside this one, moves only the latter.
 */
import type { Pool, PoolClient } from 'pg';

/** A stored sum, and the figure of agents that it adds up. */
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

/** Tenants with a wrong sum. One statement, so one snapshot: a rollup moves both sides in one transaction. */
export async function unsettledTenants(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT tenant_id AS id FROM (${KEPT.map(wrong).join(' UNION ALL ')}) AS wrong ORDER BY 1`,
  );
  return rows.map(({ id }) => id);
}

/** Corrects the sums of a tenant. The caller holds its rollup lock. */
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
