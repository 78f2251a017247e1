/** The way in for spans: kept, and each execution that they belong to recomputed from all of its spans. */
import type { PoolClient } from 'pg';
import type { PriceList } from '../../costs/prices.js';
import { uuidOfHex } from '../../ids.js';
import { formatTime } from '../../time.js';
import { MAX_AHEAD } from '../event-schema.js';
import type { ExecutionIngest } from '../executions/executions.js';
import { MAX_MESSAGE } from '../executions/schema.js';
import type { NamedAgent, Registry } from '../registry.js';
import { storableText } from '../text.js';
import { Together } from '../together.js';
import { executionOf } from './execution.js';
import { lockTraces, MAX_SPANS_PER_TRACE, mergeSpans, type TracedSpan, writeTraces } from './kept.js';
import { fieldsOf } from './fields.js';
import type { RawSpan } from './protocol.js';

export interface TraceAnswer {
  rejected: number;
  /** Why, each reason with the number of spans. */
  message: string;
}

export interface TraceIngestDeps {
  registry: Registry;
  executions: ExecutionIngest;
}

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const MAX_NAME = 512;
const BEYOND = `a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`;

/** Agents that have to be registered before an execution of theirs is written. */
class Strangers extends Error {
  constructor(readonly agents: readonly NamedAgent[]) {
    super('agents are not registered yet');
  }
}

/** Spans of one transaction, and of one part of a request but for the rest of its last trace. */
const MAX_PART = 5_000;

export class TraceIngest {
  /** The spans of parts of requests; answered by how many are beyond what is kept of a trace. */
  private readonly together: Together<readonly TracedSpan[], number>;

  constructor(private readonly deps: TraceIngestDeps) {
    this.together = new Together({
      write: (tenantId, parts) => this.keep(tenantId, parts),
      weigh: (part) => part.length,
      maxWeight: MAX_PART,
    });
  }

  /**
   * Takes the spans of a request. What is not rejected is durable when this resolves.
   * @throws AppError UNAVAILABLE when nothing could be written
   */
  spans(tenantId: string, raw: readonly RawSpan[]): Promise<TraceAnswer> {
    // No async function, which would hold what came until all of it is written, and have it copied by the collector.
    return this.deps.executions.bounds().then((bounds) => this.take(tenantId, parseSpans(raw, bounds)));
  }

  private async take(tenantId: string, { spans, refusals }: Parsed): Promise<TraceAnswer> {
    for (const part of partsOf(spans)) {
      const beyond = await this.together.take(tenantId, part);
      for (let i = 0; i < beyond; i += 1) refusals.add(BEYOND);
    }
    return refusals.answer();
  }

  /** Resolves when every request has been answered. */
  drain(): Promise<void> {
    return this.together.drain();
  }

  /** @returns by request how many spans are beyond what is kept of a trace */
  private async keep(tenantId: string, requests: readonly (readonly TracedSpan[])[]): Promise<number[]> {
    const { executions, registry } = this.deps;
    const register = (agents: readonly NamedAgent[]): Promise<void> =>
      executions.available(() => registry.register(tenantId, agents));
    await register([]);
    // Whose an execution is shows only once all of its spans are read. New agents are rare: then it begins again.
    for (const registered = new Set<string | null>(); ;) {
      try {
        const { beyond, agents } = await executions.transaction(tenantId, (client, prices) =>
          this.write(client, tenantId, requests, prices, registered),
        );
        await register(agents);
        return beyond;
      } catch (error) {
        if (!(error instanceof Strangers)) throw error;
        await register(error.agents);
        for (const { agentId } of error.agents) registered.add(agentId);
      }
    }
  }

  /**
   * Keeps the spans and recomputes their executions.
   * @param registered agents that need not be asked for
   * @returns by request how many spans are beyond what is kept of a trace, and whose the executions are
   * @throws Strangers
   */
  private async write(
    client: PoolClient,
    tenantId: string,
    requests: readonly (readonly TracedSpan[])[],
    prices: PriceList,
    registered: ReadonlySet<string | null>,
  ): Promise<{ beyond: number[]; agents: NamedAgent[] }> {
    const { executions, registry } = this.deps;
    const ids = [...new Set(requests.flatMap((sent) => sent.map(({ traceId }) => traceId)))];
    const kept = await lockTraces(client, tenantId, ids);
    const { traces, beyond } = mergeSpans(kept, requests);
    const found = [...traces].flatMap(([id, spans]) => executionOf(id, [...spans.values()]) ?? []);
    const agents = found.map(({ header, agentName }) => ({ agentId: header.agentId, agentName }));
    const isKnown = ({ agentId }: NamedAgent): boolean =>
      agentId === null || registered.has(agentId) || registry.knows(tenantId, agentId);
    if (!agents.every(isKnown)) throw new Strangers(agents);
    await writeTraces(client, tenantId, traces, kept);
    await executions.apply(client, tenantId, [found], prices);
    return { beyond, agents };
  }
}

/** Whole traces, so many at a time that nobody else waits long: a request may have a hundred thousand. */
function* partsOf(spans: readonly TracedSpan[]): Generator<TracedSpan[]> {
  if (spans.length <= MAX_PART) {
    if (spans.length > 0) yield [...spans];
    return;
  }
  const traces = new Map<string, TracedSpan[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId);
    if (trace === undefined) traces.set(span.traceId, [span]);
    else trace.push(span);
  }
  let part: TracedSpan[] = [];
  for (const trace of traces.values()) {
    for (const span of trace) part.push(span);
    if (part.length < MAX_PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
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

interface Parsed {
  spans: TracedSpan[];
  refusals: Refusals;
}

function parseSpans(raw: readonly RawSpan[], bounds: Bounds): Parsed {
  const refusals = new Refusals();
  const spans = raw.filter((span) => !refusals.add(refusalOf(span, bounds))).map(tracedSpan);
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

const tracedSpan = (span: RawSpan): TracedSpan => ({
  traceId: uuidOfHex(span.traceId),
  span: {
    spanId: span.spanId,
    parentSpanId: SPAN_ID.test(span.parentSpanId) ? span.parentSpanId : null,
    name: storableText(span.name, MAX_NAME),
    start: span.start,
    end: span.end,
    status: span.statusCode === 2 ? 'error' : span.statusCode === 1 ? 'ok' : null,
    statusMessage: span.statusMessage === '' ? null : storableText(span.statusMessage, MAX_MESSAGE),
    fields: fieldsOf(span),
  },
});
