/** What executions cost: by whom and what, by day, and what the month will have cost. */
import type { Pool } from 'pg';
import type { StoredDimension } from '../../catalog/index.js';
import { type DailyCost, forecast } from '../../costs/forecast.js';
import { parseUsd, toWire } from '../../money.js';
import { DAY, floorTo, formatDate, nextMonth, parseDate, startOfMonth } from '../../time.js';
import { agentNames, nameOf } from '../run.js';
import { executionFigures, type GroupedFigures, knownCostOf, shareOf } from './figures.js';
import { type ExecutionPeriod, periodAnswer } from './period.js';
import { byCost, round6 } from './reports.js';

/** Groups of each list; the total has them all. */
const MAX_GROUPS = 1_000;

export async function costSummary(pool: Pool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const by = (...groupBy: StoredDimension[]): Promise<GroupedFigures[]> =>
    executionFigures(pool, tenantId, { range, groupBy, percentiles: false });
  const [all, models, agents, users, components, daily] = await Promise.all([
    by(),
    by('provider', 'model'),
    by('agent'),
    by('user'),
    componentCosts(pool, tenantId, period),
    dailyCosts(pool, tenantId, formatDate(range.from), formatDate(range.to - 1), range.from),
  ]);
  const total = all[0]!;
  const names = await agentNames(
    pool,
    tenantId,
    agents.map(({ group: [agent] }) => agent!),
  );
  const figuresOf = (figures: GroupedFigures) => ({
    executions: figures.executions,
    unpriced_executions: figures.unpriced,
    total_tokens: figures.inputTokens + figures.outputTokens,
    cost_usd: knownCostOf(figures),
    share: shareOf(figures, total.cost),
  });
  const largest = (rows: readonly GroupedFigures[]): GroupedFigures[] => byCost(rows).slice(0, MAX_GROUPS);
  return {
    period: periodAnswer(period),
    total_cost_usd: toWire(total.cost),
    unpriced_executions: total.unpriced,
    by_model: largest(models).map((row) => ({
      provider: row.group[0] ?? null,
      model_name: row.group[1] ?? null,
      ...figuresOf(row),
    })),
    by_agent: largest(agents).map((row) => ({
      agent_id: row.group[0] ?? null,
      agent_name: nameOf(names, row.group[0]),
      ...figuresOf(row),
    })),
    by_user: largest(users).map((row) => ({ user_id: row.group[0] ?? null, ...figuresOf(row) })),
    by_component: components.map(({ cost, whole, ...row }) => {
      const usages = { cost, executions: row.usages, unpriced: row.unpriced_usages };
      return { ...row, cost_usd: knownCostOf(usages), share: shareOf(usages, whole) };
    }),
    daily: daily.map(({ date, cost }) => ({ date, cost_usd: toWire(cost) })),
  };
}

interface ComponentCost {
  component: string | null;
  usages: number;
  unpriced_usages: number;
  total_tokens: number;
  /** Numeric text. */
  cost: string;
  /**
   * Of all components: more than the executions cost where one of their usages has no price or their cost was reported.
   */
  whole: string;
}

async function componentCosts(
  pool: Pool,
  tenantId: string,
  { range }: ExecutionPeriod,
): Promise<ComponentCost[]> {
  const days = range.from % DAY === 0 && range.to % DAY === 0;
  const table = days ? 'execution_component_days' : 'execution_component_hours';
  const within = days
    ? 'date >= $2::date AND date < $3::date'
    : 'bucket >= $2::timestamptz AND bucket < $3::timestamptz';
  const bound = (instant: number): string => (days ? formatDate(instant) : new Date(instant).toISOString());
  const { rows } = await pool.query<ComponentCost>(
    `SELECT component, sum(usages)::float8 AS usages, sum(unpriced)::float8 AS unpriced_usages,
            sum(input_tokens + output_tokens)::float8 AS total_tokens, sum(cost_usd) AS cost,
            sum(sum(cost_usd)) OVER () AS whole
     FROM ${table} WHERE tenant_id = $1 AND ${within} GROUP BY component ORDER BY cost DESC, component`,
    [tenantId, bound(range.from), bound(range.to)],
  );
  return rows;
}

