import { map } from 'rxjs';
import type { PanelQueryTypeDefinition } from '../definition';
import { recommendationFrames } from './frames';
import { labels } from './labels';
import type { RecommendationsQuery } from './query';

/** Ways to spend less. */
export const recommendations: PanelQueryTypeDefinition<'recommendations', RecommendationsQuery> = {
  type: 'recommendations',
  label: labels.label,
  description: labels.description,
  defaults: { recommendationPart: 'list', format: 'table' },
  loadEditor: async () => (await import('./RecommendationsEditor')).RecommendationsEditor,
  isComplete: () => true,
  displayText: ({ recommendationPart = 'list' }) => `${labels.label}: ${recommendationPart}`,
  filterDimensions: () => [],
  whyNotFiltered: () => 'recommendations cannot be filtered',
  request: (query, { datasourceUid }, client) => ({
    frames: client.recommendations().pipe(map((all) => recommendationFrames(query, all, datasourceUid))),
  }),
};
