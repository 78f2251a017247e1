/** The way in for spans: kept, and each execution that they belong to recomputed from all of its spans. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../../db/locks.js';
import { retryTransient, withTransaction } from '../../db/pool.js';
import { formatTime } from '../../time.js';
import { MAX_AHEAD } from '../event-schema.js';
import type { ExecutionIngest } from '../executions/executions.js';
import { MAX_MESSAGE } from '../executions/schema.js';
import type { Registry } from '../registry.js';
import { storableText } from '../text.js';
import { executionOf } from './execution.js';
import { type Fields, fieldsOf } from './mapping.js';
import type { RawSpan } from './protocol.js';
import type { Span } from './tree.js';

export interface TraceAnswer {
  rejected: number;
  /** Why, each reason with the number of spans. */
  message: string;
}

interface KeptSpan extends Span {
  traceId: string;
}

export interface TraceIngestDeps {
  pool: Pool;
  registry: Registry;
  executions: ExecutionIngest;
}

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const MAX_NAME = 512;
/** Each batch of a trace reads all of its spans again. */
export const MAX_SPANS_PER_TRACE = 10_000;

/** Of two spans with one id the greater stays, whichever came first: the one that ended later, and so on. */
const order = (span: string): string[] => [
  `${span}.ended_at`,
  `${span}.started_at`,
  `${span}.name COLLATE "C"`,
  `coalesce(${span}.parent_span_id, '') COLLATE "C"`,
  `coalesce(${span}.status, '') COLLATE "C"`,
  `coalesce(${span}.status_message, '') COLLATE "C"`,
  `${span}.fields::text COLLATE "C"`,
];

/** In the order of the key, so that concurrent ones do not deadlock. */
const UPSERT = `
  INSERT INTO otlp_spans AS kept
    (tenant_id, trace_id, span_id, parent_span_id, name, started_at, ended_at, status, status_message, fields)
  SELECT DISTINCT ON (s.trace_id, s.span_id) $1, s.*
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[],
              $9::text[], $10::jsonb[])
       AS s (trace_id, span_id, parent_span_id, name, started_at, ended_at, status, status_message, fields)
  ORDER BY s.trace_id, s.span_id, ${order('s')
    .map((value) => `${value} DESC`)
    .join(', ')}
  ON CONFLICT (tenant_id, trace_id, span_id) DO UPDATE
  SET parent_span_id = excluded.parent_span_id, name = excluded.name, started_at = excluded.started_at,
      ended_at = excluded.ended_at, status = excluded.status, status_message = excluded.status_message,
      fields = excluded.fields
  WHERE (${order('excluded').join(', ')}) > (${order('kept').join(', ')})`;

export class TraceIngest {
  constructor(private readonly deps: TraceIngestDeps) {}

  /**
   * Takes the spans of a request. What is not rejected is durable when this resolves.
   * @throws AppError UNAVAILABLE when nothing could be written
   */
  async spans(tenantId: string, raw: readonly RawSpan[]): Promise<TraceAnswer> {
    const { executions, registry, pool } = this.deps;
    const { spans: valid, refusals } = parseSpans(raw, await executions.bounds());
    const full = await executions.available(() => fullTraces(pool, tenantId, valid));
    const spans = valid.filter((span) => !refusals.add(full(span)));
    const answer = refusals.answer();
    if (spans.length === 0) return answer;
    const traces = [...new Set(spans.map(({ traceId }) => traceId))].sort();
    await executions.available(async () => {
      await registry.register(tenantId, []);
      await retryTransient(() => keep(pool, tenantId, spans));
      // Who the executions belong to has to be known before; read once more under the lock below.
      const found = await withTransaction(pool, (client) => readExecutions(client, tenantId, traces));
      await registry.register(
        tenantId,
        found.map(({ header, agentName }) => ({ agentId: header.agentId, agentName })),
      );
    });
    await executions.transaction(tenantId, async (client, prices) => {
      // In one order, so that batches with the same traces do not deadlock.
      for (const trace of traces) await transactionLock(client, lockKey('trace', `${tenantId} ${trace}`));
      await executions.apply(client, tenantId, await readExecutions(client, tenantId, traces), prices);
    });
    return answer;
  }
}

/**
 * Which of the spans are beyond what is kept of a trace. One that is kept already may come again.
 * Requests at the same moment may together pass the limit by a batch.
 */
