/** Links from data to the dashboard of one agent. */
import type { DataLink } from '@grafana/data';

/** uid of the dashboard, and the variables it takes. */
const AGENT_DETAIL = 'agentidp-agent-detail';

/** @param agent the agent's id: `{ id }` itself, or an expression that Grafana replaces with it */
export function agentLinks(
  datasourceUid: string,
  agent: { id: string } | { expression: string },
): DataLink[] {
  const value = 'id' in agent ? encodeURIComponent(agent.id) : agent.expression;
  return [
    {
      title: 'Agent detail',
      url: `/d/${AGENT_DETAIL}?var-agent=${value}&var-datasource=${encodeURIComponent(datasourceUid)}&\${__url_time_range}`,
    },
  ];
}

/** The id in the same row of a table. */
export const AGENT_OF_ROW = { expression: '${__data.fields.agent:percentencode}' };
