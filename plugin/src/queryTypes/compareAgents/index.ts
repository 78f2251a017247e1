import { defer, map } from 'rxjs';
import { withNotices } from '../../frames/notices';
import { periodNotices, periodOf } from '../../queries/period';
import type { PanelQueryTypeDefinition } from '../definition';
import { comparedAgents, DIMENSIONS } from './agents';
import { comparisonFrames } from './frames';
import { labels } from './labels';
import type { CompareAgentsQuery } from './query';

/** Two to twenty agents side by side. */
export const compareAgents: PanelQueryTypeDefinition<'compareAgents', CompareAgentsQuery> = {
  type: 'compareAgents',
  label: labels.label,
  description: labels.description,
  defaults: {
    compareMetrics: ['executions', 'execution_success_rate', 'execution_duration_avg_ms', 'cost_usd'],
    format: 'table',
  },
  loadEditor: async () => (await import('./CompareAgentsEditor')).CompareAgentsEditor,
  isComplete: ({ compareMetrics = [] }) => compareMetrics.length > 0,
  displayText: ({ compareMetrics = [] }) => `${labels.label}: ${compareMetrics.join(', ')}`,
  interpolate: ({ compareMetrics }, { texts }) =>
    compareMetrics ? { compareMetrics: [...new Set(texts(compareMetrics))] } : {},
  filterDimensions: () => DIMENSIONS,
  whyNotFiltered: () => 'a comparison of agents cannot be filtered by it',
  needsCatalog: () => true,
  request: ({ refId, filters, compareMetrics = [] }, context, client) => ({
    frames: defer(() =>
      client.compareAgents({
        ...periodOf(context),
        agent_ids: comparedAgents(filters).join(','),
        metrics: compareMetrics.join(','),
      }),
    ).pipe(
      map((comparison) => withNotices(comparisonFrames(refId, comparison, context), periodNotices(context))),
    ),
  }),
};
