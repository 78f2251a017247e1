/** The way in for spans: kept, and each execution that they belong to recomputed from all of its spans. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../../db/locks.js';
import { retryTransient, withTransaction } from '../../db/pool.js';
import { formatTime } from '../../time.js';
import { MAX_AHEAD } from '../event-schema.js';
import type { ExecutionIngest } from '../executions/executions.js';
import type { Registry } from '../registry.js';
import { executionOf, type Span } from './execution.js';
import { type Fields, fieldsOf } from './mapping.js';
import type { RawSpan } from './protocol.js';

export interface TraceAnswer {
  rejected: number;
  /** Why, the first reasons of all. */
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

const REASONS = 5;
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const MAX_NAME = 512;
const MAX_CONTENT = 32 * 1024;

const UPSERT = `
  INSERT INTO otlp_spans AS kept
    (tenant_id, trace_id, span_id, parent_span_id, name, started_at, ended_at, status, status_message, fields)
  SELECT $1, s.* FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
                             $8::text[], $9::text[], $10::jsonb[]) AS s
  ON CONFLICT (tenant_id, trace_id, span_id) DO UPDATE
  SET parent_span_id = excluded.parent_span_id, name = excluded.name, started_at = excluded.started_at,
      ended_at = excluded.ended_at, status = excluded.status, status_message = excluded.status_message,
      fields = excluded.fields
  -- One that came twice stays as it is; of two that differ the one that ended later.
  WHERE (excluded.ended_at, excluded.fields::text) > (kept.ended_at, kept.fields::text)`;

export class TraceIngest {
  constructor(private readonly deps: TraceIngestDeps) {}

  /**
   * Takes the spans of a request. What is not rejected is durable when this resolves.
   * @throws AppError UNAVAILABLE when nothing could be written
   */
  async spans(tenantId: string, raw: readonly RawSpan[]): Promise<TraceAnswer> {
    const { executions, registry, pool } = this.deps;
    const bounds = await executions.bounds();
    const { spans, rejected, message } = parseSpans(raw, bounds);
    if (spans.length === 0) return { rejected, message };
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
    return { rejected, message };
  }
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

async function keep(pool: Pool, tenantId: string, spans: readonly KeptSpan[]): Promise<void> {
  // One statement cannot change a row twice; and in the order of the key, so that concurrent ones do not deadlock.
  const unique = new Map<string, KeptSpan>();
  for (const span of spans) {
    const key = `${span.traceId} ${span.spanId}`;
    const known = unique.get(key);
    if (known === undefined || span.end > known.end) unique.set(key, span);
  }
  const rows = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, span]) => span);
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

function parseSpans(
  raw: readonly RawSpan[],
  bounds: Bounds,
): { spans: KeptSpan[]; rejected: number; message: string } {
  const spans: KeptSpan[] = [];
  const reasons = new Map<string, number>();
  for (const span of raw) {
    const reason = refusalOf(span, bounds);
    if (reason === undefined) spans.push(keptSpan(span));
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const told = [...reasons].slice(0, REASONS).map(([reason, count]) => `${count} × ${reason}`);
  return { spans, rejected: raw.length - spans.length, message: told.join('; ') };
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

const withoutNul = (text: string): string => text.replaceAll('\0', '');

function keptSpan(span: RawSpan): KeptSpan {
  const fields = fieldsOf(span);
  // Of a content only what a step or a preview can show is kept.
  if (fields.input !== undefined) fields.input = fields.input.slice(0, MAX_CONTENT);
  if (fields.output !== undefined) fields.output = fields.output.slice(0, MAX_CONTENT);
  return {
    traceId: span.traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    spanId: span.spanId,
    parentSpanId: SPAN_ID.test(span.parentSpanId) ? span.parentSpanId : null,
    name: withoutNul(span.name).slice(0, MAX_NAME),
    start: span.start,
    end: span.end,
    status: span.statusCode === 2 ? 'error' : span.statusCode === 1 ? 'ok' : null,
    statusMessage: span.statusMessage === '' ? null : withoutNul(span.statusMessage).slice(0, MAX_CONTENT),
    fields,
  };
}
