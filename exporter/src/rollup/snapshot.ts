/** The figures behind the business metrics of Prometheus. They are read once per rollup, so that a scrape runs no SQL. */
import type { Pool } from 'pg';
import type { BudgetFigures } from '../costs/budget-watch.js';
import { DAY } from '../time.js';
import {
  type AlertFigures,
  boundedExecutions,
  EXECUTIONS,
  type ExecutionSnapshot,
  executionsOf,
  OTHER,
  readExecutionSnapshot,
} from './execution-snapshot.js';

/** Tenants with series of their own: those registered first. The others share tenant="other". */
const NAMED_TENANTS = 200;

/** Totals and times of one series: an agent, or the rest of its tenant (`OTHER`). Times in milliseconds. */
export interface AgentFigures {
  tenant: string;
  agent: string;
  totals: Record<string, number>;
  lastRotatedAt: number | undefined;
  lastSeenAt: number | undefined;
}

export interface OldestCredential {
  tenant: string;
  agent: string;
  /** Milliseconds. */
  rotatedAt: number;
}

export interface BusinessSnapshot {
  takenAt: number;
  namedTenants: ReadonlySet<string>;
  agents: AgentFigures[];
  /** Agents with an event within the last 24 hours, by tenant. */
  activeAgents: ReadonlyMap<string, number>;
  /** Agents whose credential is older than ROTATION_MAX_AGE_DAYS, by tenant. All agents count, with a series or not. */
  overdueAgents: ReadonlyMap<string, number>;
  /** The agent of each tenant whose credential is the oldest. */
  oldestCredentials: OldestCredential[];
  /** Age of the oldest mark that is due, in seconds, by tenant. */
  lagSeconds: ReadonlyMap<string, number>;
  execution: ExecutionSnapshot;
}

/** Totals of named agents by name, and of all others as one. They never fall, because an agent's past never changes its series. */
const TOTALS = `
  SELECT a.tenant_id AS tenant, a.id AS agent, t.metric_type AS metric,
         (t.count - t.count_as_other)::float8 AS count
  FROM agents a JOIN agent_totals t ON t.tenant_id = a.tenant_id AND t.agent_id = a.id WHERE a.metrics_named
  UNION ALL
  SELECT tenant_id, NULL, metric_type, count::float8 FROM agent_totals_other WHERE count <> 0`;

const IS_THERE = 'deleted_at IS NULL AND first_seen_at IS NOT NULL';
const ROTATED_AT = 'coalesce(last_rotated_at, first_seen_at)';

const TIMES = `
  SELECT tenant_id AS tenant, id AS agent, ${ROTATED_AT} AS "lastRotatedAt", last_seen_at AS "lastSeenAt"
  FROM agents WHERE metrics_named AND ${IS_THERE}`;

/**
 * For "other" the oldest rotation, which is the one to worry about, and the latest sign of life. Each is a query of its own,
 * because each has an index.
 */
const OTHER_TIMES = `
  SELECT t.id AS tenant,
         (SELECT ${ROTATED_AT} FROM agents
          WHERE tenant_id = t.id AND NOT metrics_named AND ${IS_THERE} ORDER BY 1 LIMIT 1) AS "lastRotatedAt",
         (SELECT last_seen_at FROM agents
          WHERE tenant_id = t.id AND NOT metrics_named AND ${IS_THERE} ORDER BY last_seen_at DESC LIMIT 1) AS "lastSeenAt",
         (SELECT count(*) FROM agents
          WHERE tenant_id = t.id AND ${IS_THERE} AND last_seen_at >= now() - interval '24 hours') AS active
  FROM tenants t WHERE EXISTS (SELECT FROM agents WHERE tenant_id = t.id AND ${IS_THERE})`;

/**
 * The oldest credential of each tenant, and how many are overdue, of all its agents. Those with a series of their own and
 * the others are read apart, because each have an index.
 */
const CREDENTIALS = `
  SELECT t.id AS tenant, oldest.id AS agent, oldest.rotated_at AS "rotatedAt",
         (SELECT count(*) FROM agents
          WHERE tenant_id = t.id AND NOT metrics_named AND ${IS_THERE} AND ${ROTATED_AT} < $1)
         + (SELECT count(*) FROM agents
            WHERE tenant_id = t.id AND metrics_named AND ${IS_THERE} AND ${ROTATED_AT} < $1) AS overdue
  FROM tenants t CROSS JOIN LATERAL (
    SELECT * FROM (
      (SELECT id, ${ROTATED_AT} AS rotated_at FROM agents
       WHERE tenant_id = t.id AND NOT metrics_named AND ${IS_THERE} ORDER BY ${ROTATED_AT} LIMIT 1)
      UNION ALL
      (SELECT id, ${ROTATED_AT} FROM agents WHERE tenant_id = t.id AND metrics_named AND ${IS_THERE} ORDER BY 2 LIMIT 1)
    ) AS each_oldest ORDER BY rotated_at LIMIT 1
  ) AS oldest`;

/** Statements about agents. Their cost depends on the series shown and the agents active, not on all agents ever seen. */
export const OF_AGENTS = { totals: TOTALS, times: TIMES, otherTimes: OTHER_TIMES, executions: EXECUTIONS };

interface Times {
  tenant: string;
  lastRotatedAt: Date | null;
  lastSeenAt: Date | null;
}

interface Credentials {
  tenant: string;
  agent: string;
  rotatedAt: Date;
  overdue: number;
}