/** Every UTC day from the first to the last, both included; of the first only what began at `since` or later. */
async function dailyCosts(
  pool: Pool,
  tenantId: string,
  from: string,
  to: string,
  since = parseDate(from)!,
): Promise<{ date: string; cost: string }[]> {
  const { rows } = await pool.query<{ date: string; cost: string }>(
    `SELECT day::date AS date, coalesce(cost, 0) AS cost
     FROM generate_series($2::date, $3::date, interval '1 day') AS day LEFT JOIN (
       SELECT date, sum(cost_usd) AS cost FROM (
         SELECT date, cost_usd FROM execution_days
         WHERE tenant_id = $1 AND date >= $2::date AND date <= $3::date AND date >= $4::timestamptz AT TIME ZONE 'UTC'
         UNION ALL
         SELECT (bucket AT TIME ZONE 'UTC')::date, cost_usd FROM execution_hours
         WHERE tenant_id = $1 AND bucket >= $4 AND bucket < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
           AND $2::date < $4::timestamptz AT TIME ZONE 'UTC'
       ) AS costs GROUP BY 1
     ) AS sums ON sums.date = day::date ORDER BY 1`,
    [tenantId, from, to, new Date(since)],
  );
  return rows;
}

/** Days that a forecast looks back. */
const HISTORY_DAYS = 180;
const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();

/** This UTC month: what it has cost so far, and what it will have cost at its end. */
export async function costForecast(pool: Pool, tenantId: string, now: number) {
  const monthStart = startOfMonth(now);
  const monthEnd = nextMonth(monthStart);
  const today = floorTo(now, DAY);
  const first = Math.min(monthStart, today - HISTORY_DAYS * DAY);
  const known = await dailyCosts(pool, tenantId, formatDate(first), formatDate(today));
  const before = known.slice(0, -1);
  // The days before the first cost are no history, but the time before there was any.
  const begins = before.findIndex(({ cost }) => Number(cost) !== 0);
  const history = (begins === -1 ? [] : before.slice(begins)).map(({ date, cost }): DailyCost => ({
    weekday: weekdayOf(date),
    usd: Number(cost),
  }));
  const remaining = Array.from({ length: (monthEnd - today) / DAY }, (_, i) => formatDate(today + i * DAY));
  const { method, projected, spread } = forecast(history, remaining.map(weekdayOf));

  const actual = known.filter(({ date }) => date >= formatDate(monthStart));
  const monthToDate = actual.reduce((sum, { cost }) => sum + parseUsd(cost), 0n);
  const toDate = Number(monthToDate) / 1e18;
  // Today is known in part: it will cost at least that.
  const soFar = Number(known.at(-1)!.cost);
  const expected = [Math.max(soFar, projected[0]!), ...projected.slice(1)];
  let sum = toDate - soFar;
  const days = expected.map((usd, i) => {
    sum += usd;
    return {
      projected_usd: round6(usd),
      cumulative_usd: round6(sum),
      lower_usd: round6(Math.max(toDate, sum - spread[i]!)),
      upper_usd: round6(sum + spread[i]!),
    };
  });
  const last = days.at(-1)!;
  let past = 0n;
  return {
    month: formatDate(monthStart).slice(0, 7),
    month_to_date_usd: round6(toDate),
    projected_month_usd: last.cumulative_usd,
    lower_usd: last.lower_usd,
    upper_usd: last.upper_usd,
    method,
    history_days: history.length,
    daily: [
      ...actual.slice(0, -1).map(({ date, cost }) => {
        past += parseUsd(cost);
        return {
          date,
          actual_usd: toWire(cost),
          projected_usd: null,
          cumulative_usd: round6(Number(past) / 1e18),
          lower_usd: null,
          upper_usd: null,
        };
      }),
      ...remaining.map((date, i) => ({
        date,
        actual_usd: i === 0 ? toWire(actual.at(-1)!.cost) : null,
        ...days[i]!,
      })),
    ],
  };
}
