import { filtersOf, requestPeriod } from '../../queries/periodRoute';
import type { PanelQueryTypeDefinition } from '../definition';
import { labels } from './labels';
import { readSessions, sessionListFrames } from './list';
import { sessionMetricFrames } from './metrics';
import type { SessionsQuery } from './query';
import { LIST, METRICS, routeOf } from './routes';

/** The sessions of the time range, one per row, or their figures. */
export const sessions: PanelQueryTypeDefinition<'sessions', SessionsQuery> = {
  type: 'sessions',
  label: labels.label,
  description: labels.description,
  defaults: { sessionPart: 'list', format: 'table' },
  loadEditor: async () => (await import('./SessionsEditor')).SessionsEditor,
  isComplete: () => true,
  displayText: ({ sessionPart = 'list' }) => `${labels.label}: ${sessionPart}`,
  interpolate: ({ sessionStatus }, { texts }) => ({ sessionStatus: statusOf(texts([sessionStatus ?? ''])) }),
  filterDimensions: (query) => filtersOf(routeOf(query)).filterDimensions(),
  whyNotFiltered: (query) => filtersOf(routeOf(query)).whyNotFiltered(),
  request: (query, context, client) => {
    const { refId } = query;
    const frames =
      query.sessionPart === 'metrics'
        ? requestPeriod(
            query,
            context,
            METRICS,
            (parameters) => client.sessionMetrics(parameters),
            (metrics) => sessionMetricFrames(refId, metrics),
          )
        : requestPeriod(
            query,
            context,
            LIST,
            (parameters) => readSessions(client, query, parameters),
            (list) => sessionListFrames(refId, list, context.datasourceUid),
          );
    return { frames };
  },
};

/** All of them are no restriction. The exporter refuses several others, since its route takes one. */
function statusOf(chosen: string[]): string | undefined {
  const isAny = Object.keys(labels.status.options).every((status) => chosen.includes(status));
  return isAny ? undefined : chosen.join(',') || undefined;
}
