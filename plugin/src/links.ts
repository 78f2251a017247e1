/** Links from data to the dashboard of an agent, an execution, or the executions of a session. */
import type { DataLink } from '@grafana/data';

/** An id, or an expression that Grafana replaces with an id. */
type Id = { id: string } | { expression: string };

export function agentLinks(datasourceUid: string, agent: Id): DataLink[] {
  return linkTo('Agent detail', 'agentidp-agent-detail', 'agent', agent, datasourceUid);
}

export function executionLinks(datasourceUid: string, execution: Id): DataLink[] {
  return linkTo('Execution', 'agentidp-execution', 'execution', execution, datasourceUid);
}

export function sessionLinks(datasourceUid: string, session: Id): DataLink[] {
  return linkTo('Executions of the session', 'agentidp-executions', 'session', session, datasourceUid);
}

/** Expressions for ids in the same row of a table. */
export const AGENT_OF_ROW = { expression: '${__data.fields.agent:percentencode}' };
export const AGENT_ID_OF_ROW = { expression: '${__data.fields["Agent ID"]:percentencode}' };
export const SESSION_OF_ROW = { expression: '${__data.fields.Session:percentencode}' };
export const EXECUTION_OF_ROW = { expression: '${__data.fields.Execution:percentencode}' };

/** @param uid of the dashboard @param variable of the dashboard that is set to the id */
function linkTo(title: string, uid: string, variable: string, of: Id, datasourceUid: string): DataLink[] {
  const value = 'id' in of ? encodeURIComponent(of.id) : of.expression;
  const url = `/d/${uid}?var-${variable}=${value}&var-datasource=${encodeURIComponent(datasourceUid)}&\${__url_time_range}`;
  return [{ title, url }];
}
