/** Reads the live figures of tenants: what has arrived within a minute, and what is running. */
import type { Pool } from 'pg';
import { toWire } from '../money.js';
import { MINUTE, SECOND } from '../time.js';
import { firingAlerts } from './firing-alerts.js';
import type { LiveFigures } from './schema.js';

/** Executions of a session that are looked at, the last ones. */
const LOOKED_AT = 1_000;
/** What is running is read again this often although nothing has arrived: a session ends by doing nothing. */
const STATE_MS = 10 * SECOND;
/** Reading what is running takes at most this part of the time. */
const STATE_SHARE = 0.1;

interface Arrived {
  tenant: string;
  executions: number;
  finished: number;
  failed: number;
  api_calls: number;
  tokens: number;
  cost_usd: string;
  changed_at: Date | null;
}

const ARRIVED = `
  SELECT tenant_id AS tenant, sum(executions)::float8 AS executions, sum(finished)::float8 AS finished,
         sum(failed)::float8 AS failed, sum(api_calls)::float8 AS api_calls, greatest(sum(tokens), 0)::float8 AS tokens,
         greatest(sum(cost_usd), 0)::text AS cost_usd, max(at) FILTER (WHERE changes > 0) AS changed_at
  FROM live_arrivals WHERE tenant_id = ANY ($1::text[]) AND at > now() - interval '1 minute' GROUP BY 1`;

interface Running {
  sessions: number;
  executions: number;
}

/** The end of an execution, or its start where no end is known. */
const ENDED_AT = `greatest(started_at, coalesce(completed_at, started_at + execution_time_ms * interval '1 millisecond'))`;

/**
 * $1 the tenants, $2 the instant before which an end is long enough ago. Sessions are as the rollup has made them; those
 * that have changed since are looked at themselves.
 */
const RUNNING = `
  SELECT t.tenant, r.executions::float8 AS executions, (s.sessions + m.sessions)::float8 AS sessions
  FROM unnest($1::text[]) AS t (tenant)
  CROSS JOIN LATERAL (
    SELECT count(*) AS executions FROM executions e
    WHERE e.tenant_id = t.tenant AND e.status = 'running' AND e.parent_execution_id IS NULL
  ) AS r
  CROSS JOIN LATERAL (
    SELECT count(*) AS sessions FROM sessions s
    WHERE s.tenant_id = t.tenant AND s.is_active AND (s.running > 0 OR s.ended_at > $2) AND NOT EXISTS (
      SELECT FROM session_marks k WHERE k.tenant_id = t.tenant AND k.session_id = s.session_id)
  ) AS s
  CROSS JOIN LATERAL (
    SELECT count(*) AS sessions FROM (SELECT DISTINCT session_id FROM session_marks WHERE tenant_id = t.tenant) AS k
    WHERE EXISTS (
      SELECT FROM (
        SELECT status, ${ENDED_AT} AS ended_at FROM executions e
        WHERE e.tenant_id = t.tenant AND e.session_id = k.session_id
        ORDER BY started_at DESC, id DESC LIMIT ${LOOKED_AT}
      ) AS runs
      WHERE status = 'running' OR ended_at > $2)
  ) AS m`;

interface Known extends Running {
  /** When something had changed last, as far as this was read. */
  changedAt: number;
  readAt: number;
}

export interface FiguresDeps {
  pool: Pool;
  now: () => number;
  sessionIdleMinutes: number;
}

export class FiguresReader {
  /** What is running, by tenant. */
  private known = new Map<string, Known>();
  private pausedUntil = 0;

  constructor(private readonly deps: FiguresDeps) {}

  /** @returns the figures of each tenant, as of now */
  async read(tenants: readonly string[]): Promise<Map<string, LiveFigures>> {
    const { pool, now } = this.deps;
    const { rows } = await pool.query<Arrived>(ARRIVED, [tenants]);
    const arrived = new Map(rows.map((row) => [row.tenant, row]));
    await this.refresh(tenants, arrived);
    const firing = await firingAlerts(pool, tenants);
    const at = new Date(now()).toISOString();
    return new Map(
      tenants.flatMap((tenant) => {
        const running = this.known.get(tenant);
        if (running === undefined) return [];
        return [[tenant, figuresOf(at, arrived.get(tenant), running, firing.get(tenant) ?? 0)] as const];
      }),
    );
  }

  /** Reads what is running where it may have changed. Tenants that are not asked for any more are forgotten. */
  private async refresh(tenants: readonly string[], arrived: ReadonlyMap<string, Arrived>): Promise<void> {
    const began = performance.now();
    const changedAt = (tenant: string): number => arrived.get(tenant)?.changed_at?.getTime() ?? 0;
    const isDue = (tenant: string): boolean => {
      const known = this.known.get(tenant);
      if (known === undefined) return true;
      if (began < this.pausedUntil) return false;
      return changedAt(tenant) > known.changedAt || began - known.readAt >= STATE_MS;
    };
    const due = tenants.filter(isDue);
    const kept = new Map<string, Known>();
    for (const tenant of tenants) {
      const known = this.known.get(tenant);
      if (known !== undefined) kept.set(tenant, known);
    }
    this.known = kept;
    if (due.length === 0) return;
    const { pool, now, sessionIdleMinutes } = this.deps;
    const idleSince = new Date(now() - sessionIdleMinutes * MINUTE);
    const { rows } = await pool.query<Running & { tenant: string }>(RUNNING, [due, idleSince]);
    for (const { tenant, sessions, executions } of rows) {
      this.known.set(tenant, { sessions, executions, changedAt: changedAt(tenant), readAt: began });
    }
    const ended = performance.now();
    this.pausedUntil = ended + (ended - began) * (1 / STATE_SHARE - 1);
  }
}

const figuresOf = (
  at: string,
  arrived: Arrived | undefined,
  running: Running,
  firing: number,
): LiveFigures => ({
  at,
  active_sessions: running.sessions,
  running_executions: running.executions,
  executions_per_minute: arrived?.executions ?? 0,
  current_error_rate:
    arrived === undefined || arrived.finished === 0 ? null : (100 * arrived.failed) / arrived.finished,
  api_calls_per_minute: arrived?.api_calls ?? 0,
  tokens_per_minute: arrived?.tokens ?? 0,
  cost_per_minute_usd: toWire(arrived?.cost_usd ?? '0'),
  firing_alerts: firing,
});
