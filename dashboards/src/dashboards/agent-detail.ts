import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { timeSeries } from '../lib/chart.js';
import { COLOR, set } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { endpointTable } from '../lib/endpoint-table.js';
import { heatmap } from '../lib/heatmap.js';
import { backTo, dashboardDropdown } from '../lib/links.js';
import { DASHBOARD_UID } from '../lib/names.js';
import { stat } from '../lib/stat.js';
import { statusClassColors } from '../lib/series-colors.js';
import { agentVariable, datasourceVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], ...more });
const one = { interval: 'none', format: 'table' } as const;

const figure = { width: 6, height: 3, unit: 'short', calc: 'sum', graph: true };

const totals = [
  stat({
    ...figure,
    title: 'API calls',
    description: "The agent's calls in the time range.",
    noValue: 'No calls',
    color: COLOR.calls,
    targets: [query('api_calls')],
  }),
  stat({
    ...figure,
    title: 'Errors',
    description: "The agent's calls answered with 400 or more.",
    noValue: 'No calls',
    color: COLOR.bad,
    targets: [query('api_errors')],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Error rate',
    description: "Errors divided by the agent's calls of the time range.",
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
    description: "Mean duration of the agent's calls that said how long they took.",
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
    description: "The agent's token requests that were refused.",
    noValue: 'No failures',
    color: COLOR.bad,
    targets: [query('token_failures')],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Rotations',
    description: "Rotations of the agent's credentials in the time range.",
    noValue: 'No rotations',
    calc: 'lastNotNull',
    color: COLOR.rotation,
    targets: [query('credential_rotations', one)],
  }),
  stat({
    ...figure,
    graph: false,
    title: 'Last rotation',
    description: "Days since the agent's credential was rotated, or since it was first seen if it never was.",
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
  description: "The agent's calls over time by the first digit of their HTTP status.",
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
  description: 'Tokens issued to the agent and its refused requests over time.',
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
    'Errors by calls, and refused by all token requests of the agent; a gap is a time without any.',
  unit: 'percent',
  noValue: 'Nothing in this time range',
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
    "Mean duration of the agent's calls over time. Percentiles are kept by endpoint, not by agent.",
  unit: 'ms',
  noValue: 'No call in this time range said how long it took',
  width: 12,
  height: 9,
  draw: 'lines',
  targets: [query('api_duration_avg_ms', { alias: 'Average' })],
});

const endpoints = endpointTable({
  title: 'Endpoints',
  description: "The agent's 25 most called endpoints; share is the part of the calls listed here.",
  width: 16,
  height: 11,
  limit: 25,
  filters: [chosenAgents],
  percentiles: false,
});

const hours = heatmap({
  title: 'Calls by weekday and hour',
  description: "The agent's calls summed by weekday and hour of day, in the dashboard's time zone.",
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
  description: "Rotations of the agent's credentials per day.",
  unit: 'short',
  noValue: 'No rotations in this time range',
  width: 24,
  height: 7,
  draw: 'bars',
  targets: [query('credential_rotations', { interval: 'day', alias: 'Rotations' })],
  overrides: [{ field: 'Rotations', properties: [set.color(COLOR.rotation)] }],
});

export const agentDetail = buildDashboard({
  uid: DASHBOARD_UID.agentDetail,
  title: 'Agent detail',
  description: 'One agent: its calls and errors, tokens, credential rotations, endpoints and hours.',
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
    { title: 'What and when', panels: [endpoints, hours, rotations] },
  ],
});
