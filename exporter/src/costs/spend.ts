/**
 * What has been spent within a rolling period, and what is held besides, as of this moment: whole days and hours from the
 * aggregates, raw executions only where an hour has changed since its aggregates were made, and in the ragged first hour.
 * One statement, so one snapshot: executions commit with the marks of their hours and with the end of their reservations,
 * and a rollup removes marks and writes aggregates in one transaction. So nothing is counted twice, and nothing is missed.
 */
import type { PoolClient } from 'pg';
import {
  type Aggregate,
  aggregateWithFigure,
  EXECUTIONS,
  executionTool,
  executionToolCost,
  tableOf,
  type ToolCostOf,
} from '../aggregates/index.js';
import { columnOf, type StoredDimension } from '../catalog/index.js';
import { Parameters, type Statement } from '../db/parameters.js';
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
  /** Costs of the period, those of tools and cost items and the held estimates of unpriced executions included. A clock that runs ahead hides none. */
  spend: Usd;
  /** Open reservations. */
  reserved: Usd;
}

/** The dimension that a scope is an id of; null for the whole tenant. */
const DIMENSION: Record<BudgetScope, StoredDimension | null> = {
  user: 'user',
  agent: 'agent',
  flow: 'flow',
  global: null,
};

/** The figure of aggregates that budgets count. */
const FIGURE = 'spend_usd';

interface Source {
  hours: string;
  days: string;
  /** The column that holds the scope's id. */
  key?: string;
}

/** The narrowest aggregate that knows the spend of a scope. */
function sourceOf(scope: BudgetScope): Source {
  const dimension = DIMENSION[scope];
  const aggregate = aggregateWithFigure(FIGURE, dimension === null ? [] : [dimension]);
  if (aggregate === undefined) throw new Error(`no aggregate has the spend by ${scope}`);
  return {
    hours: tableOf(aggregate, 'hour'),
    days: tableOf(aggregate, 'day'),
    ...(dimension !== null && { key: columnOf(dimension) }),
  };
}

/** The columns of facts that scopes are ids of. */
const KEYS = BUDGET_SCOPES.flatMap((scope) => sourceOf(scope).key ?? []).join(', ');

/**
 * Keeps the hours and days that are asked for on the outside of their join, each a range of the index. Otherwise the
 * planner walks all hours that there ever were and compares each with them.
 */
const ONE_BY_ONE = 'OFFSET 0';

/** Placeholders of the values that the sections share. */
interface Places {
  tenant: string;
  now: string;
  /** The first of the ragged hours. */
  firstHour: string;
}

/** Who is asked for: the scope, its id, the period's first instant, the hour of that, and the first whole day. */
const targetCte = (arrays: readonly string[]): string => `target AS MATERIALIZED (
    SELECT * FROM unnest(${arrays.join(', ')})
      WITH ORDINALITY AS t (scope, scope_id, from_at, ragged, first_day, n)
  )`;

/** Hours that have changed since their aggregates were made. */
const markedCte = ({ tenant, firstHour }: Places): string => `marked AS MATERIALIZED (
    SELECT DISTINCT bucket FROM dirty_marks
    WHERE tenant_id = ${tenant} AND kind = '${EXECUTIONS.marks.hour}' AND bucket >= ${firstHour}
  ), dirty_day AS MATERIALIZED (
    SELECT DISTINCT (bucket AT TIME ZONE 'UTC')::date AS date FROM marked
  )`;

/** Days that are read by the hour: those with a marked hour, and those in which a period begins. */
const SPLIT_DAY_CTE = `split_day AS MATERIALIZED (
    SELECT date, true AS dirty FROM dirty_day
    UNION ALL
    SELECT DISTINCT (ragged AT TIME ZONE 'UTC')::date, false FROM target
    WHERE (ragged AT TIME ZONE 'UTC')::date NOT IN (SELECT date FROM dirty_day)
  )`;

