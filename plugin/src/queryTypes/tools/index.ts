import { BY_AGENT, filtersOf, limitOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { toolFrames } from './frames';
import { labels } from './labels';

const ROUTE: PeriodRoute = { subject: 'A list of tools', filters: BY_AGENT };

/** The tools that were called, one per row. */
export const tools: PanelQueryTypeDefinition<'tools', BaseQuery> = {
  type: 'tools',
  label: labels.label,
  description: labels.description,
  defaults: { format: 'table' },
  loadEditor: async () => (await import('./ToolsEditor')).ToolsEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  ...filtersOf(ROUTE),
  request: (query, context, client) => {
    const { refId } = query;
    return {
      frames: requestPeriod(
        query,
        context,
        ROUTE,
        (parameters) => client.tools({ ...parameters, ...limitOf(query) }),
        (all) => toolFrames(refId, all, context.datasourceUid),
      ),
    };
  },
};
