import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { AnalyticsQuery } from 'agentidp-analytics-datasource/query';
import type { Filter } from 'agentidp-analytics-datasource/types';
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
  return stored({ ...defaults, ...query });
}

/** One figure of the time range, and of the period before, which a stat shows as its change. */
export function withChange(metric: string, filters: Filter[] = []): Target {
  return analytics({ metric, filters, interval: 'none', previous: true });
}

/** The executions of the time range, one a row. */
export function executionList(query: Pick<AnalyticsQuery, 'limit'> & { filters: Filter[] }): Target {
  return stored({ ...defaults, queryType: 'executions', metric: '', format: 'table', ...query });
}

/** The execution of the dashboard's variable, or a part of it; the parts are read in one request. */
export function execution(part: NonNullable<AnalyticsQuery['part']>): Target {
  return stored({
    ...defaults,
    queryType: 'execution',
    metric: '',
    format: 'table',
    executionId: `$${VARIABLE.execution}`,
    part,
  });
}

/** This month's cost, so far and projected: its course, or one row. */
export function forecast(format: 'timeseries' | 'table'): Target {
  return stored({ ...defaults, queryType: 'forecast', metric: '', format });
}

/** Budgets with their spend and state, one a row. */
export function budgets(): Target {
  return stored({ ...defaults, queryType: 'budgets', metric: '', format: 'table' });
}

function stored(query: Omit<AnalyticsQuery, 'refId' | 'groupBy' | 'filters'> & object): Target {
  return {
    datasource: analyticsDatasource,
    query: (refId) => plain({ refId, datasource: analyticsDatasource, ...query }),
  };
}

/** A query as the SDK wants it. Its marker is a function, so that it never reaches the JSON. */
function plain(query: object): Builder<Dataquery> {
  return { build: () => ({ ...query, _implementsDataqueryVariant: () => undefined }) };
}