/** What has been computed before. */
export interface SnapshotInput {
  budgets: readonly BudgetFigures[];
  alerts: readonly AlertFigures[];
  /** By tenant. */
  lagSeconds: ReadonlyMap<string, number>;
  rotationMaxAgeDays: number;
}

/** Reads the figures of all tenants. */
export async function readSnapshot(
  pool: Pool,
  now: number,
  { budgets, alerts, lagSeconds, rotationMaxAgeDays }: SnapshotInput,
): Promise<BusinessSnapshot> {
  const overdueBefore = new Date(now - rotationMaxAgeDays * DAY);
  const [tenants, totals, times, others, credentials, execution] = await Promise.all([
    pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY created_at, id LIMIT $1', [NAMED_TENANTS]),
    pool.query<{ tenant: string; agent: string | null; metric: string; count: number }>(TOTALS),
    pool.query<Times & { agent: string }>(TIMES),
    pool.query<Times & { active: number }>(OTHER_TIMES),
    pool.query<Credentials>(CREDENTIALS, [overdueBefore]),
    readExecutionSnapshot(pool, budgets, alerts),
  ]);
  const series = new Map<string, AgentFigures>();
  const figuresOf = (tenant: string, agent: string | null): AgentFigures => {
    // An agent that is itself called "other" joins the rest: two series must not have one name.
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
    sums[row.metric] = (sums[row.metric] ?? 0) + row.count;
  }
  const addTimes = (agent: string | null, { tenant, lastRotatedAt, lastSeenAt }: Times): void => {
    const figures = figuresOf(tenant, agent);
    figures.lastRotatedAt = least(figures.lastRotatedAt, lastRotatedAt?.getTime());
    figures.lastSeenAt = greatest(figures.lastSeenAt, lastSeenAt?.getTime());
  };
  for (const row of times.rows) addTimes(row.agent, row);
  for (const row of others.rows) if (row.lastSeenAt !== null) addTimes(null, row);
  return {
    takenAt: now,
    namedTenants: new Set(tenants.rows.map((row) => row.id)),
    agents: [...series.values()],
    activeAgents: new Map(others.rows.map(({ tenant, active }) => [tenant, active])),
    overdueAgents: new Map(credentials.rows.map(({ tenant, overdue }) => [tenant, overdue])),
    oldestCredentials: credentials.rows.map(({ tenant, agent, rotatedAt }) => ({
      ...{ tenant, agent },
      rotatedAt: rotatedAt.getTime(),
    })),
    lagSeconds,
    execution,
  };
}

/** The figures of one tenant. */
export function snapshotOf(snapshot: BusinessSnapshot, tenantId: string): BusinessSnapshot {
  const only = (figures: ReadonlyMap<string, number>): ReadonlyMap<string, number> =>
    new Map([...figures].filter(([tenant]) => tenant === tenantId));
  return {
    takenAt: snapshot.takenAt,
    namedTenants: new Set([tenantId]),
    agents: snapshot.agents.filter(({ tenant }) => tenant === tenantId),
    activeAgents: only(snapshot.activeAgents),
    overdueAgents: only(snapshot.overdueAgents),
    oldestCredentials: snapshot.oldestCredentials.filter(({ tenant }) => tenant === tenantId),
    lagSeconds: only(snapshot.lagSeconds),
    execution: executionsOf(snapshot.execution, tenantId),
  };
}

/** Folds all tenants beyond NAMED_TENANTS into one, so that the number of series is bounded. */
export function bounded(snapshot: BusinessSnapshot): BusinessSnapshot {
  const isNamed = (tenant: string): boolean => snapshot.namedTenants.has(tenant) && tenant !== OTHER;
  const rest: AgentFigures = {
    tenant: OTHER,
    agent: OTHER,
    totals: {},
    lastRotatedAt: undefined,
    lastSeenAt: undefined,
  };
  const others = snapshot.agents.filter(({ tenant }) => !isNamed(tenant));
  for (const figures of others) {
    for (const [metric, count] of Object.entries(figures.totals))
      rest.totals[metric] = (rest.totals[metric] ?? 0) + count;
    rest.lastRotatedAt = least(rest.lastRotatedAt, figures.lastRotatedAt);
    rest.lastSeenAt = greatest(rest.lastSeenAt, figures.lastSeenAt);
  }
  const agents = snapshot.agents.filter(({ tenant }) => isNamed(tenant));
  return {
    ...snapshot,
    execution: boundedExecutions(snapshot.execution, isNamed),
    agents: others.length === 0 ? agents : [...agents, rest],
    activeAgents: folded(snapshot.activeAgents, isNamed, sum),
    overdueAgents: folded(snapshot.overdueAgents, isNamed, sum),
    oldestCredentials: snapshot.oldestCredentials.filter(({ tenant }) => isNamed(tenant)),
    lagSeconds: folded(snapshot.lagSeconds, isNamed, Math.max),
  };
}

const sum = (a: number, b: number): number => a + b;

/** One value for all tenants that are not named. */
function folded(
  figures: ReadonlyMap<string, number>,
  isNamed: (tenant: string) => boolean,
  combine: (a: number, b: number) => number,
): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  let rest: number | undefined;
  for (const [tenant, value] of figures) {
    if (isNamed(tenant)) result.set(tenant, value);
    else rest = rest === undefined ? value : combine(rest, value);
  }
  return rest === undefined ? result : result.set(OTHER, rest);
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);
