/** Imported events whose agent is another one when their line is imported again. */
import type { Pool } from 'pg';
import { isId } from '../ids.js';
import { parseTime } from '../time.js';
import { markHoursOf } from './marks.js';

export interface ImportedEvent {
  id: string;
  occurredAt: string;
  agentId?: string;
}

/**
 * Removes the stored events that have another agent, and marks their hours. The caller then writes the events anew; if it
 * cannot, the next import of the same lines does.
 * @param oldest events before this instant stay, because they would be refused; milliseconds
 */
export async function removeOfOtherAgents(
  pool: Pool,
  tenantId: string,
  events: readonly ImportedEvent[],
  oldest: number,
): Promise<void> {
  const sent = events.flatMap(({ id, occurredAt, agentId = null }) => {
    const at = parseTime(occurredAt);
    const isTaken = at !== undefined && at >= oldest && (agentId === null || isId(agentId));
    return isTaken ? [{ id, at, agentId }] : [];
  });
  if (sent.length === 0) return;
  await pool.query(
    `WITH gone AS (
       DELETE FROM usage_events e
       USING unnest($2::timestamptz[], $3::uuid[], $4::text[]) AS sent (occurred_at, event_id, agent_id)
       WHERE e.tenant_id = $1 AND e.occurred_at = sent.occurred_at AND e.event_id = sent.event_id
         AND e.agent_id IS DISTINCT FROM sent.agent_id
       RETURNING e.occurred_at
     )
     ${markHoursOf('gone')}`,
    [
      tenantId,
      sent.map(({ at }) => new Date(at)),
      sent.map(({ id }) => id),
      sent.map(({ agentId }) => agentId),
    ],
  );
}
