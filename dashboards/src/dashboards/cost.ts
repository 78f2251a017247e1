import { analytics, budgets, forecast, withChange, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import type { PanelBuilder } from 'agentidp-analytics-panels/panel';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keepEqual, mergeTables, shareOf } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { filtersVariable } from '../lib/variables.js';

const STATE_COLORS = { ok: COLOR.good, warning: COLOR.warning, exceeded: COLOR.bad, inactive: COLOR.total };
/** Hides the line of a bound of the forecast, so that only the area between the bounds is visible. */
const bandEdge = [
  set.color(COLOR.rotation),
  set.custom('lineWidth', 0),
  set.custom('showPoints', 'never'),
  set.custom('hideFrom', { legend: true, tooltip: false, viz: false }),
];

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) => analytics({ metric, ...more });
const one = { interval: 'none', format: 'table' } as const;

const LEFT_OUT = 'Unpriced executions are not included; a notice on the panel shows their number.';
const NONE = 'No cost in this time range';
const figure = { width: 4, height: 4, noValue: 'No executions', calc: 'lastNotNull' };
const month = (title: string, field: string, description: string): PanelBuilder =>
  stat({
    ...figure,
    title,
    description: `${description} ${LEFT_OUT}`,
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    fields: `/^${field}$/`,
    targets: [forecast('table')],
  });

const totals = [
  stat({
    ...figure,
    title: 'Cost',
    description: `Cost of the executions in the time range, and the change from the previous period. ${LEFT_OUT}`,
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    change: 'increase is bad',
    targets: [withChange('cost_usd')],
  }),
  month(
    'This month so far',
    'So far',
    'Cost since the beginning of this month (UTC), independent of the time range.',
  ),
  month(
    'Projected this month',
    'Projected',
    'Projected cost of this month (UTC), based on weekly seasonality.',
  ),
  stat({
    ...figure,
    title: 'Budgets exceeded',
    description: 'Active budgets whose spend has reached the threshold.',
    noValue: '0',
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.bad]],
    calc: 'count',
    fields: '/^State$/',
    targets: [budgets()],
    transformations: [keepEqual('State', 'exceeded')],
  }),
  stat({
    ...figure,
    title: 'Unpriced executions',
    description:
      'Executions of every level whose model has no known price. Set a price with PUT /prices, and their cost is recomputed.',
    noValue: '0',
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.warning]],
    targets: [query('unpriced_executions', one)],
  }),
  stat({
    ...figure,
    title: 'Tokens',
    description: 'Input and output tokens, and the change from the previous period.',
    unit: 'short',
    color: COLOR.calls,
    change: 'neutral',
    targets: [withChange('total_tokens')],
  }),
];

const projection = timeSeries({
  title: 'Forecast of this month',
  description:
    'Cumulative cost of this month (UTC), actual and projected with weekly seasonality. The band is an 80 % prediction interval.',
  unit: 'currencyUSD',
  noValue: 'No cost this month',
  width: 9,
  height: 10,
  draw: 'lines',
  // The whole month, because the dashboard's time range ends now.
  timeFrom: 'now/M',
  timeShift: '0M/M',
  targets: [forecast('timeseries')],
  overrides: [
    { field: 'Actual', properties: [set.color(COLOR.rotation), set.custom('lineWidth', 2)] },
    {
      field: 'Projected',
      properties: [
        set.color(COLOR.rotation),
        set.custom('lineStyle', { fill: 'dash', dash: [8, 6] }),
        set.custom('lineWidth', 2),
      ],
    },
    {
      field: 'Upper',
      properties: [...bandEdge, set.custom('fillBelowTo', 'Lower'), set.custom('fillOpacity', 20)],
    },
    { field: 'Lower', properties: bandEdge },
  ],
});

