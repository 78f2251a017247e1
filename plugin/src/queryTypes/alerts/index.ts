import { map } from 'rxjs';
import { readPages } from '../../queries/pages';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { alertFrames } from './frames';
import { labels } from './labels';

/** As many as a tenant may have. */
const MAX_ALERTS = 1_000;

/** All alerts as they are now. */
export const alerts: PanelQueryTypeDefinition<'alerts', BaseQuery> = {
  type: 'alerts',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./AlertsEditor')).AlertsEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  filterDimensions: () => [],
  whyNotFiltered: () => 'alerts cannot be filtered',
  request: ({ refId }, _context, client) => ({
    frames: readPages(
      ({ size, cursor }) => client.alerts({ limit: size, cursor }),
      (page) => page.alerts,
      { limit: MAX_ALERTS, pageSize: MAX_ALERTS },
    ).pipe(map(({ items }) => alertFrames(refId, items))),
  }),
};
