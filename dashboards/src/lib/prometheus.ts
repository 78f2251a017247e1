import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PROMETHEUS_PLUGIN_ID, VARIABLE } from 'agentidp-analytics-panels/names';
import type { Target } from 'agentidp-analytics-panels/target';

export const prometheusDatasource = { type: PROMETHEUS_PLUGIN_ID, uid: `\${${VARIABLE.prometheus}}` };

/**
 * A PromQL range query.
 * @param legend may contain `{{label}}`
 * @param minStep scrape interval, if it is longer than the data source's default, so that `$__rate_interval` always covers
 *   two samples
 */
export function promRange(expr: string, legend: string, minStep?: string): Target {
  return target((refId) => {
    const query = base(refId, expr, legend).range();
    return minStep ? query.interval(minStep) : query;
  });
}

/** A PromQL instant query at the end of the time range. */
export function promInstant(expr: string, legend: string): Target {
  return target((refId) => base(refId, expr, legend).instant());
}

/** Like {@link promInstant}, as a table with one column per label. */
export function promTable(expr: string): Target {
  return target((refId) => base(refId, expr, '').format(PromQueryFormat.Table).instant());
}

function target(query: Target['query']): Target {
  return { datasource: prometheusDatasource, query };
}

function base(refId: string, expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId).datasource(prometheusDatasource).expr(expr).legendFormat(legend);
}
