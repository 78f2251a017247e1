/** How to spend less: the recommendations with the largest savings, as `GET /costs/recommendations` has them. */
import { withDismissals } from '../../costs/recommendations/dismissals.js';
import { recommendOrLast } from '../../costs/recommendations/nightly.js';
import { RECOMMENDATION_PERIOD, resolveExecutionPeriod } from '../../query/executions/period.js';
import type { Standout } from '../content.js';
import { formatValue } from '../format.js';
import { queryFilters } from '../settings.js';
import type { StandoutRequest } from './section.js';

const MAX_RECOMMENDATIONS = 3;

export async function recommendations({ questions, links, settings }: StandoutRequest): Promise<Standout[]> {
  const { pool, tenantId, now } = questions.context;
  const { agent_ids = [] } = settings.filters;
  // They are of agents, and have neither tags nor environments.
  if (queryFilters({ ...settings.filters, agent_ids: [] }).length > 0) return [];
  const { range } = resolveExecutionPeriod({ period: RECOMMENDATION_PERIOD }, now);
  const { all } = await recommendOrLast(pool, tenantId, range, now);
  const open = all.filter(({ isOpen }) => isOpen);
  const shown = await withDismissals(pool, tenantId, open, RECOMMENDATION_PERIOD, now);
  return shown.recommendations
    .filter(({ dismissed, savings }) => !dismissed && savings !== null && savings > 0)
    .filter(({ agent_id }) => agent_ids.length === 0 || (agent_id !== null && agent_ids.includes(agent_id)))
    .slice(0, MAX_RECOMMENDATIONS)
    .map(({ title, action, savings }) => ({
      kind: 'recommendation',
      text: `${title} ${action} That saves ${formatValue(savings, 'currencyUSD')} in 30 days.`,
      value: savings,
      unit: 'currencyUSD',
      link: links.to('costOptimisation'),
    }));
}
