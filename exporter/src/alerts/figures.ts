/** What Prometheus shows of the active alerts of all tenants. */
import type { Pool } from 'pg';
import type { AlertFigures } from '../rollup/execution-snapshot.js';
import type { AlertState } from './rule.js';

const LEVELS: Record<AlertState, number> = { ok: 0, no_data: 0, pending: 1, firing: 2 };

/** In each tenant the oldest first. */
export async function readAlertFigures(pool: Pool): Promise<AlertFigures[]> {
  const { rows } = await pool.query<Omit<AlertFigures, 'level'> & { state: AlertState }>(
    'SELECT tenant_id AS tenant, id, name, state, value FROM alert_rules WHERE is_active ORDER BY tenant_id, id',
  );
  return rows.map(({ state, ...row }) => ({ ...row, level: LEVELS[state] }));
}
