/** Removes executions with their steps and usages, and marks their hours, in the caller's transaction. */
import type { PoolClient } from 'pg';
import { textArray, timestampArray, uuidArray } from '../../facts/arrays.js';
import { floorTo, HOUR } from '../../time.js';
import { markExecutionHours, markSessions } from '../marks.js';
import { REMOVE, sessionHours } from './store.js';

export async function removeExecutions(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const values = [tenantId, uuidArray(ids)];
  await client.query(REMOVE.steps, values);
  await client.query(REMOVE.usages, values);
  const { rows } = await client.query<{ started_at: Date; session_id: string | null }>(
    'DELETE FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) RETURNING started_at, session_id',
    values,
  );
  const hours = new Set(rows.map(({ started_at }) => floorTo(started_at.getTime(), HOUR)));
  await client.query(markExecutionHours('$2'), [tenantId, timestampArray([...hours])]);
  const sessions = sessionHours(
    rows.map(({ started_at, session_id }) => ({ started_at: started_at.getTime(), session_id })),
  );
  await client.query(markSessions('$2', '$3'), [
    tenantId,
    timestampArray(sessions.map(({ hour }) => hour)),
    textArray(sessions.map(({ session }) => session)),
  ]);
}
