import { defer, map } from 'rxjs';
import type { PanelQueryTypeDefinition } from '../definition';
import { executionListFrames } from './frames';
import { labels } from './labels';
import { filterDimensions, readExecutions } from './list';
import type { ExecutionsQuery } from './query';

/** The executions of the time range, one per row. */
export const executions: PanelQueryTypeDefinition<'executions', ExecutionsQuery> = {
  type: 'executions',
  label: labels.label,
  description: labels.description,
  defaults: {},
  loadEditor: async () => (await import('./ExecutionsEditor')).ExecutionsEditor,
  isComplete: () => true,
  displayText: () => labels.label,
  interpolate: ({ sessionId }, { text }) => ({ sessionId: text(sessionId)?.trim() }),
  filterDimensions: (_, catalog) => filterDimensions(catalog),
  whyNotFiltered: () => 'the list of executions does not support this filter',
  request: (query, { range, catalog, datasourceUid }, client) => ({
    frames: defer(() => readExecutions(client, query, range, catalog)).pipe(
      map((list) => executionListFrames(query.refId, list, datasourceUid)),
    ),
  }),
};
