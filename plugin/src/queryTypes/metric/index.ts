import { findMetric } from '../../api/catalog';
import type { PanelQueryTypeDefinition } from '../definition';
import { toFrames } from './frames';
import { labels } from './labels';
import { planMetric } from './plan';
import type { MetricQuery } from './query';

/** A metric of the catalog, over time, as a table or as a heatmap. */
export const metric: PanelQueryTypeDefinition<'metric', MetricQuery> = {
  type: 'metric',
  label: labels.label,
  description: labels.description,
  defaults: { metric: 'api_calls' },
  removedWithType: ['sparkline', 'previous'],
  loadEditor: async () => (await import('./MetricEditor')).MetricEditor,
  isComplete: (query) => Boolean(query.metric),
  displayText: ({ metric: name, groupBy }) =>
    groupBy.length > 0 ? `${name} by ${groupBy.join(', ')}` : name,
  interpolate: ({ alias }, { text }) => ({ alias: text(alias) }),
  filterDimensions: (query, catalog) => findMetric(catalog, query.metric)?.dimensions,
  whyNotFiltered: (query, catalog) =>
    `${findMetric(catalog, query.metric)?.title} does not have this dimension`,
  needsCatalog: () => true,
  request: (query, context) => ({
    plan: planMetric(query, context),
    toFrames: (answered, { qualified }) =>
      toFrames(answered, { datasourceUid: context.datasourceUid, qualified }),
  }),
};
