import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { analytics, type Filter } from './analytics.js';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import type { PanelSpec } from 'agentidp-analytics-panels/panel';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keepGreater, mergeTables, shareOf } from './transformations.js';
import { TREND } from './agent-table.js';

export interface EndpointTableSpec extends Pick<PanelSpec, 'title' | 'description' | 'width' | 'height'> {
  /** Maximum number of endpoints, by calls. */
  limit: number;
  filters: Filter[];
  /** Whether to add p95, which is only available for all agents together. */
  percentiles: boolean;
}

const CALLS = 'Calls';

/** A table of endpoints with calls, share, errors and durations. */
export function endpointTable(spec: EndpointTableSpec): PanelBuilder {
  const { limit, filters, percentiles, ...text } = spec;
  const column = (metric: string, alias: string, more: object = { filters }) =>
    analytics({ metric, groupBy: ['endpoint'], interval: 'none', format: 'table', alias, ...more });
  const order = ['endpoint', CALLS, TREND, 'Share', 'Errors', 'Error rate', 'Average', 'p95'];
  return table({
    ...text,
    unit: 'short',
    noValue: 'No calls in this time range',
    sortBy: CALLS,
    targets: [
      column('api_calls', CALLS, { filters, limit, sparkline: true }),
      column('api_errors', 'Errors'),
      column('api_error_rate', 'Error rate'),
      column('api_duration_avg_ms', 'Average'),
      ...(percentiles ? [column('api_duration_p95_ms', 'p95', {})] : []),
    ],
    transformations: [
      mergeTables,
      // The other queries also return endpoints beyond the limit. Those rows have no calls.
      keepGreater(CALLS, 0),
      shareOf('Share', CALLS),
      arrange(order),
    ],
    overrides: [
      { field: 'endpoint', properties: [set.displayName('Endpoint'), set.custom('width', 260)] },
      { field: TREND, properties: [set.displayName('Trend'), ...cell.sparkline(COLOR.calls)] },
      { field: 'Errors', properties: cell.count() },
      { field: 'Share', properties: [set.unit('percentunit'), set.decimals(1), ...cell.bar(COLOR.calls)] },
      {
        field: 'Error rate',
        properties: [
          set.unit('percent'),
          set.decimals(2),
          ...cell.byThreshold('transparent', [2, COLOR.warning], [5, COLOR.bad]),
        ],
      },
      { field: { regexp: '/^(Average|p95)$/' }, properties: [set.unit('ms'), set.decimals(1)] },
    ],
  });
}
