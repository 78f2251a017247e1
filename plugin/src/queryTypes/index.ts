/** The query types. To add one, create its folder and list its definition here. */
import type { BaseQuery } from '../types';
import { alerts } from './alerts';
import { annotation } from './annotation';
import { budgets } from './budgets';
import { compareAgents } from './compareAgents';
import { dimensionValues } from './dimensionValues';
import { dropoff } from './dropoff';
import { execution } from './execution';
import { executions } from './executions';
import { flows } from './flows';
import { forecast } from './forecast';
import { funnel } from './funnel';
import { live } from './live';
import { metric } from './metric';
import { recommendations } from './recommendations';
import { reports } from './reports';
import { sessions } from './sessions';
import { team } from './team';
import { tools } from './tools';
import { userActivity } from './userActivity';

/** In the order of the query editor's menu. */
export const QUERY_TYPES = [
  metric,
  executions,
  execution,
  sessions,
  flows,
  dropoff,
  funnel,
  tools,
  team,
  userActivity,
  compareAgents,
  recommendations,
  budgets,
  alerts,
  forecast,
  live,
  reports,
  annotation,
  dimensionValues,
] as const;

type Definition = (typeof QUERY_TYPES)[number];
type PanelDefinition = Extract<Definition, { loadEditor: unknown }>;

export type QueryType = Definition['type'];
export type PanelQueryType = PanelDefinition['type'];

type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
type FieldsOfAllTypes = Intersection<Parameters<Definition['request']>[0]>;

/** The query as stored in a dashboard. It has the fields of all query types, so that changing the type loses nothing. */
export interface AnalyticsQuery extends FieldsOfAllTypes {
  /** Default `metric`. */
  queryType?: QueryType;
}

export const PANEL_QUERY_TYPES: readonly PanelDefinition[] = QUERY_TYPES.filter(isPanelDefinition);

export function findQueryType(type: string | undefined): Definition | undefined {
  return QUERY_TYPES.find((definition) => definition.type === (type ?? metric.type));
}

/** The definition of the query's type. An unknown type is treated as a metric. */
export function queryTypeOf({ queryType }: Pick<BaseQuery, 'queryType'>): Definition {
  return findQueryType(queryType) ?? metric;
}

function isPanelDefinition(definition: Definition): definition is PanelDefinition {
  return 'loadEditor' in definition;
}
