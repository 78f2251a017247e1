import { map } from 'rxjs';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { liveFrames } from './frames';
import { labels } from './labels';

/** What is happening now, as a stream. */
export const live: PanelQueryTypeDefinition<'live', BaseQuery> = {
  type: 'live',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./LiveEditor')).LiveEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  filterDimensions: () => [],
  whyNotFiltered: () => 'Live figures are of the whole tenant',
  request: ({ refId }, _context, client) => ({
    stream: client.live().pipe(map((points) => liveFrames(refId, points))),
  }),
};
