import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { agentColumns, agentTotals } from '../lib/agent-table.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { pieChart, timeSeries, type TimeSeriesSpec } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, joinByTime, shareOf, sumOf } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, filtersVariable } from '../lib/variables.js';

const SUCCESSFUL = 'Successful';
const FAILED = 'Failed';
const TOTAL = 'Total';
const THIS_MONTH = 'now/M';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], interval: 'day', ...more });

const figure = { width: 4, height: 4, unit: 'short', noValue: 'No tokens', calc: 'sum', graph: true };
const requests = (interval: 'day' | 'week') => [
  query('token_issuances', { interval, alias: SUCCESSFUL }),
  query('token_failures', { interval, alias: FAILED }),
];
const total = [joinByTime, sumOf(TOTAL, [SUCCESSFUL, FAILED])];

const totals = [
  stat({
    ...figure,
    title: 'Token requests',
    description: 'Issued tokens and refused requests in the time range. The sparkline shows daily values.',
    color: COLOR.calls,
    fields: `/^${TOTAL}$/`,
    targets: requests('day'),
    transformations: total,
  }),
  stat({
    ...figure,
    title: 'Successful',
    description: 'Tokens issued in the time range. The sparkline shows daily values.',
    color: COLOR.good,
    targets: [query('token_issuances')],
  }),
  stat({
    ...figure,
    title: 'Failed',
    description: 'Token requests that were refused in the time range. The sparkline shows daily values.',
    color: COLOR.bad,
    targets: [query('token_failures')],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Failure rate',
    description: 'Share of token requests that were refused.',
    unit: 'percent',
    decimals: 2,
    calc: 'lastNotNull',
    thresholds: [COLOR.good, [5, COLOR.warning], [10, COLOR.bad]],
    targets: [query('token_failure_rate', { interval: 'none', format: 'table' })],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Unique agents',
    description: 'Agents that requested at least one token in the time range, including refused requests.',
    noValue: 'No agents',
    color: COLOR.calls,
    calc: 'lastNotNull',
    targets: [query('token_active_agents', { interval: 'none', format: 'table' })],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Busiest day',
    description: 'Tokens issued on the day with the most tokens.',
    color: COLOR.calls,
    calc: 'max',
    targets: [query('token_issuances')],
  }),
];

/** Stacked bars of successful and failed requests. The height is the total, which the tooltip also shows. */
function requestBars(interval: 'day' | 'week', spec: Pick<TimeSeriesSpec, 'title' | 'description'>) {
  return timeSeries({
    ...spec,
    unit: 'short',
    noValue: 'No token requests in this time range',
    width: 16,
    height: 9,
    draw: 'bars',
    stacked: true,
    legendCalcs: ['sum', 'mean', 'max'],
    targets: requests(interval),
    transformations: total,
    overrides: [
      { field: SUCCESSFUL, properties: [set.color(COLOR.good)] },
      { field: FAILED, properties: [set.color(COLOR.bad)] },
      {
        field: TOTAL,
        properties: [
          set.color(COLOR.total),
          set.custom('drawStyle', 'line'),
          // Follows the tops of the bars.
          set.custom('lineInterpolation', 'stepAfter'),
          set.custom('lineWidth', 1),
          set.custom('fillOpacity', 0),
          set.custom('stacking', { mode: 'none', group: 'B' }),
        ],
      },
    ],
  });
}

const uniqueAgents = timeSeries({
  title: 'Unique agents by day',
  description: 'Agents that requested at least one token on the day, including refused requests.',
  unit: 'short',
  noValue: 'No token requests in this time range',
  width: 8,
  height: 9,
  draw: 'lines',
  targets: [query('token_active_agents', { alias: 'Agents' })],
});

