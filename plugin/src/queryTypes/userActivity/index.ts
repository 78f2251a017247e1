import { filtersOf, limitOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { userActivityFrames } from './frames';
import { labels } from './labels';

const ROUTE: PeriodRoute = { subject: 'A list of users', filters: {} };

/** What ran on behalf of each user. */
export const userActivity: PanelQueryTypeDefinition<'userActivity', BaseQuery> = {
  type: 'userActivity',
  label: labels.label,
  description: labels.description,
  defaults: { format: 'table' },
  loadEditor: async () => (await import('./UserActivityEditor')).UserActivityEditor,
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
        // The maximum of a page is that of the list.
        (parameters) => client.userActivity({ ...parameters, ...limitOf(query) }),
        ({ users }) => userActivityFrames(refId, users),
      ),
    };
  },
};
