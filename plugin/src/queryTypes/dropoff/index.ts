import { BY_AGENT, filtersOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { dropoffFrames } from './frames';
import { labels } from './labels';

const ROUTE: PeriodRoute = { subject: 'The drop-off of sessions', filters: BY_AGENT };

/** Where sessions end. */
export const dropoff: PanelQueryTypeDefinition<'dropoff', BaseQuery> = {
  type: 'dropoff',
  label: labels.label,
  description: labels.description,
  defaults: { format: 'bars' },
  loadEditor: async () => (await import('./DropoffEditor')).DropoffEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  ...filtersOf(ROUTE),
  request: (query, context, client) => ({
    frames: requestPeriod(
      query,
      context,
      ROUTE,
      (parameters) => client.sessionDropoff(parameters),
      ({ steps }) => dropoffFrames(query, steps),
    ),
  }),
};
