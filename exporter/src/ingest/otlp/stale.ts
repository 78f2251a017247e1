/** Executions of runs that further spans of their trace have made part of another run, or have ended as runs. */
import type { PoolClient } from 'pg';
import { textArray } from '../../facts/arrays.js';
import type { Execution } from '../../facts/execution/execution.js';
import { removeExecutions } from '../executions/remove.js';
import { executionIdOf } from './execution.js';
import type { Trace } from './kept.js';

/**
 * Removes them. What else names one of the traces, such as an execution that came over REST, stays.
 * @param traces traces that were read again, by their id as a UUID; they are locked
 * @param found the executions of all runs that they have now
 */
export async function removeStale(
  client: PoolClient,
  tenantId: string,
  traces: ReadonlyMap<string, Trace>,
  found: readonly Execution[],
): Promise<void> {
  if (traces.size === 0) return;
  const byTraceId = new Map([...traces].map(([id, trace]) => [id.replaceAll('-', ''), { id, trace }]));
  const { rows } = await client.query<{ id: string; traceId: string }>(
    `SELECT id, trace_id AS "traceId" FROM executions WHERE tenant_id = $1 AND trace_id = ANY ($2::text[])`,
    [tenantId, textArray([...byTraceId.keys()])],
  );
  const now = new Set(found.map(({ id }) => id));
  const others = rows.filter(({ id }) => !now.has(id));
  if (others.length === 0) return;
  const ofRuns = new Set(
    [...new Set(others.map(({ traceId }) => traceId))].flatMap((traceId) => {
      const { id, trace } = byTraceId.get(traceId)!;
      return trace.spans.map(({ spanId }) => executionIdOf(id, spanId));
    }),
  );
  const stale = others.map(({ id }) => id).filter((id) => ofRuns.has(id));
  await removeExecutions(client, tenantId, stale.sort());
}