async function fullTraces(
  pool: Pool,
  tenantId: string,
  spans: readonly KeptSpan[],
): Promise<(span: KeptSpan) => string | undefined> {
  const traces = [...new Set(spans.map(({ traceId }) => traceId))];
  const { rows } = await pool.query<{ traceId: string; count: number }>(
    `SELECT trace_id AS "traceId", count(*)::int AS count FROM otlp_spans
     WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[]) GROUP BY trace_id`,
    [tenantId, traces],
  );
  const counts = new Map(rows.map(({ traceId, count }) => [traceId, count]));
  const sent = new Map<string, number>();
  for (const { traceId } of spans) sent.set(traceId, (sent.get(traceId) ?? 0) + 1);
  const near = traces.filter(
    (trace) => (counts.get(trace) ?? 0) + (sent.get(trace) ?? 0) > MAX_SPANS_PER_TRACE,
  );
  if (near.length === 0) return () => undefined;
  const known = await pool.query<{ key: string }>(
    `SELECT trace_id || ' ' || span_id AS key FROM otlp_spans WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[])`,
    [tenantId, near],
  );
  const keys = new Set(known.rows.map(({ key }) => key));
  return ({ traceId, spanId }) => {
    const key = `${traceId} ${spanId}`;
    const count = counts.get(traceId) ?? 0;
    if (!near.includes(traceId) || keys.has(key)) return undefined;
    if (count >= MAX_SPANS_PER_TRACE) return `a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`;
    counts.set(traceId, count + 1);
    keys.add(key);
    return undefined;
  };
}

async function readExecutions(client: PoolClient, tenantId: string, traces: readonly string[]) {
  const { rows } = await client.query<{
    traceId: string;
    spanId: string;
    parentSpanId: string | null;
    name: string;
    start: Date;
    end: Date;
    status: 'ok' | 'error' | null;
    statusMessage: string | null;
    fields: Fields;
  }>(
    `SELECT trace_id AS "traceId", span_id AS "spanId", parent_span_id AS "parentSpanId", name, started_at AS start,
            ended_at AS end, status, status_message AS "statusMessage", fields
     FROM otlp_spans WHERE tenant_id = $1 AND trace_id = ANY ($2::uuid[]) ORDER BY trace_id`,
    [tenantId, traces],
  );
  const byTrace = new Map<string, Span[]>();
  for (const { traceId, start, end, ...row } of rows) {
    const span: Span = { ...row, start: start.getTime(), end: end.getTime() };
    const known = byTrace.get(traceId);
    if (known === undefined) byTrace.set(traceId, [span]);
    else known.push(span);
  }
  return [...byTrace].flatMap(([traceId, spans]) => executionOf(traceId, spans) ?? []);
}

async function keep(pool: Pool, tenantId: string, rows: readonly KeptSpan[]): Promise<void> {
  await pool.query(UPSERT, [
    tenantId,
    rows.map(({ traceId }) => traceId),
    rows.map(({ spanId }) => spanId),
    rows.map(({ parentSpanId }) => parentSpanId),
    rows.map(({ name }) => name),
    rows.map(({ start }) => new Date(start)),
    rows.map(({ end }) => new Date(end)),
    rows.map(({ status }) => status),
    rows.map(({ statusMessage }) => statusMessage),
    rows.map(({ fields }) => JSON.stringify(fields)),
  ]);
}

interface Bounds {
  now: number;
  oldest: number;
}

/** Why spans are not taken, each reason with its number. */
class Refusals {
  private readonly reasons = new Map<string, number>();

  /** @returns whether there was a reason */
  add(reason: string | undefined): reason is string {
    if (reason !== undefined) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    return reason !== undefined;
  }

  answer(): TraceAnswer {
    const rejected = [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
    const message = [...this.reasons].map(([reason, count]) => `${count} × ${reason}`).join('; ');
    return { rejected, message };
  }
}

function parseSpans(raw: readonly RawSpan[], bounds: Bounds): { spans: KeptSpan[]; refusals: Refusals } {
  const refusals = new Refusals();
  const spans = raw.filter((span) => !refusals.add(refusalOf(span, bounds))).map(keptSpan);
  return { spans, refusals };
}

function refusalOf({ traceId, spanId, start, end }: RawSpan, { now, oldest }: Bounds): string | undefined {
  if (!TRACE_ID.test(traceId)) return 'a span without a valid trace id (16 bytes, not all zero)';
  if (!SPAN_ID.test(spanId)) return 'a span without a valid span id (8 bytes, not all zero)';
  if (Number.isNaN(start) || Number.isNaN(end)) return 'a span without its times';
  if (end < start) return 'a span that ends before it starts';
  if (start < oldest)
    return `EXECUTION_TOO_OLD: a span before ${formatTime(oldest)}, where the kept executions begin`;
  if (start > now + MAX_AHEAD)
    return "EXECUTION_IN_FUTURE: a span more than 5 minutes ahead of the service's clock";
  return undefined;
}

const keptSpan = (span: RawSpan): KeptSpan => ({
  traceId: span.traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  spanId: span.spanId,
  parentSpanId: SPAN_ID.test(span.parentSpanId) ? span.parentSpanId : null,
  name: storableText(span.name, MAX_NAME),
  start: span.start,
  end: span.end,
  status: span.statusCode === 2 ? 'error' : span.statusCode === 1 ? 'ok' : null,
  statusMessage: span.statusMessage === '' ? null : storableText(span.statusMessage, MAX_MESSAGE),
  fields: fieldsOf(span),
});
