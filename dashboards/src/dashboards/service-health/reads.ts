import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { promRange, promTable } from '../../lib/prometheus.js';
import { percentileColors, statusClassColors } from '../../lib/series-colors.js';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keepGreater, mergeTables } from '../../lib/transformations.js';
import { quantile, rate, SERVICE } from './selectors.js';

const HTTP = 'agentidp_analytics_http_request_duration_seconds';
const QUERY = 'agentidp_analytics_query_duration_ms';
const HITS = 'agentidp_analytics_cache_hits_total';
const MISSES = 'agentidp_analytics_cache_misses_total';

/** Prometheus extrapolates increases, so they can have meaningless decimals. */
const WHOLE = [set.unit('locale'), set.decimals(0)];
const chart = { width: 8, height: 8, noValue: 'No requests in this time range', draw: 'lines' } as const;
const requests = `sum by (method, route) (increase(${HTTP}_count{${SERVICE}}[$__range])) > 0`;
const failed = `sum by (method, route) (increase(${HTTP}_count{${SERVICE},status=~"5.."}[$__range]))`;
const p95OfRange =
  `histogram_quantile(0.95, sum by (le, method, route) ` +
  `(increase(${HTTP}_bucket{${SERVICE}}[$__range])))`;

export const requestPanels = [
  timeSeries({
    ...chart,
    title: 'Requests by status class',
    description: 'HTTP requests per second of the selected replicas, by class of HTTP status.',
    unit: 'reqps',
    draw: 'bars',
    stacked: true,
    targets: [
      promRange(
        `sum by (class) (label_replace(${rate(`${HTTP}_count`)}, "class", "\${1}xx", "status", "(.).*"))`,
        '{{class}}',
      ),
    ],
    overrides: statusClassColors,
  }),
  timeSeries({
    ...chart,
    title: 'Request duration',
    description: 'Median, 95th and 99th percentile of the duration of HTTP requests.',
    unit: 's',
    targets: [
      promRange(quantile(0.5, HTTP), 'p50'),
      promRange(quantile(0.95, HTTP), 'p95'),
      promRange(quantile(0.99, HTTP), 'p99'),
    ],
    overrides: percentileColors,
  }),
  timeSeries({
    ...chart,
    title: 'Server errors',
    description: 'Share of responses with status 500 or higher. Gaps are times without requests.',
    unit: 'percentunit',
    softMax: 0.01,
    targets: [
      promRange(
        `(sum(${rate(`${HTTP}_count`, 'status=~"5.."')}) or vector(0)) / (sum(${rate(`${HTTP}_count`)}) > 0)`,
        'Server errors',
      ),
    ],
    overrides: [{ field: 'Server errors', properties: [set.color(COLOR.bad)] }],
  }),
  table({
    title: 'Routes',
    description: 'Requests, server errors and 95th percentile of the duration by route.',
    unit: 'short',
    noValue: 'No requests in this time range',
    width: 24,
    height: 9,
    sortBy: 'Requests',
    targets: [promTable(requests), promTable(failed), promTable(p95OfRange)],
    transformations: [
      mergeTables,
      // Routes without requests in the time range have a p95 of NaN.
      keepGreater('Value #A', 0),
      arrange(
        ['method', 'route', 'Value #A', 'Value #B', 'Value #C'],
        {
          method: 'Method',
          route: 'Route',
          'Value #A': 'Requests',
          'Value #B': 'Server errors',
          'Value #C': 'p95',
        },
        ['Time'],
      ),
    ],
    overrides: [
      { field: 'Route', properties: [set.custom('width', 420)] },
      { field: 'Requests', properties: [...WHOLE, ...cell.bar(COLOR.calls)] },
      {
        field: 'Server errors',
        properties: [...WHOLE, ...cell.count(), ...cell.byThreshold('transparent', [0.5, COLOR.bad])],
      },
      { field: 'p95', properties: [set.unit('s')] },
    ],
  }),
];

export const cachePanels = [
  timeSeries({
    ...chart,
    title: 'Query duration p95 by endpoint',
    description: '95th percentile of the time to compute responses that were not cached.',
    unit: 'ms',
    noValue: 'No queries in this time range',
    targets: [promRange(quantile(0.95, QUERY, ['endpoint']), '{{endpoint}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Cache hits and misses',
    description: 'Responses per second that were served from the cache (hits) or computed (misses).',
    unit: 'reqps',
    noValue: 'No reads in this time range',
    draw: 'bars',
    stacked: true,
    targets: [promRange(`sum(${rate(HITS)})`, 'Hits'), promRange(`sum(${rate(MISSES)})`, 'Misses')],
    overrides: [
      { field: 'Hits', properties: [set.color(COLOR.good)] },
      { field: 'Misses', properties: [set.color(COLOR.warning)] },
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Cache hit rate by endpoint',
    description: 'Share of cache lookups that are hits. Gaps are times without reads.',
    unit: 'percentunit',
    noValue: 'No reads in this time range',
    max: 1,
    targets: [
      promRange(
        `sum by (endpoint) (${rate(HITS)}) / ` +
          `(sum by (endpoint) (${rate(HITS)}) + sum by (endpoint) (${rate(MISSES)}) > 0)`,
        '{{endpoint}}',
      ),
    ],
  }),
];
