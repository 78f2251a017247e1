import { BY_AGENT, filtersOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { PanelQueryTypeDefinition } from '../definition';
import { labels } from './labels';
import { readSessions, sessionListFrames } from './list';
import { sessionMetricFrames } from './metrics';
import type { SessionsQuery } from './query';

const LIST: PeriodRoute = { subject: 'A list of sessions', filters: { ...BY_AGENT, user: 'user_id' } };
const METRICS: PeriodRoute = { subject: 'Figures of sessions', filters: BY_AGENT };

const routeOf = ({ sessionPart }: SessionsQuery) => (sessionPart === 'metrics' ? METRICS : LIST);

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
