import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { agentColumns, agentTotals } from '../lib/agent-table.js';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { heatmap } from 'agentidp-analytics-panels/heatmap';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { keepGreater } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, filtersVariable } from '../lib/variables.js';

const filters = [chosenAgents];
const daily = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters, interval: 'day', ...more });

const total = { width: 6, height: 4, unit: 'short', calc: 'sum', graph: true };
const figure = { width: 8, height: 3, unit: 'short', noValue: 'No calls', color: COLOR.calls };

const totals = [
  stat({
    ...total,
    title: 'API calls',
    description: 'API calls in the time range. The sparkline shows daily values.',
    noValue: 'No calls',
    color: COLOR.calls,
    targets: [daily('api_calls')],
  }),
  stat({
    ...total,
    title: 'Token issuances',
    description:
      'Tokens issued in the time range, excluding failed requests. The sparkline shows daily values.',
    noValue: 'No tokens',
    color: COLOR.good,
    targets: [daily('token_issuances')],
  }),
  stat({
    ...total,
    title: 'Credential rotations',
    description: 'Credential rotations in the time range. The sparkline shows daily values.',
    noValue: 'No rotations',
    color: COLOR.rotation,
    targets: [daily('credential_rotations')],
  }),
  stat({
    ...figure,
    width: 6,
    height: 4,
    title: 'Active agents',
    description: 'Agents with at least one event in the time range.',
    noValue: 'No agents',
    calc: 'lastNotNull',
    targets: [analytics({ metric: 'active_agents', filters, interval: 'none', format: 'table' })],
  }),
  stat({
    ...figure,
    title: 'Daily average',
    description:
      'API calls divided by the number of days in the time range, including days without calls and today.',
    calc: 'mean',
    targets: [daily('api_calls')],
  }),
  stat({
    ...figure,
    title: 'Peak day',
    description: 'API calls on the busiest day of the time range.',
    calc: 'max',
    targets: [daily('api_calls')],
  }),
  stat({
    ...figure,
    title: 'Peak date',
    description: 'Day with the most API calls in the time range.',
    unit: 'time:ddd D MMM YYYY',
    calc: 'firstNotNull',
    fields: '/^time$/i',
    targets: [
      daily('api_calls', {
        format: 'table',
        alias: 'API calls',
        orderBy: { by: 'value', direction: 'desc' },
      }),
    ],
    transformations: [keepGreater('API calls', 0)],
  }),
];

const perDay = heatmap({
  title: 'API calls by agent and day',
  description:
    'One row per agent and one column per day, for the 40 busiest agents. Colours follow the square root of the ' +
    'count, so that less active agents are visible too. Click a cell to open the agent.',
  unit: 'short',
  noValue: 'No API calls in this time range',
  width: 24,
  height: 16,
  cell: 'API calls',
  axisWidth: 160,
  targets: [daily('api_calls', { groupBy: ['agent'], limit: 40, format: 'heatmap-agent-day' })],
});

const perHour = heatmap({
  title: 'API calls by weekday and hour',
  description:
    "API calls of the selected agents, summed by weekday and hour of day in the dashboard's time zone.",
  unit: 'short',
  noValue: 'No API calls in this time range',
  width: 12,
  height: 9,
  cell: 'API calls',
  axisWidth: 90,
  targets: [
    analytics({
      metric: 'api_calls',
      filters,
      groupBy: ['weekday', 'hourOfDay'],
      interval: 'none',
      format: 'heatmap-weekday-hour',
    }),
  ],
});

const overTime = timeSeries({
  title: 'API calls of the busiest agents',
  description: 'API calls over time for the ten agents with the most calls. Click a bar to open the agent.',
  unit: 'short',
  noValue: 'No API calls in this time range',
  width: 12,
  height: 9,
  draw: 'bars',
  stacked: true,
  targets: [
    analytics({ metric: 'api_calls', filters, groupBy: ['agent'], limit: 10, alias: '{{agentName}}' }),
  ],
});

const agents = table({
  title: 'Agents',
  description:
    'All agents in the time range. An error is a call with status 400 or higher. The failure rate is the share of ' +
    'token requests that were refused.',
  unit: 'short',
  noValue: 'No active agents in this time range',
  width: 24,
  height: 12,
  sortBy: 'API calls',
  ...agentTotals([
    { metric: 'api_calls', title: 'API calls', sparkline: true },
    { metric: 'api_error_rate', title: 'Error rate' },
    { metric: 'token_issuances', title: 'Tokens issued' },
    { metric: 'token_failure_rate', title: 'Failure rate' },
    { metric: 'credential_rotations', title: 'Rotations' },
    { metric: 'days_since_rotation', title: 'Last rotation' },
  ]),
  overrides: [
    ...agentColumns(COLOR.calls),
    { field: 'API calls', properties: [...cell.count(), ...cell.bar(COLOR.calls)] },
    { field: { regexp: '/^(Tokens issued|Rotations)$/' }, properties: cell.count() },
    { field: { regexp: '/rate$/' }, properties: [set.unit('percent'), set.decimals(1)] },
    { field: 'Last rotation', properties: [set.unit('suffix: d ago'), set.decimals(0)] },
  ],
});

export const agentActivity = buildDashboard({
  uid: DASHBOARD_UID.agentActivity,
  title: 'Agent activity',
  description: 'When agents are active: API calls by agent and day, and by weekday and hour.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '1m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [rotationAnnotation(false), jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'When agents are active', panels: [perDay, perHour, overTime] },
    { title: 'Agents', panels: [agents] },
  ],
});
