/** The service's own metrics: names, types and labels stand here and nowhere else. */
import type { Pool } from 'pg';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RollupStatus } from './rollup-status.js';

export interface ServiceMetricsDeps {
  pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>;
  status: Pick<RollupStatus, 'lastNightly' | 'lagSeconds' | 'rolledUpAt'>;
  /** Of write requests, those that are held in memory. */
  bodies: { readonly bytes: number };
  now: () => number;
  /** The process and runtime metrics; a test that builds many apps leaves them out. */
  processMetrics?: boolean;
}

const QUERY_BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const HTTP_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type IngestOutcome = 'accepted' | 'duplicate' | 'rejected';

export class ServiceMetrics {
  private readonly registry = new Registry();

  readonly queryDuration = new Histogram({
    name: 'agentidp_analytics_query_duration_ms',
    help: 'Time to compute an answer that the cache did not have, milliseconds.',
    labelNames: ['endpoint'],
    buckets: QUERY_BUCKETS_MS,
    registers: [this.registry],
  });
  readonly cacheHits = new Counter({
    name: 'agentidp_analytics_cache_hits_total',
    help: 'Answers given from the cache.',
    labelNames: ['endpoint'],
    registers: [this.registry],
  });
  readonly cacheMisses = new Counter({
    name: 'agentidp_analytics_cache_misses_total',
    help: 'Answers that had to be computed.',
    labelNames: ['endpoint'],
    registers: [this.registry],
  });
  readonly httpDuration = new Histogram({
    name: 'agentidp_analytics_http_request_duration_seconds',
    help: 'Time from request to response, seconds.',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS_SECONDS,
    registers: [this.registry],
  });
  readonly ingestFailures = new Counter({
    name: 'agentidp_analytics_ingest_failures_total',
    help: 'Write requests that failed on our side: nothing of them was acknowledged.',
    registers: [this.registry],
  });
  readonly refusedRequests = new Counter({
    name: 'agentidp_analytics_ingest_refused_requests_total',
    help: 'Write requests of which everything was rejected, by the kind of items.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  private readonly ingested = new Counter({
    name: 'agentidp_analytics_ingest_events_total',
    help: 'Events received, by outcome.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  constructor({ pool, status, bodies, now, processMetrics = true }: ServiceMetricsDeps) {
    const { registry } = this;
    const registers = [registry];
    if (processMetrics) collectDefaultMetrics({ register: registry });
    for (const kind of ['events', 'executions', 'steps', 'token_usages'])
      this.refusedRequests.inc({ kind }, 0);
    for (const outcome of ['accepted', 'duplicate', 'rejected'] as const) this.ingested.inc({ outcome }, 0);
    new Gauge({
      name: 'agentidp_analytics_aggregation_job_duration_ms',
      help: 'Duration of the last successful nightly job, milliseconds.',
      registers,
      collect() {
        setOrRemove(this, status.lastNightly?.durationMs);
      },
    });
    new Gauge({
      name: 'agentidp_analytics_aggregation_job_last_run',
      help: 'When the nightly job last ended well, unix seconds; from the ledger, so a restart does not reset it.',
      registers,
      collect() {
        const run = status.lastNightly;
        setOrRemove(this, run && run.finishedAt / 1000);
      },
    });
    new Gauge({
      name: 'agentidp_analytics_rollup_lag_seconds',
      help: 'How far the aggregates may be behind the events: age of the oldest event not rolled up, or of the last rollup.',
      registers,
      collect() {
        this.set(status.lagSeconds + Math.max(0, now() - status.rolledUpAt) / 1000);
      },
    });
    new Gauge({
      name: 'agentidp_analytics_ingest_held_bytes',
      help: 'Bodies of write requests that are held in memory, unpacked, bytes.',
      registers,
      collect() {
        this.set(bodies.bytes);
      },
    });
    new Gauge({
      name: 'agentidp_analytics_db_pool_connections',
      help: 'Connections to PostgreSQL; waiting: requests without one.',
      labelNames: ['state'],
      registers,
      collect() {
        this.set({ state: 'total' }, pool.totalCount);
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'waiting' }, pool.waitingCount);
      },
    });
  }

  countEvents(outcome: IngestOutcome, count: number): void {
    if (count > 0) this.ingested.inc({ outcome }, count);
  }

  readonly contentType = this.registry.contentType;

  text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** An absent series says that it never ran; a zero would say that it ran in 1970. */
function setOrRemove(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
