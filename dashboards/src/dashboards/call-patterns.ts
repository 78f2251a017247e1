import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { barChart, pieChart, timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { endpointTable } from '../lib/endpoint-table.js';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { percentileColors, statusClassColors } from '../lib/series-colors.js';
import { arrange, keepGreater } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, filtersVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], ...more });
/** Percentiles are kept by endpoint and status, not by agent, so the agent filter does not apply. */
const percentile = (p: number, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric: `api_duration_p${p}_ms`, ...more });
const ALL_AGENTS =
  'Always covers all agents, because percentiles are available by endpoint, but not by agent.';

const figure = { width: 4, height: 4, noValue: 'No calls', calc: 'lastNotNull' };
const one = { interval: 'none', format: 'table' } as const;

const totals = [
  stat({
    ...figure,
    title: 'API calls',
    description: 'API calls in the time range.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('api_calls')],
  }),
  stat({
    ...figure,
    title: 'Errors',
    description: 'API calls with status 400 or higher in the time range.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.bad,
    targets: [query('api_errors')],
  }),
  stat({
    ...figure,
    title: 'Error rate',
    description: 'Share of API calls that are errors.',
    unit: 'percent',
    decimals: 2,
    thresholds: [COLOR.good, [2, COLOR.warning], [5, COLOR.bad]],
    targets: [query('api_error_rate', one)],
  }),
  stat({
    ...figure,
    title: 'Average duration',
    description: 'Average duration of API calls, for calls that reported a duration.',
    unit: 'ms',
    color: COLOR.calls,
    targets: [query('api_duration_avg_ms', one)],
  }),
  stat({
    ...figure,
    title: 'p95 duration',
    description: `95th percentile of the duration of API calls. ${ALL_AGENTS}`,
    unit: 'ms',
    color: COLOR.calls,
    targets: [percentile(95, one)],
  }),
  stat({
    ...figure,
    title: 'p99 duration',
    description: `99th percentile of the duration of API calls. ${ALL_AGENTS}`,
    unit: 'ms',
    color: COLOR.calls,
    targets: [percentile(99, one)],
  }),
];

const endpoints = endpointTable({
  title: 'Endpoints',
  description:
    'The 50 endpoints with the most calls. Ids in paths are shown as {id}. Shares refer to the listed endpoints. ' +
    'p95 always covers all agents.',
  width: 24,
  height: 14,
  limit: 50,
  filters: [chosenAgents],
  percentiles: true,
});

const callsOverTime = timeSeries({
  title: 'Calls by endpoint over time',
  description: 'API calls of the ten endpoints with the most calls.',
  unit: 'short',
  noValue: 'No calls in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  targets: [query('api_calls', { groupBy: ['endpoint'], limit: 10, alias: '{{endpoint}}' })],
});

const errorsOverTime = timeSeries({
  title: 'Errors by endpoint over time',
  description: 'API calls with status 400 or higher, for the ten endpoints with the most errors.',
  unit: 'short',
  noValue: 'No errors in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  targets: [query('api_errors', { groupBy: ['endpoint'], limit: 10, alias: '{{endpoint}}' })],
});

const statusOverTime = timeSeries({
  title: 'Calls by status class over time',
  description: 'API calls by class of HTTP status.',
  unit: 'short',
  noValue: 'No calls in this time range',
  width: 12,
  height: 9,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [query('api_calls', { groupBy: ['statusClass'], alias: '{{statusClass}}' })],
  overrides: statusClassColors,
});

const errorRate = timeSeries({
  title: 'Error rate over time',
  description: 'Share of API calls that are errors. Gaps are times without calls.',
  unit: 'percent',
  noValue: 'No calls in this time range',
  width: 12,
  height: 9,
  draw: 'lines',
  softMax: 5,
  targets: [query('api_error_rate', { alias: 'Error rate' })],
  overrides: [{ field: 'Error rate', properties: [set.color(COLOR.bad)] }],
});

const durations = timeSeries({
  title: 'Duration over time',
  description: `Median, 95th and 99th percentile of the duration of API calls. ${ALL_AGENTS}`,
  unit: 'ms',
  noValue: 'No durations in this time range',
  width: 12,
  height: 10,
  draw: 'lines',
  legendCalcs: ['mean', 'max'],
  targets: [
    percentile(50, { alias: 'p50' }),
    percentile(95, { alias: 'p95' }),
    percentile(99, { alias: 'p99' }),
  ],
  overrides: percentileColors,
});

const slowest = timeSeries({
  title: 'p95 by endpoint over time',
  description: `The ten endpoints with the highest p95. ${ALL_AGENTS}`,
  unit: 'ms',
  noValue: 'No durations in this time range',
  width: 12,
  height: 10,
  draw: 'lines',
  targets: [percentile(95, { groupBy: ['endpoint'], limit: 10, alias: '{{endpoint}}' })],
});

const shares = pieChart({
  title: 'Share of calls',
  description: 'Distribution of API calls among the ten endpoints with the most calls.',
  unit: 'short',
  noValue: 'No calls in this time range',
  width: 12,
  height: 10,
  targets: [query('api_calls', { ...one, groupBy: ['endpoint'], limit: 10, alias: 'Calls' })],
});

const codes = barChart({
  title: 'Errors by status code',
  description: 'API calls with status 400 or higher, by HTTP status.',
  unit: 'short',
  noValue: 'No errors in this time range',
  width: 12,
  height: 10,
  xField: 'Status',
  targets: [
    query('api_errors', {
      ...one,
      groupBy: ['statusCode'],
      limit: 15,
      alias: 'Errors',
      orderBy: { by: 'value', direction: 'desc' },
    }),
  ],
  transformations: [keepGreater('Errors', 0), arrange(['statusCode', 'Errors'], { statusCode: 'Status' })],
  overrides: [{ field: 'Errors', properties: [set.color(COLOR.bad)] }],
});

export const callPatterns = buildDashboard({
  uid: DASHBOARD_UID.callPatterns,
  title: 'Call patterns',
  description: 'API calls, errors and durations by endpoint.',
  tags: [DROPDOWN_TAG],
  from: 'now-7d',
  refresh: '1m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Endpoints', panels: [endpoints, callsOverTime, shares] },
    { title: 'Outcome', panels: [statusOverTime, errorRate, errorsOverTime, codes] },
    { title: 'Duration', panels: [durations, slowest] },
  ],
});