/** Executions of the marked hours, and of the hours in which a period begins. */
const rawCte = ({ tenant }: Places): string => `raw AS MATERIALIZED (
    SELECT h.bucket, h.marked, e.*
    FROM (
      SELECT bucket, true AS marked FROM marked
      UNION ALL
      SELECT DISTINCT ragged, false FROM target WHERE ragged NOT IN (SELECT bucket FROM marked)
    ) AS h CROSS JOIN LATERAL (
      SELECT started_at, ${KEYS}, coalesce(cost_usd, held_usd) AS usd FROM executions
      WHERE tenant_id = ${tenant} AND started_at >= h.bucket AND started_at < h.bucket + interval '1 hour'
        AND coalesce(cost_usd, held_usd) <> 0
      ${ONE_BY_ONE}
    ) AS e
  )`;

const openCte = ({ tenant, now }: Places): string => `open AS MATERIALIZED (
    SELECT ${KEYS}, estimated_cost_usd AS usd FROM budget_reservations
    WHERE tenant_id = ${tenant} AND settled_at IS NULL AND expires_at > ${now}
  )`;

/** The unmarked hours of split days, and the whole days without a marked hour. */
function aggregateCtes(scope: BudgetScope, { tenant }: Places): string {
  const { hours, days, key } = sourceOf(scope);
  const select = key === undefined ? '' : `, a.${key} AS key`;
  const only =
    key === undefined
      ? ''
      : `AND a.${key} = ANY (ARRAY(SELECT scope_id FROM target WHERE scope = '${scope}'))`;
  return `${scope}_hour AS MATERIALIZED (
    SELECT s.date, s.dirty, h.*
    FROM split_day s CROSS JOIN LATERAL (
      SELECT a.bucket${select}, a.${FIGURE} AS usd FROM ${hours} a
      WHERE a.tenant_id = ${tenant} AND a.bucket >= s.date::timestamp AT TIME ZONE 'UTC'
        AND a.bucket < (s.date + 1)::timestamp AT TIME ZONE 'UTC' ${only}
        AND a.bucket NOT IN (SELECT bucket FROM marked)
      ${ONE_BY_ONE}
    ) AS h
  ), ${scope}_day AS MATERIALIZED (
    SELECT a.date${select}, sum(a.${FIGURE}) AS usd FROM ${days} a
    WHERE a.tenant_id = ${tenant} AND a.date >= (SELECT min(first_day) FROM target) ${only}
      AND a.date NOT IN (SELECT date FROM dirty_day) GROUP BY 1${key === undefined ? '' : ', 2'}
  )`;
}

/** The amounts of each target of the scope, from all sections. */
function amountsOf(scope: BudgetScope): string {
  const { key } = sourceOf(scope);
  const isScope = (column: string): string => (key === undefined ? '' : `AND ${column} = t.scope_id`);
  return `
  SELECT t.n, r.usd, false AS held FROM target t JOIN raw r
    ON r.started_at >= t.from_at AND (r.marked OR r.bucket = t.ragged) ${isScope(`r.${key}`)} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, h.usd, false FROM target t JOIN ${scope}_hour h
    ON h.bucket > t.ragged AND (h.dirty OR h.date < t.first_day) ${isScope('h.key')} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, d.usd, false FROM target t JOIN ${scope}_day d
    ON d.date >= t.first_day ${isScope('d.key')} WHERE t.scope = '${scope}'
  UNION ALL
  SELECT t.n, o.usd, true FROM target t JOIN open o ON true ${isScope(`o.${key}`)} WHERE t.scope = '${scope}'`;
}

/** The aggregate that has what tools cost a scope, and its rows of that scope, `x`. */
function toolCostsOf(scope: BudgetScope): { source: Aggregate; isScope: string } {
  switch (scope) {
    case 'global':
      return { source: executionTool, isScope: '' };
    case 'agent':
      return { source: executionTool, isScope: 'AND x.agent_id = t.scope_id' };
    default:
      return {
        source: executionToolCost,
        isScope: `AND x.cost_of = '${scope satisfies ToolCostOf}' AND x.of_id = t.scope_id`,
      };
  }
}

