import { timeSeries } from '../../lib/chart.js';
import { COLOR, set } from '../../lib/color.js';
import { promRange, promTable } from '../../lib/prometheus.js';
import { percentileColors, statusClassColors } from '../../lib/series-colors.js';
import { cell, table } from '../../lib/table.js';
import { arrange, keepGreater, mergeTables } from '../../lib/transformations.js';
import { quantile, rate, SERVICE } from './selectors.js';

const HTTP = 'agentidp_analytics_http_request_duration_seconds';
const QUERY = 'agentidp_analytics_query_duration_ms';
const HITS = 'agentidp_analytics_cache_hits_total';
const MISSES = 'agentidp_analytics_cache_misses_total';

/** An increase is extrapolated to the ends of the range, so it may have decimals that mean nothing. */
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
    description: 'HTTP requests a second of all chosen replicas, by the first digit of the status.',
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
    description: 'Half, 95 and 99 of 100 requests were answered within this time.',
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
    description: 'Answers with 500 or more as part of all answers; a gap is a time without requests.',
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
    description: 'Requests, server errors and p95 of each route over the time range.',
    unit: 'short',
    noValue: 'No requests in this time range',
    width: 24,
    height: 9,
    sortBy: 'Requests',
    targets: [promTable(requests), promTable(failed), promTable(p95OfRange)],
    transformations: [
      mergeTables,
      // A route that nobody asked in the time range has a p95 that is no number.
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
    description: 'Time to compute the answers that the cache did not have: 95 of 100 took at most this long.',
    unit: 'ms',
    noValue: 'No queries in this time range',
    targets: [promRange(quantile(0.95, QUERY, ['endpoint']), '{{endpoint}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Cache hits and misses',
    description: 'Answers a second that came from the cache, and those that had to be computed.',
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
    description: 'Hits as part of hits and misses; a gap is a time without reads.',
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