const failureRate = timeSeries({
  title: 'Failure rate by day',
  description: 'Share of token requests of the day that were refused. Gaps are days without requests.',
  unit: 'percent',
  noValue: 'No token requests in this time range',
  width: 8,
  height: 9,
  draw: 'lines',
  softMax: 10,
  targets: [query('token_failure_rate', { alias: 'Failure rate' })],
  overrides: [{ field: 'Failure rate', properties: [set.color(COLOR.bad)] }],
});

const thisMonth = [
  query('token_issuances', { interval: 'none', groupBy: ['agent'], format: 'table', alias: 'Tokens' }),
];

const monthTable = table({
  title: 'This month by agent',
  description:
    'Tokens issued since the beginning of this month (UTC) and their share, independent of the time range.',
  unit: 'short',
  noValue: 'No tokens issued this month',
  width: 14,
  height: 10,
  sortBy: 'Tokens',
  timeFrom: THIS_MONTH,
  targets: thisMonth,
  transformations: [shareOf('Share', 'Tokens'), arrange(['agent', 'agentName', 'Tokens', 'Share'])],
  overrides: [
    ...agentColumns(),
    { field: 'Share', properties: [set.unit('percentunit'), set.decimals(1), ...cell.bar(COLOR.good)] },
  ],
});

const monthPie = pieChart({
  title: 'Share by agent this month',
  description: 'The ten agents with the most tokens issued since the beginning of this month (UTC).',
  unit: 'short',
  noValue: 'No tokens issued this month',
  width: 10,
  height: 10,
  timeFrom: THIS_MONTH,
  targets: [
    query('token_issuances', {
      interval: 'none',
      groupBy: ['agent'],
      format: 'table',
      alias: 'Tokens',
      limit: 10,
    }),
  ],
  transformations: [arrange(['agentName', 'Tokens'], {}, ['agent'])],
});

const failing = timeSeries({
  title: 'Failed requests by agent',
  description: 'The ten agents with the most refused token requests. A retry loop shows up as a tall block.',
  unit: 'short',
  noValue: 'No failed token requests in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  targets: [
    query('token_failures', { interval: 'auto', groupBy: ['agent'], limit: 10, alias: '{{agentName}}' }),
  ],
});

const byAgent = table({
  title: 'Token requests by agent',
  description: 'Issued tokens, refused requests and failure rate by agent.',
  unit: 'short',
  noValue: 'No token requests in this time range',
  width: 12,
  height: 10,
  sortBy: 'Failed',
  ...agentTotals([
    { metric: 'token_issuances', title: 'Successful', sparkline: true },
    { metric: 'token_failures', title: 'Failed' },
    { metric: 'token_failure_rate', title: 'Failure rate' },
  ]),
  overrides: [
    ...agentColumns(COLOR.good),
    { field: { regexp: `/^(${SUCCESSFUL}|${FAILED})$/` }, properties: cell.count() },
    {
      field: 'Failure rate',
      properties: [
        set.unit('percent'),
        set.decimals(1),
        ...cell.byThreshold('transparent', [5, COLOR.warning], [10, COLOR.bad]),
      ],
    },
  ],
});

export const tokenTrends = buildDashboard({
  uid: DASHBOARD_UID.tokenTrends,
  title: 'Token trends',
  description: 'Issued tokens and refused requests by day, week and agent.',
  tags: [DROPDOWN_TAG],
  from: 'now-90d/d',
  refresh: '1m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [rotationAnnotation(false), jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    {
      title: 'Over time',
      panels: [
        requestBars('day', {
          title: 'Token requests by day',
          description: 'Issued tokens and refused requests per day (UTC). The line is the total.',
        }),
        failureRate,
        requestBars('week', {
          title: 'Token requests by week',
          description:
            'Issued tokens and refused requests per ISO week, shown at its Monday. The line is the total. ' +
            'The first and last weeks may be partial.',
        }),
        uniqueAgents,
      ],
    },
    { title: 'This month', panels: [monthTable, monthPie] },
    { title: 'Agents', panels: [failing, byAgent] },
  ],
});