const budgetTable = table({
  title: 'Budgets',
  description:
    'Spend and reservations of each budget in its current period. Budgets of type hard_stop refuse reservations that exceed the threshold.',
  unit: 'short',
  noValue: 'No budgets. Create one with POST /budgets.',
  width: 15,
  height: 10,
  sortBy: 'Used',
  targets: [budgets()],
  transformations: [
    arrange([
      'Name',
      'State',
      'Used',
      'Spend',
      'Reserved',
      'Threshold',
      'Scope',
      'Scope ID',
      'Type',
      'Period days',
    ]),
  ],
  overrides: [
    { field: 'Name', properties: [set.custom('width', 115)] },
    { field: 'State', properties: [set.mappings(STATE_COLORS), ...cell.text()] },
    {
      field: 'Used',
      properties: [
        set.unit('percent'),
        set.decimals(0),
        set.custom('width', 100),
        ...cell.bar(COLOR.good),
        set.max(100),
        { id: 'color', value: { mode: 'thresholds' } },
        set.thresholds(COLOR.good, [80, COLOR.warning], [100, COLOR.bad]),
      ],
    },
    {
      field: { regexp: '/^(Spend|Reserved|Threshold)$/' },
      properties: [set.decimals(2)],
    },
    { field: { regexp: '/^(Reserved|Threshold)$/' }, properties: [set.custom('width', 102)] },
    { field: 'Scope', properties: [set.custom('width', 84)] },
    { field: 'Scope ID', properties: [set.custom('width', 108)] },
    { field: 'Period days', properties: [set.displayName('Days'), set.custom('width', 70)] },
    { field: 'ID', properties: cell.hidden() },
  ],
});

const daily = (dimension: string, title: string, alias: string, colors: 'name' | 'order') =>
  timeSeries({
    title,
    description: `The ten with the highest cost, by day (UTC). ${LEFT_OUT}`,
    unit: 'currencyUSD',
    noValue: NONE,
    width: 12,
    height: 10,
    draw: 'bars',
    stacked: true,
    colors,
    legendCalcs: ['sum'],
    targets: [query('cost_usd', { interval: 'day', groupBy: [dimension], limit: 10, alias })],
  });

const COST = 'Cost';

const by = (dimension: string, title: string, column: string) =>
  table({
    title,
    description:
      'Cost, executions of every level, and tokens. Shares refer to the listed rows. Unpriced executions are not included in the cost.',
    unit: 'short',
    noValue: NONE,
    width: 12,
    height: 10,
    sortBy: COST,
    targets: [
      query('cost_usd', { ...one, groupBy: [dimension], limit: 50, alias: COST }),
      query('executions', { ...one, groupBy: [dimension], limit: 50, alias: 'Executions' }),
      query('total_tokens', { ...one, groupBy: [dimension], limit: 50, alias: 'Tokens' }),
      query('unpriced_executions', { ...one, groupBy: [dimension], limit: 50, alias: 'Unpriced' }),
    ],
    transformations: [
      mergeTables,
      shareOf('Share', COST),
      arrange([dimension, COST, 'Share', 'Executions', 'Tokens', 'Unpriced']),
    ],
    overrides: [
      { field: dimension, properties: [set.displayName(column)] },
      { field: COST, properties: cell.cost() },
      { field: 'Share', properties: cell.costShare(COLOR.rotation) },
      { field: { regexp: '/^(Executions|Unpriced)$/' }, properties: cell.count() },
    ],
  });

const components = timeSeries({
  title: 'Daily cost by component',
  description: `Cost by component of the executions, by day (UTC). ${LEFT_OUT}`,
  unit: 'currencyUSD',
  noValue: NONE,
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [
    query('cost_usd', { interval: 'day', groupBy: ['component'], limit: 10, alias: '{{component}}' }),
  ],
});

const unpriced = timeSeries({
  title: 'Unpriced executions by model',
  description: 'Executions of every level whose model has no known price, by day (UTC).',
  unit: 'short',
  noValue: 'No unpriced executions in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  colors: 'name',
  legendCalcs: ['sum'],
  targets: [
    query('unpriced_executions', { interval: 'day', groupBy: ['model'], limit: 10, alias: '{{model}}' }),
  ],
});

export const cost = buildDashboard({
  uid: DASHBOARD_UID.cost,
  title: 'Cost and budgets',
  description:
    'Cost of executions by model, agent, user and component, the forecast for this month, and the spend of budgets.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [onTo('Cost optimisation', DASHBOARD_UID.costOptimisation), dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Forecast and budgets', panels: [projection, budgetTable] },
    {
      title: 'By day',
      panels: [
        daily('model', 'Daily cost by model', '{{model}}', 'name'),
        daily('agent', 'Daily cost by agent', '{{agentName}}', 'order'),
      ],
    },
    { title: 'Users and flows', panels: [by('user', 'Users', 'User'), by('flow', 'Flows', 'Flow')] },
    { title: 'Within executions', panels: [components, unpriced] },
  ],
});
