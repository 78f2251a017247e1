import { map } from 'rxjs';
import type { BaseQuery } from '../../types';
import type { PanelQueryTypeDefinition } from '../definition';
import { budgetFrames } from './frames';
import { labels } from './labels';

/** All budgets as they are now. */
export const budgets: PanelQueryTypeDefinition<'budgets', BaseQuery> = {
  type: 'budgets',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./BudgetsEditor')).BudgetsEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  filterDimensions: () => [],
  whyNotFiltered: () => 'budgets cannot be filtered',
  request: ({ refId }, _context, client) => ({
    frames: client.budgets().pipe(map((all) => budgetFrames(refId, all))),
  }),
};
