/** The spans of traces in the database, one row a trace; all in the caller's transaction, which has locked the traces. */
import type { PoolClient } from 'pg';
import { lockKey, transactionLocks } from '../../db/locks.js';
import { textArray, timestampArray, uuidArray } from '../arrays.js';
import type { Span } from './tree.js';

/** Each batch of a trace reads and writes all of its spans again. */
export const MAX_SPANS_PER_TRACE = 10_000;

/** Hexadecimal digits of a trace's id that its lock goes by: a tenant has 256 locks. */
const LOCK_DIGITS = 2;

/** Spans by their id. */
export type Trace = ReadonlyMap<string, Span>;

export interface TracedSpan {
  /** As a UUID. */
  traceId: string;
  span: Span;
}

/** Waits for whoever else writes one of the traces, until the end of the transaction. */
export async function lockTraces(
  client: PoolClient,
  tenantId: string,
  traces: readonly string[],
): Promise<void> {
  // A lock for many traces, because the server has room for some thousands of locks in all, and a request may have as many
  // traces; in one order, so that batches with the same traces do not deadlock.
  const groups = [...new Set(traces.map((trace) => trace.slice(-LOCK_DIGITS)))].sort();
  await transactionLocks(
    client,
    groups.map((group) => lockKey('traces', `${tenantId} ${group}`)),
  );
}

/** Those of the traces that are kept. */
export async function readTraces(
  client: PoolClient,
  tenantId: string,
  traces: readonly string[],
): Promise<Map<string, Trace>> {
  const { rows } = await client.query<{ traceId: string; spans: Span[] }>({
    name: 'traces',
    text: `SELECT trace_id AS "traceId", spans FROM otlp_traces WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[])`,
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

export async function writeTraces(
  client: PoolClient,
  tenantId: string,
  traces: ReadonlyMap<string, Trace>,
): Promise<void> {
  // One without a span has only such as are not kept.
  const rows = [...traces]
    .filter(([, spans]) => spans.size > 0)
    .map(([id, spans]) => ({ id, spans: [...spans.values()] }));
  if (rows.length === 0) return;
  await client.query({
    name: 'traces written',
    text: `INSERT INTO otlp_traces (tenant_id, trace_id, started_at, spans)
           SELECT $1, trace_id, started_at, spans::json
           FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS t (trace_id, started_at, spans)
           ON CONFLICT (tenant_id, trace_id) DO UPDATE SET started_at = excluded.started_at, spans = excluded.spans`,
    values: [
      tenantId,
      uuidArray(rows.map(({ id }) => id)),
      timestampArray(
        rows.map(({ spans }) =>
          Math.floor(spans.reduce((least, { start }) => Math.min(least, start), Infinity)),
        ),
      ),
      textArray(rows.map(({ spans }) => JSON.stringify(spans))),
    ],
  });
}
