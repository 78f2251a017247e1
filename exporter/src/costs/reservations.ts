/** Money that a budget holds for an execution to come. */
import type { PoolClient } from 'pg';
import { parseUsd, type Usd } from './money.js';

/**
 * Ends the reservations of executions that have finished, in the transaction that writes these.
 * @returns the estimates of all that there are, by reservation: what an unpriced execution has cost its budgets
 */
export async function settleReservations(
  client: PoolClient,
  tenantId: string,
  arrived: readonly { id: string; finished: boolean }[],
): Promise<Map<string, Usd>> {
  if (arrived.length === 0) return new Map();
  const finished = arrived.filter((reservation) => reservation.finished).map(({ id }) => id);
  await client.query(
    `UPDATE budget_reservations SET settled_at = now()
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND settled_at IS NULL`,
    [tenantId, finished.sort()],
  );
  const { rows } = await client.query<{ id: string; estimate: string }>(
    `SELECT id, estimated_cost_usd AS estimate FROM budget_reservations WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    [tenantId, arrived.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, estimate }) => [id, parseUsd(estimate)]));
}
