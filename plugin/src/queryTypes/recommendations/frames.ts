/** Recommendations as a list, or their total. */
import type { DataFrame } from '@grafana/data';
import type { Recommendation, Recommendations } from '../../api/types';
import { COUNT, numberColumn, tableOf, textColumn, USD, type Column } from '../../frames/columns';
import { AGENT_ID_OF_ROW, agentLinks, EXECUTION_OF_ROW, executionLinks } from '../../links';
import type { RecommendationsQuery } from './query';

export function recommendationFrames(
  { refId, recommendationPart, showDismissed }: RecommendationsQuery,
  { recommendations, total_savings }: Recommendations,
  datasourceUid: string,
): DataFrame[] {
  const open = recommendations.filter(({ dismissed }) => !dismissed);
  return recommendationPart === 'total'
    ? tableOf(refId, [{ total_savings, open: open.length }], TOTAL)
    : tableOf(refId, showDismissed ? recommendations : open, listColumns(datasourceUid));
}

const TOTAL: Array<Column<Pick<Recommendations, 'total_savings'> & { open: number }>> = [
  numberColumn('Savings', 'total_savings', USD),
  numberColumn('Recommendations', 'open', COUNT),
];

function listColumns(datasourceUid: string): Array<Column<Recommendation>> {
  return [
    textColumn('Recommendation', 'title'),
    numberColumn('Savings', 'savings', USD),
    textColumn('Action', 'action'),
    textColumn('Kind', 'kind', { value: ({ kind }) => words(kind) }),
    textColumn('Agent', 'agent_id', { config: { links: agentLinks(datasourceUid, AGENT_ID_OF_ROW) } }),
    // The link reads the id from this column.
    textColumn('Agent ID', 'agent_id'),
    textColumn('Model', 'model'),
    textColumn('Evidence', 'evidence', { value: ({ evidence }) => evidence.arithmetic }),
    textColumn('Execution', 'evidence', {
      value: ({ evidence }) => evidence.executions[0] ?? null,
      config: { links: executionLinks(datasourceUid, EXECUTION_OF_ROW) },
    }),
    textColumn('Caveat', 'caveat'),
    textColumn('Dismissed', 'dismissed', { value: ({ dismissed }) => (dismissed ? 'yes' : 'no') }),
    textColumn('ID', 'id'),
  ];
}

/** Converts `cheaper_model` to `cheaper model`. */
function words(name: string): string {
  return name.replaceAll('_', ' ');
}
