/** The figures behind the business metrics of Prometheus: read once per rollup, so that a scrape runs no SQL. */
import type { Pool } from 'pg';
import type { BudgetFigures } from '../costs/notifications.js';
import {
  boundedExecutions,
  type ExecutionSnapshot,
  executionsOf,
  OTHER,
  readExecutionSnapshot,
} from './execution-snapshot.js';

/** Tenants with series of their own, those registered first; the others share tenant="other". */
export const NAMED_TENANTS = 200;

/** Totals and times of one series: an agent, or the rest of its tenant (`OTHER`). Times in milliseconds. */
export interface AgentFigures {
  tenant: string;
  agent: string;
  totals: Record<string, number>;
  lastRotatedAt: number | undefined;
  lastSeenAt: number | undefined;
}

export interface BusinessSnapshot {
  takenAt: number;
  namedTenants: ReadonlySet<string>;
  agents: AgentFigures[];
  /** Agents with an event within the last 24 hours, by tenant. */
  activeAgents: ReadonlyMap<string, number>;
  execution: ExecutionSnapshot;
}

/** Totals of named agents by name and of all others as one; monotonic, because an agent's past never changes its series. */
const TOTALS = `
  SELECT t.tenant_id AS tenant, CASE WHEN a.metrics_named THEN t.agent_id END AS agent, t.metric_type AS metric,
         sum(CASE WHEN a.metrics_named THEN t.count - t.count_as_other ELSE t.count_as_other END) AS count
  FROM agent_totals t LEFT JOIN agents a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id
  GROUP BY 1, 2, 3
  UNION ALL
  SELECT t.tenant_id, NULL, t.metric_type, sum(t.count_as_other)
  FROM agent_totals t JOIN agents a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id
  WHERE a.metrics_named AND t.count_as_other <> 0
  GROUP BY 1, 2, 3`;

/** Of "other": the oldest rotation, which is the one to worry about, and the latest sign of life. */
const TIMES = `
  SELECT tenant_id AS tenant, CASE WHEN metrics_named THEN id END AS agent,
         min(coalesce(last_rotated_at, first_seen_at)) AS "lastRotatedAt", max(last_seen_at) AS "lastSeenAt",
         count(*) FILTER (WHERE last_seen_at >= now() - interval '24 hours') AS active
  FROM agents WHERE deleted_at IS NULL AND first_seen_at IS NOT NULL
  GROUP BY 1, 2`;

/** Reads the figures of all tenants; those of budgets have been worked out before. */
export async function readSnapshot(
  pool: Pool,
  now: number,
  budgets: readonly BudgetFigures[],
): Promise<BusinessSnapshot> {
  const [tenants, totals, times, execution] = await Promise.all([
    pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY created_at, id LIMIT $1', [NAMED_TENANTS]),
    pool.query<{ tenant: string; agent: string | null; metric: string; count: string }>(TOTALS),
    pool.query<{
      tenant: string;
      agent: string | null;
      lastRotatedAt: Date | null;
      lastSeenAt: Date | null;
      active: number;
    }>(TIMES),
    readExecutionSnapshot(pool, budgets),
  ]);
  const series = new Map<string, AgentFigures>();
  const figuresOf = (tenant: string, agent: string | null): AgentFigures => {
    // An agent that is itself called "other" joins the rest, or two series would bear one name.
    const name = agent ?? OTHER;
    const key = `${tenant} ${name}`;
    let figures = series.get(key);
    if (figures === undefined) {
      figures = { tenant, agent: name, totals: {}, lastRotatedAt: undefined, lastSeenAt: undefined };
      series.set(key, figures);
    }
    return figures;
  };
  for (const row of totals.rows) {
    const sums = figuresOf(row.tenant, row.agent).totals;
    sums[row.metric] = (sums[row.metric] ?? 0) + Number(row.count);
  }
  const active = new Map<string, number>();
  for (const row of times.rows) {
    const figures = figuresOf(row.tenant, row.agent);
    figures.lastRotatedAt = least(figures.lastRotatedAt, row.lastRotatedAt?.getTime());
    figures.lastSeenAt = greatest(figures.lastSeenAt, row.lastSeenAt?.getTime());
    active.set(row.tenant, (active.get(row.tenant) ?? 0) + row.active);
  }
  return {
    takenAt: now,
    namedTenants: new Set(tenants.rows.map((row) => row.id)),
    agents: [...series.values()],
    activeAgents: active,
    execution,
  };
}

/** The figures of one tenant. */
export function snapshotOf(snapshot: BusinessSnapshot, tenantId: string): BusinessSnapshot {
  const active = snapshot.activeAgents.get(tenantId);
  return {
    takenAt: snapshot.takenAt,
    namedTenants: new Set([tenantId]),
    agents: snapshot.agents.filter(({ tenant }) => tenant === tenantId),
    activeAgents: new Map(active === undefined ? [] : [[tenantId, active]]),
    execution: executionsOf(snapshot.execution, tenantId),
  };
}

/** All tenants beyond NAMED_TENANTS as one, so that the number of series is bounded. */
export function bounded(snapshot: BusinessSnapshot): BusinessSnapshot {
  const isNamed = (tenant: string): boolean => snapshot.namedTenants.has(tenant) && tenant !== OTHER;
  const rest: AgentFigures = {
    tenant: OTHER,
    agent: OTHER,
    totals: {},
    lastRotatedAt: undefined,
    lastSeenAt: undefined,
  };
  let active = 0;
  for (const [tenant, count] of snapshot.activeAgents) if (!isNamed(tenant)) active += count;
  const others = snapshot.agents.filter(({ tenant }) => !isNamed(tenant));
  for (const figures of others) {
    for (const [metric, count] of Object.entries(figures.totals))
      rest.totals[metric] = (rest.totals[metric] ?? 0) + count;
    rest.lastRotatedAt = least(rest.lastRotatedAt, figures.lastRotatedAt);
    rest.lastSeenAt = greatest(rest.lastSeenAt, figures.lastSeenAt);
  }
  const execution = boundedExecutions(snapshot.execution, isNamed);
  if (others.length === 0) return { ...snapshot, execution };
  return {
    ...snapshot,
    execution,
    agents: [...snapshot.agents.filter(({ tenant }) => isNamed(tenant)), rest],
    activeAgents: new Map([
      ...[...snapshot.activeAgents].filter(([tenant]) => isNamed(tenant)),
      [OTHER, active],
    ]),
  };
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
