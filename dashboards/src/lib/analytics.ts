import type { AnalyticsQuery } from 'agentidp-analytics-datasource/query';
import type { Filter } from 'agentidp-analytics-datasource/types';
import { stored as storedQuery } from 'agentidp-analytics-panels/analytics';
import { VARIABLE } from 'agentidp-analytics-panels/names';
import type { Target } from 'agentidp-analytics-panels/target';

export type { AnalyticsQuery, Filter };

/** Filters by the dashboard's agent variable. For All, the plugin omits the filter. */
export const chosenAgents: Filter = {
  dimension: 'agent',
  operator: 'in',
  values: [`$${VARIABLE.agent}`],
};

/** Filters by the dashboard's variable of a dimension. For All, the plugin omits the filter. */
export const chosen = (dimension: 'agentTag' | 'user' | 'environment'): Filter => ({
  dimension,
  operator: 'in',
  values: [`$${VARIABLE[dimension]}`],
});

/** Only executions that no other one has called, as `GET /overview` counts them. */
export const topLevel: Filter = { dimension: 'level', operator: 'in', values: ['top'] };

const defaults = { groupBy: [], filters: [], interval: 'auto', format: 'timeseries' } as const;

/** A query of the plugin. By default, a time series of the whole tenant in the panel's interval. */
export function analytics(query: Partial<AnalyticsQuery> & Pick<AnalyticsQuery, 'metric'>): Target {
  return stored({ ...defaults, ...query });
}

/** The value of the time range and of the previous period, for a stat that shows the change. */
export function withChange(metric: string, filters: Filter[] = []): Target {
  return analytics({ metric, filters, interval: 'none', previous: true });
}

/** The executions of the time range, one per row. */
export function executionList(
  query: Pick<AnalyticsQuery, 'limit' | 'sessionId'> & { filters: Filter[] },
): Target {
  return stored({ ...defaults, queryType: 'executions', metric: '', format: 'table', ...query });
}

/** A part of the execution in the dashboard's variable. All parts are read in one request. */
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

/** A report of a type of its own, such as the flows of sessions. */
export function report(query: Partial<AnalyticsQuery> & Pick<AnalyticsQuery, 'queryType'>): Target {
  return stored({ ...defaults, metric: '', format: 'table', ...query });
}

/** This month's cost, actual and projected, as a time series or as one row. */
export function forecast(format: 'timeseries' | 'table'): Target {
  return stored({ ...defaults, queryType: 'forecast', metric: '', format });
}

/** Budgets with spend and state, one per row. */
export function budgets(): Target {
  return stored({ ...defaults, queryType: 'budgets', metric: '', format: 'table' });
}

/** Alerts with their state, one per row. */
export function alerts(): Target {
  return stored({ ...defaults, queryType: 'alerts', metric: '', format: 'table' });
}

/** Reports with their last runs, one per row. */
export function reports(): Target {
  return stored({ ...defaults, queryType: 'reports', metric: '', format: 'table' });
}

function stored(query: Omit<AnalyticsQuery, 'refId' | 'groupBy' | 'filters'> & object): Target {
  return storedQuery(query);
}
