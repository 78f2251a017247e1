import { BY_AGENT, filtersOf, limitOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { PanelQueryTypeDefinition } from '../definition';
import { flowGraphFrames } from './graph';
import { labels } from './labels';
import type { FlowsQuery } from './query';
import { flowTableFrames } from './table';

const ROUTE: PeriodRoute = { subject: 'Flows of sessions', filters: BY_AGENT };

/** The most common flows of sessions. */
export const flows: PanelQueryTypeDefinition<'flows', FlowsQuery> = {
  type: 'flows',
  label: labels.label,
  description: labels.description,
  defaults: { flowOf: 'steps', format: 'table' },
  loadEditor: async () => (await import('./FlowsEditor')).FlowsEditor,
  isComplete: () => true,
  displayText: ({ flowOf = 'steps' }) => `${labels.label}: ${flowOf}`,
  ...filtersOf(ROUTE),
  request: (query, context, client) => {
    const { refId, flowOf, format } = query;
    const toFrames = format === 'node-graph' ? flowGraphFrames : flowTableFrames;
    return {
      frames: requestPeriod(
        query,
        context,
        ROUTE,
        (parameters) => client.sessionFlows({ ...parameters, of: flowOf, ...limitOf(query) }),
        (answer) => toFrames(refId, answer),
      ),
    };
  },
};
