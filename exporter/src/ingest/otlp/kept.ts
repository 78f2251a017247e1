/** The spans of traces in the database, one row a trace; all in the caller's transaction. */
import type { PoolClient } from 'pg';
import { textArray, timestampArray, uuidArray } from '../arrays.js';
import { Overtaken } from '../executions/store.js';
import type { Span } from './tree.js';

/** Each batch of a trace reads and writes all of its spans again. */
export const MAX_SPANS_PER_TRACE = 10_000;

/** Spans by their id. */
export type Trace = ReadonlyMap<string, Span>;

export interface TracedSpan {
  /** As a UUID. */
  traceId: string;
  span: Span;
}

/**
 * Those of the traces that are kept, locked until the end of the transaction. By their rows: a request may have more traces
 * than the server has room for locks of any other kind.
 */
export async function lockTraces(
  client: PoolClient,
  tenantId: string,
  traces: readonly string[],
): Promise<Map<string, Trace>> {
  const { rows } = await client.query<{ traceId: string; spans: Span[] }>({
    name: 'traces',
    // In one order, so that batches with the same traces do not deadlock.
    text: `SELECT trace_id AS "traceId", spans FROM otlp_traces WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[])
           ORDER BY trace_id FOR UPDATE`,
    values: [tenantId, uuidArray(traces)],
  });
  return new Map(
    rows.map(({ traceId, spans }) => [traceId, new Map(spans.map((span) => [span.spanId, span]))]),
  );
}

/**
 * The traces with the spans that came, the same in whichever order they come: of two spans with one id the greater stays,
 * the one that ended later, and so on.
 * @returns all traces that spans were sent of, and by request how many spans are beyond what is kept of a trace
 */
export function mergeSpans(
  kept: ReadonlyMap<string, Trace>,
  requests: readonly (readonly TracedSpan[])[],
): { traces: Map<string, Trace>; beyond: number[] } {
  const traces = new Map<string, Map<string, Span>>();
  const beyond = requests.map((sent) => {
    let left = 0;
    for (const { traceId, span } of sent) {
      let trace = traces.get(traceId);
      if (trace === undefined) traces.set(traceId, (trace = new Map(kept.get(traceId))));
      const known = trace.get(span.spanId);
      if (known === undefined && trace.size >= MAX_SPANS_PER_TRACE) left += 1;
      else if (known === undefined || isGreater(span, known)) trace.set(span.spanId, span);
    }
    return left;
  });
  return { traces, beyond };
}

const ORDER: readonly ((span: Span) => number | string)[] = [
  ({ end }) => end,
  ({ start }) => start,
  ({ name }) => name,
  ({ parentSpanId }) => parentSpanId ?? '',
  ({ status }) => status ?? '',
  ({ statusMessage }) => statusMessage ?? '',
  ({ fields }) => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))),
];

function isGreater(a: Span, b: Span): boolean {
  for (const by of ORDER) {
    const [ofA, ofB] = [by(a), by(b)];
    if (ofA !== ofB) return ofA > ofB;
  }
  return false;
}

/**
 * @param kept those that were there, and are locked
 * @throws Overtaken when another one has been inserted meanwhile
 */
export async function writeTraces(
  client: PoolClient,
  tenantId: string,
  traces: ReadonlyMap<string, Trace>,
  kept: ReadonlyMap<string, Trace>,
): Promise<void> {
  const rows = [...traces]
    // One without a span has only such as are not kept.
    .filter(([, spans]) => spans.size > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, spans]) => ({ id, spans: [...spans.values()] }));
  if (rows.length === 0) return;
  const { rowCount } = await client.query({
    name: 'traces written',
    text: `INSERT INTO otlp_traces AS t (tenant_id, trace_id, started_at, spans)
           SELECT $1, trace_id, started_at, spans::json
           FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS sent (trace_id, started_at, spans)
           ON CONFLICT (tenant_id, trace_id) DO UPDATE SET started_at = excluded.started_at, spans = excluded.spans
           WHERE t.trace_id = ANY ($5::uuid[])`,
    values: [
      tenantId,
      uuidArray(rows.map(({ id }) => id)),
      timestampArray(
        rows.map(({ spans }) =>
          Math.floor(spans.reduce((least, { start }) => Math.min(least, start), Infinity)),
        ),
      ),
      textArray(rows.map(({ spans }) => JSON.stringify(spans))),
      uuidArray([...kept.keys()]),
    ],
  });
  if (rowCount !== rows.length) throw new Overtaken();
}
