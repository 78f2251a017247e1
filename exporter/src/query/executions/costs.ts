/** What executions cost: by model, agent, user, component and day, and a forecast for the month. */
import { measureSql } from '../../aggregates/index.js';
import type { StoredDimension } from '../../catalog/index.js';
import { type DailyCost, forecast } from '../../costs/forecast.js';
import type { ReadPool } from '../../db/read-shares.js';
import { formatUsd, parseUsd, toWire, type Usd, usdToNumber } from '../../money.js';
import { Parameters } from '../../db/parameters.js';
import { ceilTo, DAY, floorTo, formatDate, nextMonth, startOfMonth } from '../../time.js';
import { baseSql } from '../base.js';
import { foldedSql, MAX_GROUPS, OTHER } from '../fold.js';
import { nameOf, namesOf } from '../run.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql } from '../sql.js';
import { allCosts } from './all-costs.js';
import { dailySums } from './daily.js';
import {
  executionFigures,
  type Figures,
  type GroupedFigures,
  pricedOf,
  shareOf,
  wireCostOf,
} from './figures.js';
import { costOfAll, modelFigures } from './models.js';
import { type ExecutionPeriod, periodAnswer } from './period.js';
import { byCost, round6 } from './reports.js';

export async function costSummary(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const by = (...groupBy: StoredDimension[]): Promise<GroupedFigures[]> =>
    executionFigures(pool, tenantId, { range, groupBy, largest: MAX_GROUPS, percentiles: false });
  const [all, models, agents, users, components, daily] = await Promise.all([
    by(),
    modelFigures(pool, tenantId, { range, percentiles: false }),
    by('agent'),
    by('user'),
    componentCosts(pool, tenantId, period),
    // The last day is shown as a whole.
    dailyCosts(pool, tenantId, { from: range.from, to: ceilTo(range.to, DAY) }),
  ]);
  const total = all[0]!;
  const idsOf = (rows: readonly GroupedFigures[]): (string | null)[] => rows.map(({ group: [id] }) => id!);
  const [names, userNames] = await Promise.all([
    namesOf(pool, tenantId, 'agents', idsOf(agents)),
    namesOf(pool, tenantId, 'users', idsOf(users)),
  ]);
  const figuresOf = (figures: Figures, priced = pricedOf(figures), whole = total.cost) => ({
    executions: figures.executions,
    unpriced_executions: figures.unpriced,
    total_tokens: figures.totalTokens,
    cost_usd: wireCostOf(priced),
    share: shareOf(priced, whole),
  });
  const ofAllModels = costOfAll(models);
  return {
    period: periodAnswer(period),
    total_cost_usd: toWire(total.cost),
    unpriced_executions: total.unpriced,
    by_model: byCost(models).map((row) => ({
      provider: row.provider,
      model_name: row.model,
      ...figuresOf(row, row.priced, ofAllModels),
    })),
    by_agent: byCost(agents).map((row) => ({
      agent_id: row.group[0] ?? null,
      agent_name: row.isRest ? OTHER : nameOf(names, row.group[0]),
      ...figuresOf(row),
    })),
    by_user: byCost(users).map((row) => ({
      user_id: row.group[0] ?? null,
      user_name: row.isRest ? OTHER : nameOf(userNames, row.group[0]),
      ...figuresOf(row),
    })),
    by_component: components.map(
      ({ component, usages, unpricedUsages, pricedTokens, totalTokens, cost, whole }) => {
        const priced = { cost, pricedTokens, unpriced: unpricedUsages };
        return {
          component,
          usages,
          unpriced_usages: unpricedUsages,
          total_tokens: totalTokens,
          cost_usd: wireCostOf(priced),
          share: shareOf(priced, whole),
        };
      },
    ),
    daily: daily.map(({ date, cost }) => ({ date, cost_usd: toWire(cost) })),
  };
}

interface ComponentCost {
  component: string | null;
  usages: number;
  unpricedUsages: number;
  pricedTokens: number;
  totalTokens: number;
  /** Numeric text. */
  cost: string;
  /**
   * The cost of all components together. It differs from what the executions cost where one of their usages has no price,
   * or where their cost was reported.
   */
  whole: string;
}

/** The most expensive first. */
async function componentCosts(
  pool: ReadPool,
  tenantId: string,
  { range }: ExecutionPeriod,
): Promise<ComponentCost[]> {
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range, dimensions: ['component'] });
  const parameters = new Parameters();
  const counts = ['usages', 'unpricedUsages', 'pricedTokens', 'totalTokens'] as const;
  const base = baseSql(selection, [...counts, 'knownCost'], ['component'], parameters);
  const sums = counts.map((measure) => `${measureSql(selection.source, measure, 'b')} AS "${measure}"`);
  const groups = `SELECT ${dimensionSql('component', 'UTC', parameters)} AS component, ${sums.join(', ')},
       ${measureSql(selection.source, 'knownCost', 'b')} AS cost FROM base b GROUP BY 1`;
  const names = counts.map((measure) => `"${measure}"`);
  const folded = foldedSql({
    from: `(${groups}) AS groups`,
    keys: ['component'],
    sums: [...names, 'cost'],
    order: 'cost DESC, component',
    limit: `${parameters.add(MAX_GROUPS)}::int`,
  });
  const { rows } = await pool.query<ComponentCost>(
    `WITH ${base} SELECT CASE WHEN is_rest THEN '${OTHER}' ELSE component END AS component,
       ${names.map((name) => `${name}::float8`).join(', ')}, cost, sum(cost) OVER () AS whole
     FROM (${folded}) AS folded ORDER BY is_rest, cost DESC, component`,
    parameters.values,
  );
  return rows;
}