/** What tools have cost, as of the last rollup. */
function toolAmountsOf(scope: BudgetScope, { tenant }: Places): string[] {
  const { source, isScope } = toolCostsOf(scope);
  const tools = (level: 'hour' | 'day', within: string): string => `
  SELECT t.n, x.cost_usd, false FROM target t JOIN ${tableOf(source, level)} x
    ON x.tenant_id = ${tenant} AND ${within} ${isScope} WHERE t.scope = '${scope}' AND x.cost_usd > 0`;
  return [
    tools('hour', `x.bucket > t.ragged AND x.bucket < t.first_day::timestamp AT TIME ZONE 'UTC'`),
    tools('day', 'x.date >= t.first_day'),
  ];
}

/** The column of cost items that a scope is an id of. No user or flow has any. */
const ITEM_KEYS: Partial<Record<BudgetScope, string | null>> = { agent: 'agent_id', global: null };

/** The part of cost items that lies within the period. */
function itemAmountsOf(scope: BudgetScope, { tenant, now }: Places): string[] {
  const key = ITEM_KEYS[scope];
  if (key === undefined) return [];
  return [
    `
  SELECT t.n, i.amount_usd * extract(epoch FROM least(i.ends, ${now}) - greatest(i.starts, t.from_at))
      / extract(epoch FROM i.ends - i.starts), false
  FROM target t JOIN (
    SELECT amount_usd, agent_id, start_date::timestamp AT TIME ZONE 'UTC' AS starts,
           (end_date + 1)::timestamp AT TIME ZONE 'UTC' AS ends
    FROM cost_items WHERE tenant_id = ${tenant}
  ) AS i ON i.starts < ${now} AND i.ends > t.from_at ${key === null ? '' : `AND i.${key} = t.scope_id`} WHERE t.scope = '${scope}'`,
  ];
}

/** Only with the scopes that are asked for, so that no other aggregate is read. */
function spendStatement(tenantId: string, targets: readonly SpendTarget[], now: number): Statement {
  const from = targets.map(({ periodDays }) => now - periodDays * DAY);
  const ragged = from.map((instant) => floorTo(instant, HOUR));
  // The ragged hour is always made of raw executions, so the first whole day begins after it.
  const firstDays = ragged.map((hour) => formatDate(ceilTo(hour + HOUR, DAY)));
  const parameters = new Parameters();
  const tenant = parameters.add(tenantId);
  const arrays = [
    `${parameters.add(targets.map(({ scope }) => scope))}::text[]`,
    `${parameters.add(targets.map(({ scopeId }) => scopeId))}::text[]`,
    `${parameters.add(from.map(formatTime))}::timestamptz[]`,
    `${parameters.add(ragged.map(formatTime))}::timestamptz[]`,
    `${parameters.add(firstDays)}::date[]`,
  ];
  const places: Places = {
    tenant,
    now: parameters.add(new Date(now)),
    firstHour: parameters.add(new Date(Math.min(...ragged))),
  };
  const scopes = BUDGET_SCOPES.filter((scope) => targets.some((target) => target.scope === scope));
  const ctes = [
    targetCte(arrays),
    markedCte(places),
    SPLIT_DAY_CTE,
    rawCte(places),
    openCte(places),
    ...scopes.map((scope) => aggregateCtes(scope, places)),
  ];
  const others = scopes.flatMap((scope) => [
    ...toolAmountsOf(scope, places),
    ...itemAmountsOf(scope, places),
  ]);
  const text = `WITH ${ctes.join(', ')}
  SELECT n::int AS n, coalesce(sum(usd) FILTER (WHERE NOT held), 0) AS spend,
         coalesce(sum(usd) FILTER (WHERE held), 0) AS reserved
  FROM (${[...scopes.map(amountsOf), ...others].join('\n  UNION ALL')}) AS amounts GROUP BY n`;
  return { text, values: parameters.values };
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
  await client.query('SET LOCAL jit = off');
  const { text, values } = spendStatement(tenantId, distinct, now);
  const { rows } = await client.query<{ n: number; spend: string; reserved: string }>(text, values);
  const spent = distinct.map((): Spent => ({ spend: 0n, reserved: 0n }));
  for (const { n, spend, reserved } of rows) {
    spent[n - 1] = { spend: parseUsd(spend), reserved: parseUsd(reserved) };
  }
  return targets.map((target) => ({ ...spent[places.get(keyOf(target))!]! }));
}
