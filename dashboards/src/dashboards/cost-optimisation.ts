import { agentColumns, agentTotals } from '../lib/agent-table.js';
import {
  analytics,
  chosenAgents,
  report,
  withChange,
  type AnalyticsQuery,
  type Filter,
} from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set, STATUS_COLORS } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keep, keepGreater, mergeTables } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, filtersVariable } from '../lib/variables.js';

const filters = [chosenAgents];
const query = (metric: string, more: Partial<AnalyticsQuery> = {}) => analytics({ metric, filters, ...more });
const one = { interval: 'none', format: 'table' } as const;

const BEFORE = 'The percentage is the change from the previous period.';
const LEVELS = 'Of every level, nested executions included.';
const NONE = 'No cost in this time range';
const failed: Filter = { dimension: 'executionStatus', operator: 'in', values: ['failure', 'timeout'] };
const figure = { width: 4, height: 4, noValue: 'None', calc: 'lastNotNull' };

const total = (field: string, title: string, description: string, unit: string, color: string) =>
  stat({
    ...figure,
    title,
    description,
    unit,
    ...(unit === 'currencyUSD' && { decimals: 2 }),
    color,
    fields: `/^${field}$/`,
    targets: [report({ queryType: 'recommendations', recommendationPart: 'total' })],
  });

const totals = [
  total(
    'Savings',
    'Savings',
    'What all recommendations together would save in 30 days. Independent of the time range and the variables.',
    'currencyUSD',
    COLOR.good,
  ),
  total(
    'Recommendations',
    'Open',
    'Recommendations that have not been dismissed. Independent of the time range and the variables.',
    'short',
    COLOR.good,
  ),
  stat({
    ...figure,
    title: 'Total cost',
    description: `Models, tools, and the cost items of storage and others together. ${BEFORE}`,
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    change: 'increase is bad',
    targets: [withChange('total_cost_usd', filters)],
  }),
  stat({
    ...figure,
    title: 'Cache hit rate',
    description: `Share of the input tokens that were read from a cache. ${BEFORE}`,
    unit: 'percent',
    decimals: 1,
    color: COLOR.calls,
    change: 'increase is good',
    targets: [withChange('cache_hit_rate', filters)],
  }),
  stat({
    ...figure,
    title: 'Failed',
    description: `Cost of executions that failed or timed out. ${LEVELS} ${BEFORE}`,
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.bad,
    change: 'increase is bad',
    targets: [withChange('cost_usd', [...filters, failed])],
  }),
  stat({
    ...figure,
    title: 'Unpriced',
    description: `Executions without a known price. Their cost is in no total. ${LEVELS}`,
    noValue: '0',
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.warning]],
    targets: [query('unpriced_executions', one)],
  }),
];

const ADVICE = [
  ...['Recommendation', 'Savings', 'Action', 'Agent', 'Agent ID', 'Execution', 'Evidence', 'Caveat'],
];

const advice = table({
  title: 'Recommendations',
  description:
    'Ways to spend less, each from evidence, with what it would save in 30 days. Click an execution to see one of those that it comes from. Independent of the time range and the variables.',
  unit: 'short',
  noValue: 'Nothing to recommend',
  width: 24,
  height: 17,
  targets: [report({ queryType: 'recommendations' })],
  transformations: [keep(ADVICE), arrange(ADVICE)],
  overrides: [
    { field: 'Recommendation', properties: [...cell.wrapped(), set.custom('width', 280)] },
    { field: 'Savings', properties: [...cell.cost(), set.custom('width', 95)] },
    { field: 'Action', properties: [...cell.wrapped(), set.custom('width', 270)] },
    { field: 'Agent', properties: [set.custom('width', 130)] },
    { field: 'Execution', properties: [set.custom('width', 100)] },
    {
      field: { regexp: '/^(Caveat|Evidence)$/' },
      properties: [...cell.wrapped(), set.custom('minWidth', 220)],
    },
    // Hidden, but needed for the plugin's link to the agent.
    { field: 'Agent ID', properties: cell.hidden() },
  ],
});

const prices = table({
  title: 'What each agent costs on each model',
  description: `The same work on another model: executions, success rate, and mean cost of those whose cost is known. ${LEVELS}`,
  unit: 'short',
  noValue: NONE,
  width: 14,
  height: 12,
  targets: Object.entries({
    Executions: 'executions',
    Success: 'execution_success_rate',
    'Average cost': 'execution_cost_avg_usd',
    Cost: 'cost_usd',
  }).map(([alias, metric]) => query(metric, { ...one, groupBy: ['agent', 'model'], alias, limit: 500 })),
  transformations: [
    mergeTables,
    keepGreater('Executions', 0),
    arrange(['agent', 'agentName', 'model', 'Executions', 'Success', 'Average cost', 'Cost']),
  ],
  sortBy: 'Cost',
  overrides: [
    ...agentColumns(),
    { field: 'agentName', properties: [set.custom('width', 130)] },
    { field: 'model', properties: [set.displayName('Model'), set.custom('width', 150)] },
    { field: 'Executions', properties: [...cell.count(), set.custom('width', 105)] },
    { field: 'Success', properties: [set.unit('percent'), set.decimals(1)] },
    { field: 'Average cost', properties: cell.cost(4) },
    { field: 'Cost', properties: cell.cost() },
  ],
});

