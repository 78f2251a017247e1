import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { endpointTable } from '../lib/endpoint-table.js';
import { heatmap } from 'agentidp-analytics-panels/heatmap';
import { backTo, dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { statusClassColors } from '../lib/series-colors.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], ...more });
const one = { interval: 'none', format: 'table' } as const;

const figure = { width: 6, height: 3, unit: 'short', calc: 'sum', graph: true };

const totals = [
  stat({
    ...figure,
    title: 'API calls',
    description: 'API calls of the agent in the time range.',
    noValue: 'No calls',
    color: COLOR.calls,
    targets: [query('api_calls')],
  }),
  stat({
    ...figure,
    title: 'Errors',
    description: 'API calls of the agent with status 400 or higher.',
    noValue: 'No calls',
    color: COLOR.bad,
    targets: [query('api_errors')],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Error rate',
    description: 'Share of the API calls of the agent that are errors.',
    noValue: 'No calls',
    unit: 'percent',
    calc: 'lastNotNull',
    decimals: 2,
    thresholds: [COLOR.good, [2, COLOR.warning], [5, COLOR.bad]],
    targets: [query('api_error_rate', one)],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Average duration',
    description: 'Average duration of the API calls of the agent, for calls that reported a duration.',
    noValue: 'Unknown',
    unit: 'ms',
    calc: 'lastNotNull',
    color: COLOR.calls,
    targets: [query('api_duration_avg_ms', one)],
  }),
  stat({
    ...figure,
    title: 'Tokens issued',
    description: 'Tokens issued to the agent in the time range.',
    noValue: 'No tokens',
    color: COLOR.good,
    targets: [query('token_issuances')],
  }),
  stat({
    ...figure,
    title: 'Token failures',
    description: 'Token requests of the agent that were refused.',
    noValue: 'No failures',
    color: COLOR.bad,
    targets: [query('token_failures')],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Rotations',
    description: 'Credential rotations of the agent in the time range.',
    noValue: 'No rotations',
    calc: 'lastNotNull',
    color: COLOR.rotation,
    targets: [query('credential_rotations', one)],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Last rotation',
    description:
      'Days since the last credential rotation, or since the agent was first seen if there was none.',
    noValue: 'Unknown',
    unit: 'suffix: d',
    calc: 'lastNotNull',
    decimals: 0,
    color: COLOR.rotation,
    targets: [query('days_since_rotation', one)],
  }),
];

const calls = timeSeries({
  title: 'Calls by status class',
  description: 'API calls of the agent over time, by class of HTTP status.',
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

const tokens = timeSeries({
  title: 'Token requests',
  description: 'Tokens issued to the agent and refused requests over time.',
  unit: 'short',
  noValue: 'No token requests in this time range',
  width: 12,
  height: 9,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [query('token_issuances', { alias: 'Successful' }), query('token_failures', { alias: 'Failed' })],
  overrides: [
    { field: 'Successful', properties: [set.color(COLOR.good)] },
    { field: 'Failed', properties: [set.color(COLOR.bad)] },
  ],
});

const rates = timeSeries({
  title: 'Error and failure rate',
  description:
    'Share of API calls that are errors, and share of token requests that were refused. Gaps are times without requests.',
  unit: 'percent',
  noValue: 'No data in this time range',
  width: 12,
  height: 9,
  draw: 'lines',
  softMax: 10,
  targets: [
    query('api_error_rate', { alias: 'API errors' }),
    query('token_failure_rate', { alias: 'Token failures' }),
  ],
});

const duration = timeSeries({
  title: 'Average duration',
  description:
    'Average duration of the API calls of the agent over time. Percentiles are available by endpoint, but not by agent.',
  unit: 'ms',
  noValue: 'No durations in this time range',
  width: 12,
  height: 9,
  draw: 'lines',
  targets: [query('api_duration_avg_ms', { alias: 'Average' })],
});

const endpoints = endpointTable({
  title: 'Endpoints',
  description: 'The 25 endpoints that the agent calls most. Shares refer to the listed endpoints.',
  width: 16,
  height: 11,
  limit: 25,
  filters: [chosenAgents],
  percentiles: false,
});

const hours = heatmap({
  title: 'Calls by weekday and hour',
  description: "API calls of the agent, summed by weekday and hour of day in the dashboard's time zone.",
  unit: 'short',
  noValue: 'No calls in this time range',
  width: 8,
  height: 11,
  cell: 'API calls',
  axisWidth: 90,
  targets: [
    query('api_calls', {
      groupBy: ['weekday', 'hourOfDay'],
      interval: 'none',
      format: 'heatmap-weekday-hour',
    }),
  ],
});

const rotations = timeSeries({
  title: 'Rotations by day',
  description: 'Credential rotations of the agent per day.',
  unit: 'short',
  noValue: 'No rotations in this time range',
  width: 12,
  height: 7,
  draw: 'bars',
  targets: [query('credential_rotations', { interval: 'day', alias: 'Rotations' })],
  overrides: [{ field: 'Rotations', properties: [set.color(COLOR.rotation)] }],
});

const byLevel = (level: 'top' | 'nested', alias: string) =>
  query('executions', {
    filters: [chosenAgents, { dimension: 'level', operator: 'in', values: [level] }],
    alias,
  });

const levels = timeSeries({
  title: 'Executions by level',
  description:
    'Executions of the agent over time: at the top level, and those that another execution called.',
  unit: 'short',
  noValue: 'No executions in this time range',
  width: 12,
  height: 7,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [byLevel('top', 'Top level'), byLevel('nested', 'Within others')],
  overrides: [
    { field: 'Top level', properties: [set.color(COLOR.calls)] },
    { field: 'Within others', properties: [set.color(COLOR.rotation)] },
  ],
});

export const agentDetail = buildDashboard({
  uid: DASHBOARD_UID.agentDetail,
  title: 'Agent detail',
  description: 'API calls, errors, tokens, credential rotations, endpoints and executions of one agent.',
  tags: [],
  from: 'now-30d/d',
  refresh: '1m',
  variables: [datasourceVariable(), agentVariable()],
  annotations: [rotationAnnotation(true), jobFailureAnnotation()],
  links: [
    backTo('Agent activity', DASHBOARD_UID.agentActivity),
    backTo('Credential rotation', DASHBOARD_UID.credentialRotation),
    dashboardDropdown(),
  ],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Over time', panels: [calls, tokens, rates, duration] },
    { title: 'Endpoints, schedule and executions', panels: [endpoints, hours, rotations, levels] },
  ],
});
