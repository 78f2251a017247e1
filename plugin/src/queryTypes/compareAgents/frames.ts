import type { DataFrame } from '@grafana/data';
import { metricNamed } from '../../api/catalog';
import type { AgentComparison, Catalog } from '../../api/types';
import { distinctNames } from '../../distinct';
import { numberColumn, tableOf, textColumn, type Column } from '../../frames/columns';
import { AGENT_ID_OF_ROW, agentLinks } from '../../links';

type Agent = AgentComparison['agents'][number];

interface Context {
  catalog?: Catalog;
  datasourceUid: string;
}

/** One row per agent, one column per metric. */
export function comparisonFrames(
  refId: string,
  { agents, metrics }: AgentComparison,
  { catalog, datasourceUid }: Context,
): DataFrame[] {
  const names = distinctNames(agents.map(({ agent_id, name }) => ({ name: name ?? agent_id, id: agent_id })));
  const nameOf = new Map(agents.map(({ agent_id }, index) => [agent_id, names[index]]));
  return tableOf(refId, agents, [
    textColumn<Agent>('Agent', 'name', {
      value: ({ agent_id }) => nameOf.get(agent_id),
      config: { links: agentLinks(datasourceUid, AGENT_ID_OF_ROW) },
    }),
    // The link reads the id from this column.
    textColumn<Agent>('Agent ID', 'agent_id'),
    ...metrics.map((asked) => metricColumn(asked, catalog)),
  ]);
}

function metricColumn(asked: string, catalog: Catalog | undefined): Column<Agent> {
  const metric = metricNamed(catalog, asked);
  return numberColumn<Agent>(metric?.title ?? asked, asked, metric ? { unit: metric.unit } : {});
}
