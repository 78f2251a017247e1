/** Stores the spans of traces, one row per trace. Everything runs in the caller's transaction. */
import type { PoolClient } from 'pg';
import { textArray, timestampArray, uuidArray } from '../../facts/arrays.js';
import { Pauses } from '../../pause.js';
import { WriteConflict } from '../executions/store.js';
import { type Beyond, MAX_SPANS_PER_TRACE, MAX_TRACE_MIB, MergedSpans, spansIn } from './merge.js';
import type { Refused, SentTrace } from './sent.js';
import type { Span } from './tree.js';

/** A trace as it is stored. */
export interface Trace extends KeptTrace {
  spans: readonly Span[];
}

export interface KeptTrace {
  /** The spans as JSON. */
  json: string;
  /** Ids that it has registered as agents because no name came with them. */
  unnamedAgents: readonly string[];
}

/**
 * Reads stored traces and locks them until the end of the transaction. These are row locks, because a request can have
 * more traces than the server's lock table can hold.
 */
export async function lockTraces(
  client: PoolClient,
  tenantId: string,
  traces: readonly string[],
): Promise<Map<string, KeptTrace>> {
  const { rows } = await client.query<{ traceId: string; json: string; unnamedAgents: string[] | null }>({
    name: 'traces',
    // Sorted, so that batches with the same traces do not deadlock.
    text: `SELECT trace_id AS "traceId", spans::text AS json, unnamed_agents AS "unnamedAgents"
           FROM otlp_traces WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[]) ORDER BY trace_id FOR UPDATE`,
    values: [tenantId, uuidArray(traces)],
  });
  return new Map(
    rows.map(({ traceId, json, unnamedAgents }) => [traceId, { json, unnamedAgents: unnamedAgents ?? [] }]),
  );
}

/**
 * Adds received spans to stored traces. The result does not depend on their order.
 * @returns traces that are new or changed, and for each request which of its spans exceed the limits of a trace
 */
export async function mergeTraces(
  kept: ReadonlyMap<string, KeptTrace>,
  requests: readonly (readonly SentTrace[])[],
): Promise<{ traces: Map<string, Trace>; beyond: Beyond[] }> {
  const pauses = new Pauses();
  const parsed = async (json: string): Promise<Span[]> => {
    const spans: Span[] = [];
    for (const chunk of spansIn(json)) {
      for (const span of chunk) spans.push(span);
      if (pauses.isDue) await pauses.take();
    }
    return spans;
  };
  const traces = new Map<string, Trace>();
  // Most traces are new and occur once. They need no merging.
  const merged = new Map<string, MergedSpans>();
  const beyond: Beyond[] = [];
  for (const received of requests) {
    const exceeding: Beyond = { spans: 0, size: 0 };
    beyond.push(exceeding);
    for (const { traceId, json, size } of received) {
      const stored = kept.get(traceId);
      // Sent again: nothing has to be read.
      if (stored?.json === json) continue;
      const before = traces.get(traceId);
      let all = merged.get(traceId);
      if (all === undefined && before === undefined && stored === undefined && isSmall(json, size)) {
        traces.set(traceId, { spans: await parsed(json), json, unnamedAgents: [] });
        continue;
      }
      if (all === undefined) {
        const known = before ?? (stored && { spans: await parsed(stored.json), json: stored.json });
        merged.set(traceId, (all = new MergedSpans(known)));
      }
      for (const span of await parsed(json)) {
        all.add(span, exceeding);
        if (pauses.isDue) await pauses.take();
      }
    }
  }
  for (const [traceId, all] of merged) {
    if (!all.changed) continue;
    const unnamedAgents = kept.get(traceId)?.unnamedAgents ?? [];
    traces.set(traceId, { spans: all.all(), json: await all.json(), unnamedAgents });
  }
  return { traces, beyond };
}

/** Whether spans can only be within the limits of a trace. */
const isSmall = (json: string, size: number): boolean =>
  size <= MAX_SPANS_PER_TRACE && json.length <= MAX_TRACE_MIB * 1024 * 1024;

/** The reasons why spans were not added, each with their number. */
export const refusedBy = ({ spans, size }: Beyond): Refused =>
  [
    [`a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`, spans] as const,
    [`a span beyond the ${MAX_TRACE_MIB} MiB of one trace`, size] as const,
  ].filter(([, count]) => count > 0) as Refused;

/**
 * @param kept stored traces, which are locked
 * @throws WriteConflict if one of the other traces has been inserted concurrently
 */
export async function writeTraces(
  client: PoolClient,
  tenantId: string,
  traces: ReadonlyMap<string, Trace>,
  kept: ReadonlyMap<string, unknown>,
): Promise<void> {
  if (traces.size === 0) return;
  const rows = [...traces].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rowCount } = await client.query({
    name: 'traces written',
    text: `INSERT INTO otlp_traces AS t (tenant_id, trace_id, started_at, spans, unnamed_agents)
           SELECT $1, trace_id, started_at, spans::json, unnamed_agents::json
           FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[])
             AS sent (trace_id, started_at, spans, unnamed_agents)
           ON CONFLICT (tenant_id, trace_id) DO UPDATE
           SET started_at = excluded.started_at, spans = excluded.spans, unnamed_agents = excluded.unnamed_agents
           WHERE t.trace_id = ANY ($6::uuid[])`,
    values: [
      tenantId,
      uuidArray(rows.map(([id]) => id)),
      timestampArray(
        rows.map(([, { spans }]) =>
          Math.floor(spans.reduce((least, { start }) => Math.min(least, start), Infinity)),
        ),
      ),
      textArray(rows.map(([, { json }]) => json)),
      textArray(
        rows.map(([, { unnamedAgents }]) =>
          unnamedAgents.length === 0 ? null : JSON.stringify(unnamedAgents),
        ),
      ),
      uuidArray([...kept.keys()]),
    ],
  });
  if (rowCount !== rows.length) throw new WriteConflict();
}
