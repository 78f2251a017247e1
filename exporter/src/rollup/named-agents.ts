/** Which agents Prometheus shows by name: a tenant's largest, chosen again every night. By day a new agent takes a free place. */
import type { PoolClient } from 'pg';
import { NAMED_AGENTS } from '../tenants/registry.js';

const CHOOSE = `
  UPDATE agents a SET metrics_named = c.named
  FROM (
    SELECT agent_id, row_number() OVER (ORDER BY sum(count) DESC, agent_id) <= $2 AS named
    FROM (
      SELECT agent_id, count FROM agent_totals WHERE tenant_id = $1
      UNION ALL SELECT agent_id, executions FROM execution_totals WHERE tenant_id = $1
    ) AS counts WHERE agent_id IS NOT NULL GROUP BY agent_id
  ) AS c
  WHERE a.tenant_id = $1 AND a.id = c.agent_id AND a.metrics_named <> c.named`;

/**
 * The caller holds the tenant's rollup lock. A rollup that subtracts a day from the totals and adds it again must find each
 * agent in the same series both times: otherwise "other" would lose that day, or count it twice.
 * @returns the number of agents that have changed
 */
export async function chooseNamedAgents(client: PoolClient, tenantId: string): Promise<number> {
  const result = await client.query(CHOOSE, [tenantId, NAMED_AGENTS]);
  return result.rowCount ?? 0;
}
