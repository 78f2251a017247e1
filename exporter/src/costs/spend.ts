/**
 * What has been spent within a rolling period, and what is held besides, as of this moment: whole days and hours from the
 * aggregates, raw executions only where an hour has changed since its aggregates were made, and in the ragged first hour.
 * One statement, so one snapshot: executions commit with the marks of their hours and with the end of their reservations,
 * and a rollup removes marks and writes aggregates in one transaction. So nothing is counted twice, and nothing is missed.
 */
import type { PoolClient } from 'pg';
import { ceilTo, DAY, floorTo, formatDate, formatTime, HOUR } from '../time.js';
import { parseUsd, type Usd } from '../money.js';

export const BUDGET_SCOPES = ['user', 'agent', 'flow', 'global'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** Whose spend, over how long a period up to now. */
export interface SpendTarget {
  scope: BudgetScope;
  /** Null where the scope is global. */
  scopeId: string | null;
  periodDays: number;
}

export interface Spent {
  /** Costs of the period, the held estimates of unpriced executions included. A clock that runs ahead hides none. */
  spend: Usd;
  /** Open reservations. */
  reserved: Usd;
}

interface Source {
  /** Aggregates that carry the scope: `…_hours` and `…_days`. */
  aggregate: string;
  /** The column that holds the scope's id. */
  key?: string;
}

const SOURCES: Record<BudgetScope, Source> = {
  global: { aggregate: 'execution_status' },
  agent: { aggregate: 'execution', key: 'agent_id' },
  user: { aggregate: 'execution_user', key: 'user_id' },
  flow: { aggregate: 'execution_flow', key: 'flow_id' },
};

/**
 * Keeps the hours and days that are asked for on the outside of their join, each a range of the index: the planner would
 * rather walk all hours that there ever were and compare each with them.
 */
const ONE_BY_ONE = 'OFFSET 0';

/**
 * $1 the tenant; $2 to $6 the targets as parallel arrays: scope, id, first instant, its hour, first whole day; $7 the
 * first of those hours, $8 now.
 */
const COMMON = `
  target AS MATERIALIZED (
    SELECT * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::date[])
      WITH ORDINALITY AS t (scope, scope_id, from_at, ragged, first_day, n)
  ), marked AS MATERIALIZED (
    SELECT DISTINCT bucket FROM dirty_marks WHERE tenant_id = $1 AND kind = 'execution' AND bucket >= $7
  ), dirty_day AS MATERIALIZED (
    SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS date FROM marked
  ), split_day AS MATERIALIZED (
    SELECT date, true AS dirty FROM dirty_day
    UNION ALL
    SELECT DISTINCT (ragged AT TIME ZONE 'UTC')::date, false FROM target
    WHERE (ragged AT TIME ZONE 'UTC')::date NOT IN (SELECT date FROM dirty_day)
  ), raw AS MATERIALIZED (
    SELECT h.bucket, h.marked, e.*
    FROM (
      SELECT bucket, true AS marked FROM marked
      UNION ALL
      SELECT DISTINCT ragged, false FROM target WHERE ragged NOT IN (SELECT bucket FROM marked)
    ) AS h CROSS JOIN LATERAL (
      SELECT started_at, agent_id, user_id, flow_id, coalesce(cost_usd, held_usd) AS usd FROM executions
      WHERE tenant_id = $1 AND started_at >= h.bucket AND started_at < h.bucket + interval '1 hour'
        AND coalesce(cost_usd, held_usd) <> 0
      ${ONE_BY_ONE}
    ) AS e
  ), open AS MATERIALIZED (
    SELECT agent_id, user_id, flow_id, estimated_cost_usd AS usd FROM budget_reservations
    WHERE tenant_id = $1 AND settled_at IS NULL AND expires_at > $8
  )`;

/** The unmarked hours of days that are not taken whole, and the days that are. */
function aggregatesOf(scope: BudgetScope): string {
  const { aggregate, key } = SOURCES[scope];
  const select = key === undefined ? '' : `, a.${key} AS key`;
  const only =
    key === undefined
      ? ''
      : `AND a.${key} = ANY (ARRAY(SELECT scope_id FROM target WHERE scope = '${scope}'))`;
  return `${scope}_hour AS MATERIALIZED (
    SELECT s.date, s.dirty, h.*
    FROM split_day s CROSS JOIN LATERAL (
      SELECT a.bucket${select}, a.spend_usd AS usd FROM ${aggregate}_hours a
      WHERE a.tenant_id = $1 AND a.bucket >= s.date::timestamp AT TIME ZONE 'UTC'
        AND a.bucket < (s.date + 1)::timestamp AT TIME ZONE 'UTC' ${only}
        AND a.bucket NOT IN (SELECT bucket FROM marked)
      ${ONE_BY_ONE}
    ) AS h
  ), ${scope}_day AS MATERIALIZED (
    SELECT a.date${select}, sum(a.spend_usd) AS usd FROM ${aggregate}_days a
    WHERE a.tenant_id = $1 AND a.date >= (SELECT min(first_day) FROM target) ${only}
      AND a.date NOT IN (SELECT date FROM dirty_day) GROUP BY 1${key === undefined ? '' : ', 2'}
  )`;
}

function amountsOf(scope: BudgetScope): string {
  const { key } = SOURCES[scope];
  const same = (column: string): string => (key === undefined ? '' : `AND ${column} = t.scope_id`);
  const column = (alias: string): string => same(`${alias}.${key}`);
  return `
  SELECT t.n, r.usd, false AS held FROM target t JOIN raw r
    ON r.started_at >= t.from_at AND (r.marked OR r.bucket = t.ragged) ${column('r')} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, h.usd, false FROM target t JOIN ${scope}_hour h
    ON h.bucket > t.ragged AND (h.dirty OR h.date < t.first_day) ${same('h.key')} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, d.usd, false FROM target t JOIN ${scope}_day d
    ON d.date >= t.first_day ${same('d.key')} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, o.usd, true FROM target t JOIN open o ON true ${column('o')} WHERE t.scope = '${scope}'`;
}

/** Only with the scopes that are asked for, so that no other aggregate is read. */
function statement(scopes: readonly BudgetScope[]): string {
  return `WITH ${[COMMON, ...scopes.map(aggregatesOf)].join(', ')}
  SELECT n::int AS n, coalesce(sum(usd) FILTER (WHERE NOT held), 0) AS spend,
         coalesce(sum(usd) FILTER (WHERE held), 0) AS reserved
  FROM (${scopes.map(amountsOf).join('\n  UNION ALL')}) AS amounts GROUP BY n`;
}

const keyOf = ({ scope, scopeId, periodDays }: SpendTarget): string =>
  `${scope} ${periodDays} ${scopeId ?? ''}`;

/**
 * Spend and open reservations of each target, in their order. In a transaction of the caller's; a lock that is to order
 * readers and writers is taken in a statement before.
 * @param now milliseconds
 */
export async function readSpend(
  client: PoolClient,
  tenantId: string,
  targets: readonly SpendTarget[],
  now: number,
): Promise<Spent[]> {
  if (targets.length === 0) return [];
  const places = new Map<string, number>();
  const distinct: SpendTarget[] = [];
  for (const target of targets) {
    if (places.has(keyOf(target))) continue;
    places.set(keyOf(target), distinct.push(target) - 1);
  }
  const from = distinct.map(({ periodDays }) => now - periodDays * DAY);
  const ragged = from.map((instant) => floorTo(instant, HOUR));
  await client.query('SET LOCAL jit = off');
  const { rows } = await client.query<{ n: number; spend: string; reserved: string }>(
    statement(BUDGET_SCOPES.filter((scope) => distinct.some((target) => target.scope === scope))),
    [
      tenantId,
      distinct.map(({ scope }) => scope),
      distinct.map(({ scopeId }) => scopeId),
      from.map(formatTime),
      ragged.map(formatTime),
      // The ragged hour is always made of raw executions, so the first whole day begins after it.
      ragged.map((hour) => formatDate(ceilTo(hour + HOUR, DAY))),
      new Date(Math.min(...ragged)),
      new Date(now),
    ],
  );
  const spent = distinct.map((): Spent => ({ spend: 0n, reserved: 0n }));
  for (const { n, spend, reserved } of rows) {
    spent[n - 1] = { spend: parseUsd(spend), reserved: parseUsd(reserved) };
  }
  return targets.map((target) => ({ ...spent[places.get(keyOf(target))!]! }));
}
