import { map } from 'rxjs';
import type { PanelQueryTypeDefinition } from '../definition';
import { reportFrames, runFrames } from './frames';
import { labels } from './labels';
import type { ReportsQuery } from './query';

/** Reports as they are now, or the runs of one. */
export const reports: PanelQueryTypeDefinition<'reports', ReportsQuery> = {
  type: 'reports',
  label: labels.label,
  description: labels.description,
  defaults: { format: 'table' },
  loadEditor: async () => (await import('./ReportsEditor')).ReportsEditor,
  isComplete: () => true,
  displayText: ({ reportId }) => (reportId ? `${labels.label}: ${reportId}` : labels.label),
  interpolate: ({ reportId }, { text }) => ({ reportId: text(reportId) }),
  filterDimensions: () => [],
  whyNotFiltered: () => 'reports cannot be filtered',
  request: ({ refId, reportId }, _context, client) => ({
    frames: reportId
      ? client.reportRuns(reportId).pipe(map((runs) => runFrames(refId, reportId, runs, client.reportPage)))
      : client.reports().pipe(map((all) => reportFrames(refId, all, client.reportPage))),
  }),
};
