/** Budgets that are used up, or soon will be at the pace of the report's period. */
import { type BudgetView } from '../../costs/budget.js';
import type { BudgetScope } from '../../costs/spend.js';
import { namesOf } from '../../query/run.js';
import { DAY, formatDate } from '../../time.js';
import type { Standout } from '../content.js';
import { formatDay, formatValue } from '../format.js';
import { daysIn } from '../period.js';
import { isFiltered, queryFilters } from '../settings.js';
import type { Shown } from '../templates.js';
import type { StandoutRequest } from './section.js';

const MAX_BUDGETS = 3;
/** Budgets whose pace is read, those with the largest part spent. */
const MAX_READ = 20;

interface Near {
  budget: BudgetView;
  /** USD a day; null where nothing is known of it. */
  pace: number | null;
  /** Days until it is used up: 0 if it is, Infinity if it will not be at this pace. */
  left: number;
}

export async function nearBudgets(request: StandoutRequest): Promise<Standout[]> {
  const { links, questions } = request;
  const candidates = (await request.readBudgets())
    .filter((budget) => budget.is_active && concerns(request, budget))
    .sort((a, b) => b.spend_percentage - a.spend_percentage)
    .slice(0, MAX_READ);
  const near: Near[] = [];
  for (const budget of candidates) near.push(await projected(request, budget));
  const shown = near
    .filter(({ budget, left }) => budget.state !== 'ok' || left < Infinity)
    .sort((a, b) => a.left - b.left || b.budget.spend_percentage - a.budget.spend_percentage)
    .slice(0, MAX_BUDGETS);
  const names = await namesOfScopes(request, shown);
  return shown.map((one) => ({
    kind: 'budget',
    text: textOf(one, names.get(one.budget.scope_id ?? ''), questions.context.now),
    value: one.budget.current_spend_usd,
    unit: 'currencyUSD',
    link: links.to('cost'),
  }));
}

/** A filtered report shows only budgets of the agents that it is about. */
function concerns({ settings: { filters } }: StandoutRequest, { scope, scope_id }: BudgetView): boolean {
  if (!isFiltered(filters)) return true;
  const others = queryFilters({ ...filters, agent_ids: [] });
  return others.length === 0 && scope === 'agent' && (filters.agent_ids ?? []).includes(scope_id!);
}

const PACE: Readonly<Record<BudgetScope, { metric: string; dimension?: string }>> = {
  global: { metric: 'total_cost_usd' },
  agent: { metric: 'total_cost_usd', dimension: 'agent' },
  user: { metric: 'cost_usd', dimension: 'user' },
  flow: { metric: 'cost_usd', dimension: 'flow' },
};

/**
 * The period of a budget moves on: with each day, the pace of now comes in and the mean of the budget's period goes out.
 */
async function projected({ questions }: StandoutRequest, budget: BudgetView): Promise<Near> {
  const { current_spend_usd: spend, threshold_usd: threshold, period_days: days } = budget;
  const { range, timeZone } = questions.context;
  const { metric, dimension } = PACE[budget.scope];
  const shown: Shown = {
    metric,
    ...(dimension !== undefined && {
      filters: [{ dimension, operator: 'in', values: [budget.scope_id!] }],
    }),
  };
  const resolved = questions.resolve(shown);
  const total = resolved === undefined ? null : await questions.total(resolved, range);
  const pace = total === null ? null : total / daysIn(range, timeZone);
  if (spend >= threshold) return { budget, pace, left: 0 };
  const growth = (pace ?? 0) - spend / days;
  const isReached = pace !== null && growth > 0 && pace * days >= threshold;
  return { budget, pace, left: isReached ? (threshold - spend) / growth : Infinity };
}

/** Names of agents and users by id. */
async function namesOfScopes(
  { questions }: StandoutRequest,
  near: readonly Near[],
): Promise<ReadonlyMap<string, string>> {
  const { pool, tenantId } = questions.context;
  const idsOf = (scope: BudgetScope) =>
    near.flatMap(({ budget }) => (budget.scope === scope ? (budget.scope_id ?? []) : []));
  return new Map([
    ...(await namesOf(pool, tenantId, 'users', idsOf('user'))),
    ...(await namesOf(pool, tenantId, 'agents', idsOf('agent'))),
  ]);
}

function textOf({ budget, pace, left }: Near, scopeName: string | undefined, now: number): string {
  const usd = (value: number): string => formatValue(value, 'currencyUSD');
  const name = `Budget ${budget.name ?? (budget.scope === 'global' ? 'of all agents' : `of ${budget.scope} ${scopeName ?? budget.scope_id!}`)}`;
  const spent = `${usd(budget.current_spend_usd)} of ${usd(budget.threshold_usd)} in ${budget.period_days} days (${formatValue(budget.spend_percentage, 'percent')})`;
  if (left === 0) return `${name} is used up: ${spent}.`;
  const at = pace === null ? '' : `, at ${usd(pace)} a day`;
  if (left === Infinity) return `${name} is past its mark of ${budget.alert_at_percentage} %: ${spent}${at}.`;
  return `${name} will be used up around ${formatDay(formatDate(now + left * DAY))}${at}: ${spent}.`;
}
