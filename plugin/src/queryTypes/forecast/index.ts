import { map } from 'rxjs';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { forecastFrames } from './frames';
import { labels } from './labels';

/** The cost of this month, to date and projected. */
export const forecast: PanelQueryTypeDefinition<'forecast', BaseQuery> = {
  type: 'forecast',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./ForecastEditor')).ForecastEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  filterDimensions: () => [],
  whyNotFiltered: () => 'the forecast cannot be filtered',
  request: (query, _context, client) => ({
    frames: client.forecast().pipe(map((month) => forecastFrames(query, month))),
  }),
};
