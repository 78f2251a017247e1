import { throwError } from 'rxjs';
import { BY_AGENT, filtersOf, requestPeriod, type PeriodRoute } from '../../queries/periodRoute';
import type { PanelQueryTypeDefinition } from '../definition';
import { funnelFrames } from './frames';
import { labels } from './labels';
import type { FunnelQuery } from './query';
import { formatSteps, problemOf } from './steps';

const ROUTE: PeriodRoute = { subject: 'A funnel of sessions', filters: BY_AGENT };

/** How many sessions did some steps one after the other. */
export const funnel: PanelQueryTypeDefinition<'funnel', FunnelQuery> = {
  type: 'funnel',
  label: labels.label,
  description: labels.description,
  defaults: { format: 'bars', funnelSteps: [] },
  loadEditor: async () => (await import('./FunnelEditor')).FunnelEditor,
  isComplete: ({ funnelSteps = [] }) => funnelSteps.length > 0,
  displayText: ({ funnelSteps = [] }) => `${labels.label}: ${formatSteps(funnelSteps)}`,
  interpolate: ({ funnelSteps }, { texts }) => (funnelSteps ? { funnelSteps: texts(funnelSteps) } : {}),
  ...filtersOf(ROUTE),
  request: (query, context, client) => {
    const { funnelSteps = [] } = query;
    const problem = problemOf(funnelSteps);
    return {
      frames: problem
        ? throwError(() => new Error(problem))
        : requestPeriod(
            query,
            context,
            ROUTE,
            (parameters) => client.sessionFunnel({ ...parameters, steps: funnelSteps }),
            ({ steps }) => funnelFrames(query, steps),
          ),
    };
  },
};
