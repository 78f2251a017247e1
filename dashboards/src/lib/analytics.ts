import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { AnalyticsQuery, Filter } from '../../../plugin/src/types.js';
import { ANALYTICS_PLUGIN_ID, VARIABLE } from './names.js';
import type { Target } from './target.js';

export type { AnalyticsQuery, Filter };

export const analyticsDatasource = { type: ANALYTICS_PLUGIN_ID, uid: `\${${VARIABLE.datasource}}` };

/** The agents chosen in the dashboard's variable; the plugin turns All into no filter. */
export const chosenAgents: Filter = {
  dimension: 'agent',
  operator: 'in',
  values: [`$${VARIABLE.agent}`],
};

const defaults = { groupBy: [], filters: [], interval: 'auto', format: 'timeseries' } as const;

/** A query of the plugin. What is left out is a time series of the whole tenant in the panel's interval. */
export function analytics(query: Partial<AnalyticsQuery> & Pick<AnalyticsQuery, 'metric'>): Target {
  return {
    datasource: analyticsDatasource,
    query: (refId) => plain({ refId, datasource: analyticsDatasource, ...defaults, ...query }),
  };
}

/** A query as the SDK wants it. Its marker is a function, so that it never reaches the JSON. */
function plain(query: object): Builder<Dataquery> {
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => undefined }) };
}
