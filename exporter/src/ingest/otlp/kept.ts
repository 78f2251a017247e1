/** Stores the spans of traces, one row per trace. Everything runs in the caller's transaction. */
import type { PoolClient } from 'pg';
import { textArray, timestampArray, uuidArray } from '../../facts/arrays.js';
import { WriteConflict } from '../executions/store.js';
import { MAX_SPANS_PER_TRACE, MergedSpans } from './merge.js';
import type { Span } from './tree.js';

/** The spans of a trace in a request. */
export interface ReceivedTrace {
  /** As a UUID. */
  traceId: string;
  /** With distinct ids. */
  spans: readonly Span[];
  /** The spans as JSON. */
  json: string;
}

/** A trace as it is stored. */
export interface Trace {
  spans: readonly Span[];
  /** The spans as JSON, if known already. */
  json?: string;
}

/**
 * Reads stored traces and locks them until the end of the transaction. These are row locks, because a request can have
 * more traces than the server's lock table can hold.
 */
export async function lockTraces(
  client: PoolClient,
  tenantId: string,
  traces: readonly string[],
): Promise<Map<string, Trace>> {
  const { rows } = await client.query<{ traceId: string; spans: Span[] }>({
    name: 'traces',
    // Sorted, so that batches with the same traces do not deadlock.
    text: `SELECT trace_id AS "traceId", spans FROM otlp_traces WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[])
           ORDER BY trace_id FOR UPDATE`,
    values: [tenantId, uuidArray(traces)],
  });
  return new Map(rows.map(({ traceId, spans }) => [traceId, { spans }]));
}

/**
 * Adds received spans to stored traces. The result does not depend on their order.
 * @returns traces that are new or changed, traces that stay the same, and for each request the number of spans beyond the
 *   maximum per trace
 */
export function mergeTraces(
  kept: ReadonlyMap<string, Trace>,
  requests: readonly (readonly ReceivedTrace[])[],
): { traces: Map<string, Trace>; same: Map<string, Trace>; beyond: number[] } {
  const traces = new Map<string, Trace>();
  const same = new Map<string, Trace>();
  // Most traces are new and occur once. They need no merging.
  const merged = new Map<string, MergedSpans>();
  const beyond = requests.map((received) =>
    received.reduce((sum, { traceId, spans, json }) => {
      const before = traces.get(traceId) ?? kept.get(traceId);
      if (before === undefined && spans.length <= MAX_SPANS_PER_TRACE) {
        traces.set(traceId, { spans, json });
        return sum;
      }
      const all = merged.get(traceId) ?? new MergedSpans(before?.spans);
      merged.set(traceId, all);
      traces.set(traceId, before ?? { spans });
      return sum + all.add(spans, MAX_SPANS_PER_TRACE);
    }, 0),
  );
  for (const [traceId, all] of merged) {
    if (all.changed) traces.set(traceId, { spans: all.all() });
    else if (kept.has(traceId)) {
      same.set(traceId, traces.get(traceId)!);
      traces.delete(traceId);
    }
  }
  return { traces, same, beyond };
}

/**
 * @param kept stored traces, which are locked
 * @throws WriteConflict if one of the other traces has been inserted concurrently
 */
export async function writeTraces(
  client: PoolClient,
  tenantId: string,
  traces: ReadonlyMap<string, Trace>,
  kept: ReadonlyMap<string, Trace>,
): Promise<void> {
  if (traces.size === 0) return;
  const rows = [...traces].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rowCount } = await client.query({
    name: 'traces written',
    text: `INSERT INTO otlp_traces AS t (tenant_id, trace_id, started_at, spans)
           SELECT $1, trace_id, started_at, spans::json
           FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS sent (trace_id, started_at, spans)
           ON CONFLICT (tenant_id, trace_id) DO UPDATE SET started_at = excluded.started_at, spans = excluded.spans
           WHERE t.trace_id = ANY ($5::uuid[])`,
    values: [
      tenantId,
      uuidArray(rows.map(([id]) => id)),
      timestampArray(
        rows.map(([, { spans }]) =>
          Math.floor(spans.reduce((least, { start }) => Math.min(least, start), Infinity)),
        ),
      ),
      textArray(rows.map(([, { spans, json }]) => json ?? JSON.stringify(spans))),
      uuidArray([...kept.keys()]),
    ],
  });
  if (rowCount !== rows.length) throw new WriteConflict();
}
