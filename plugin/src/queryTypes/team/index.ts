import { filtersOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { teamFrames } from './frames';
import { labels } from './labels';

const ROUTE: PeriodRoute = { subject: 'Figures of the team', filters: {} };

/** The figures of the tenant, with those of the period before. */
export const team: PanelQueryTypeDefinition<'team', BaseQuery> = {
  type: 'team',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./TeamEditor')).TeamEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  ...filtersOf(ROUTE),
  request: (query, context, client) => ({
    frames: requestPeriod(
      query,
      context,
      ROUTE,
      (parameters) => client.team(parameters),
      (answer) => teamFrames(query.refId, answer),
    ),
  }),
};
