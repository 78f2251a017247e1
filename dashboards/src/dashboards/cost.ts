import { analytics, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from '../lib/chart.js';
import { COLOR, set } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { dashboardDropdown } from '../lib/links.js';
import { DASHBOARD_UID, DROPDOWN_TAG } from '../lib/names.js';
import { stat } from '../lib/stat.js';
import { cell, table } from '../lib/table.js';
import { arrange, mergeTables, shareOf } from '../lib/transformations.js';
import { datasourceVariable, filtersVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) => analytics({ metric, ...more });
const one = { interval: 'none', format: 'table' } as const;

const LEFT_OUT = 'Executions without a known price are left out; a notice on the panel counts them.';
const NONE = 'No cost in this time range';
const figure = { width: 6, height: 4, noValue: 'No executions', calc: 'lastNotNull' };

const totals = [
  stat({
    ...figure,
    title: 'Cost',
    description: `What the executions of the time range cost; one point a day. ${LEFT_OUT}`,
    unit: 'currencyUSD',
    decimals: 2,
    calc: 'sum',
    graph: true,
    color: COLOR.rotation,
    targets: [query('cost_usd', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'This month so far',
    description: `Since the first of this UTC month, whatever the time range. ${LEFT_OUT}`,
    unit: 'currencyUSD',
    decimals: 2,
    calc: 'sum',
    color: COLOR.rotation,
    timeFrom: 'now/M',
    targets: [query('cost_usd', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Unpriced executions',
    description:
      'Executions whose model has no known price: PUT /prices gives it one, and their cost is recomputed.',
    noValue: '0',
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.warning]],
    targets: [query('unpriced_executions', one)],
  }),
  stat({
    ...figure,
    title: 'Tokens',
    description: 'Tokens in and out of models; one point a day.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('total_tokens', { interval: 'day' })],
  }),
];

const daily = (dimension: string, title: string, alias: string) =>
  timeSeries({
    title,
    description: `The ten that cost most, by UTC day. ${LEFT_OUT}`,
    unit: 'currencyUSD',
    noValue: NONE,
    width: 12,
    height: 10,
    draw: 'bars',
    stacked: true,
    legendCalcs: ['sum'],
    targets: [query('cost_usd', { interval: 'day', groupBy: [dimension], limit: 10, alias })],
  });

const COST = 'Cost';

const by = (dimension: string, title: string, column: string) =>
  table({
    title,
    description: `Cost, its share of what is listed, executions and tokens. ${LEFT_OUT}`,
    unit: 'short',
    noValue: NONE,
    width: 12,
    height: 10,
    sortBy: COST,
    targets: [
      query('cost_usd', { ...one, groupBy: [dimension], limit: 50, alias: COST }),
      query('executions', { ...one, groupBy: [dimension], limit: 50, alias: 'Executions' }),
      query('total_tokens', { ...one, groupBy: [dimension], limit: 50, alias: 'Tokens' }),
    ],
    transformations: [
      mergeTables,
      shareOf('Share', COST),
      arrange([dimension, COST, 'Share', 'Executions', 'Tokens']),
    ],
    overrides: [
      { field: dimension, properties: [set.displayName(column), set.noValue('–')] },
      { field: COST, properties: [set.unit('currencyUSD'), set.decimals(2)] },
      { field: 'Share', properties: [set.unit('percentunit'), set.decimals(1), ...cell.bar(COLOR.rotation)] },
      { field: 'Executions', properties: cell.count() },
    ],
  });

const components = timeSeries({
  title: 'Daily cost by component',
  description: `Where within the executions the money goes, by UTC day. ${LEFT_OUT}`,
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
  description: 'Whose price is missing, by UTC day.',
  unit: 'short',
  noValue: 'Every execution has a price',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [
    query('unpriced_executions', { interval: 'day', groupBy: ['model'], limit: 10, alias: '{{model}}' }),
  ],
});

export const cost = buildDashboard({
  uid: DASHBOARD_UID.cost,
  title: 'Cost',
  description: 'What the executions cost, by model, agent, user and component, and what has no price yet.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    {
      title: 'By day',
      panels: [
        daily('model', 'Daily cost by model', '{{model}}'),
        daily('agent', 'Daily cost by agent', '{{agentName}}'),
      ],
    },
    { title: 'By whom', panels: [by('user', 'Users', 'User'), by('flow', 'Flows', 'Flow')] },
    { title: 'Within executions', panels: [components, unpriced] },
  ],
});