const parts = timeSeries({
  title: 'Cost by kind',
  description: 'Cost of models, tools and storage by day (UTC).',
  unit: 'currencyUSD',
  noValue: NONE,
  width: 10,
  height: 12,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: Object.entries({
    Models: 'model_cost_usd',
    Tools: 'tool_cost_usd',
    Storage: 'storage_cost_usd',
  }).map(([alias, metric]) => query(metric, { interval: 'day', alias })),
});

const cache = table({
  title: 'Use of the cache by agent',
  description: `Share of the input tokens that were read from a cache. Agents with many input tokens and a low share pay the full price for the same text again and again. ${LEVELS}`,
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 11,
  sortBy: 'Input tokens',
  ...agentTotals([
    { metric: 'input_tokens', title: 'Input tokens' },
    { metric: 'cached_input_tokens', title: 'Cached' },
    { metric: 'cache_hit_rate', title: 'Hit rate' },
    { metric: 'cost_usd', title: 'Cost' },
  ]),
  overrides: [
    ...agentColumns(),
    {
      field: 'Hit rate',
      properties: [
        set.unit('percent'),
        set.decimals(1),
        ...cell.byThreshold(COLOR.bad, [5, COLOR.warning], [30, 'transparent']),
      ],
    },
    { field: 'Cost', properties: cell.cost() },
  ],
});

const cacheOverTime = timeSeries({
  title: 'Cache hit rate by model',
  description: `Share of the input tokens that were read from a cache, by day (UTC). ${LEVELS}`,
  unit: 'percent',
  noValue: NONE,
  width: 12,
  height: 11,
  draw: 'lines',
  colors: 'name',
  max: 100,
  targets: [query('cache_hit_rate', { groupBy: ['model'], interval: 'day', limit: 10, alias: '{{model}}' })],
});

const failedOverTime = timeSeries({
  title: 'Failed spend by status',
  description: `Cost of executions that did not succeed, by day (UTC). ${LEVELS}`,
  unit: 'currencyUSD',
  noValue: 'No failed spend in this time range',
  width: 12,
  height: 11,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [
    query('cost_usd', {
      filters: [...filters, failed],
      groupBy: ['executionStatus'],
      interval: 'day',
      alias: '{{executionStatus}}',
    }),
  ],
  overrides: Object.entries(STATUS_COLORS).map(([field, color]) => ({
    field,
    properties: [set.color(color)],
  })),
});

const failedBy = table({
  title: 'Failed spend by agent',
  description: `Cost and number of executions that failed or timed out, by agent and model. ${LEVELS}`,
  unit: 'short',
  noValue: 'No failed spend in this time range',
  width: 12,
  height: 11,
  sortBy: 'Failed spend',
  targets: Object.entries({ 'Failed spend': 'cost_usd', Executions: 'executions' }).map(([alias, metric]) =>
    query(metric, { ...one, filters: [...filters, failed], groupBy: ['agent', 'model'], alias, limit: 200 }),
  ),
  transformations: [mergeTables, arrange(['agent', 'agentName', 'model', 'Failed spend', 'Executions'])],
  overrides: [
    ...agentColumns(),
    { field: 'agentName', properties: [set.custom('width', 150)] },
    { field: 'model', properties: [set.displayName('Model'), set.custom('width', 180)] },
    { field: 'Failed spend', properties: [...cell.cost(), set.custom('width', 100)] },
    { field: 'Executions', properties: [...cell.count(), set.custom('width', 115)] },
  ],
});

const unpriced = table({
  title: 'Unpriced models',
  description: `Models without a known price, and their executions and tokens. Set a price with PUT /prices, and their cost is recomputed. ${LEVELS}`,
  unit: 'short',
  noValue: 'Every model has a price',
  width: 24,
  height: 7,
  sortBy: 'Unpriced executions',
  targets: Object.entries({
    'Unpriced executions': 'unpriced_executions',
    'Input tokens': 'input_tokens',
    'Output tokens': 'output_tokens',
  }).map(([alias, metric]) => query(metric, { ...one, groupBy: ['provider', 'model'], alias, limit: 200 })),
  transformations: [
    mergeTables,
    keepGreater('Unpriced executions', 0),
    arrange(['provider', 'model', 'Unpriced executions', 'Input tokens', 'Output tokens']),
  ],
  overrides: [
    { field: 'provider', properties: [set.displayName('Provider')] },
    { field: 'model', properties: [set.displayName('Model')] },
    { field: 'Unpriced executions', properties: cell.count() },
  ],
});

export const costOptimisation = buildDashboard({
  uid: DASHBOARD_UID.costOptimisation,
  title: 'Cost optimisation',
  description: 'Ways to spend less: recommendations with their savings, and the figures that they come from.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [
    onTo('Cost and budgets', DASHBOARD_UID.cost),
    onTo('Executions', DASHBOARD_UID.executions),
    dashboardDropdown(),
  ],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Recommendations', panels: [advice] },
    { title: 'Models', panels: [prices, parts] },
    { title: 'Cache', panels: [cache, cacheOverTime] },
    { title: 'Failures', panels: [failedBy, failedOverTime] },
    { title: 'Prices', panels: [unpriced] },
  ],
});