interface DayCost {
  date: string;
  /** Numeric text. */
  cost: string;
}

/** Every UTC day of the range; the first counts only what began within the range. */
async function dailyCosts(pool: ReadPool, tenantId: string, range: Range): Promise<DayCost[]> {
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range });
  const days = await dailySums(pool, selection, ['knownCost']);
  return days.map(({ date, knownCost }) => ({ date, cost: knownCost }));
}

/** How many days a forecast looks back. */
const HISTORY_DAYS = 180;
const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();

/** What a day has cost: what ran, and the cost items, whose days to come are known too. */
interface DayCosts {
  date: string;
  runs: Usd;
  items: Usd;
}

/** Every UTC day of the range. */
async function costsByDay(pool: ReadPool, tenantId: string, { from, to }: Range): Promise<DayCosts[]> {
  const rows = await allCosts(pool, tenantId, { range: { from, to }, by: ['date'] });
  const known = new Map(rows.map((row) => [row.date, row]));
  return Array.from({ length: (to - from) / DAY }, (_, i) => {
    const date = formatDate(from + i * DAY);
    const { model = '0', tool = '0', storage = '0', other = '0' } = known.get(date) ?? {};
    return { date, runs: parseUsd(model) + parseUsd(tool), items: parseUsd(storage) + parseUsd(other) };
  });
}

/** This UTC month: its cost so far, and the expected cost at its end. */
export async function costForecast(pool: ReadPool, tenantId: string, now: number) {
  const monthStart = startOfMonth(now);
  const monthEnd = nextMonth(monthStart);
  const today = floorTo(now, DAY);
  const first = Math.min(monthStart, today - HISTORY_DAYS * DAY);
  const days = await costsByDay(pool, tenantId, { from: first, to: monthEnd });
  const place = (today - first) / DAY;
  const history = historyOf(days.slice(0, place));
  const remaining = days.slice(place);
  const { method, projected, spread } = forecast(
    history,
    remaining.map(({ date }) => weekdayOf(date)),
  );

  const actual = days.slice((monthStart - first) / DAY, place + 1);
  const totals = actual.map(({ runs, items }) => runs + items);
  const past = cumulate(totals).map(usdToNumber);
  const toDate = past.at(-1)!;
  const [todays] = remaining;
  const soFar = usdToNumber(totals.at(-1)!);
  // Part of today is known, so it will cost at least that.
  const expected = remaining.map(
    ({ items }, i) => Math.max(i === 0 ? usdToNumber(todays!.runs) : 0, projected[i]!) + usdToNumber(items),
  );
  const course = projection(toDate - soFar, toDate, expected, spread);
  const last = course.at(-1)!;
  return {
    month: formatDate(monthStart).slice(0, 7),
    month_to_date_usd: round6(toDate),
    projected_month_usd: last.cumulative_usd,
    lower_usd: last.lower_usd,
    upper_usd: last.upper_usd,
    method,
    history_days: history.length,
    daily: [
      ...actual.slice(0, -1).map(({ date }, i) => ({
        date,
        actual_usd: toWire(formatUsd(totals[i]!)),
        projected_usd: null,
        cumulative_usd: round6(past[i]!),
        lower_usd: null,
        upper_usd: null,
      })),
      ...remaining.map(({ date }, i) => ({
        date,
        actual_usd: i === 0 ? toWire(formatUsd(totals.at(-1)!)) : null,
        ...course[i]!,
      })),
    ],
  };
}

/** What ran by day, from the first day with a cost: before it, nothing was recorded yet. */
function historyOf(days: readonly DayCosts[]): DailyCost[] {
  const begins = days.findIndex(({ runs }) => runs !== 0n);
  return (begins === -1 ? [] : days.slice(begins)).map(({ date, runs }) => ({
    weekday: weekdayOf(date),
    usd: usdToNumber(runs),
  }));
}

/** The running total at the end of each day. */
function cumulate(amounts: readonly Usd[]): Usd[] {
  let sum = 0n;
  return amounts.map((amount) => (sum += amount));
}

/** The expected cost of the remaining days and of the month up to each. The lower bound is never below the cost so far. */
function projection(before: number, toDate: number, expected: readonly number[], spread: readonly number[]) {
  let sum = before;
  return expected.map((usd, i) => {
    sum += usd;
    return {
      projected_usd: round6(usd),
      cumulative_usd: round6(sum),
      lower_usd: round6(Math.max(toDate, sum - spread[i]!)),
      upper_usd: round6(sum + spread[i]!),
    };
  });
}
