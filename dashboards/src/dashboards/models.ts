import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { modelCost } from '../lib/model-cost.js';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, calculate, mergeTables } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, filtersVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], groupBy: ['model'], ...more });
const column = (metric: string, alias: string) => query(metric, { interval: 'none', format: 'table', alias });

const NONE = 'No executions in this time range';
const COLUMNS = {
  Executions: 'executions',
  'Success rate': 'execution_success_rate',
  Average: 'execution_duration_avg_ms',
  p50: 'execution_duration_p50_ms',
  p95: 'execution_duration_p95_ms',
  p99: 'execution_duration_p99_ms',
  Tokens: 'total_tokens',
  Cost: 'cost_usd',
  Unpriced: 'unpriced_executions',
} as const;
const PRICED = 'Priced';
const PER = 'Cost per execution';

const compared = table({
  title: 'Models',
  description:
    'Executions of every level, nested ones included: number, success rate, duration, tokens and cost by model. The ' +
    'cost per execution refers to executions whose cost is known.',
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 9,
  sortBy: 'Executions',
  targets: Object.entries(COLUMNS).map(([title, metric]) => column(metric, title)),
  transformations: [
    mergeTables,
    calculate(PRICED, 'Executions', '-', 'Unpriced'),
    calculate(PER, 'Cost', '/', PRICED),
    arrange(['model', ...Object.keys(COLUMNS), PER], {}, [PRICED]),
  ],
  overrides: [
    { field: 'model', properties: [set.displayName('Model'), set.custom('width', 190)] },
    { field: { regexp: '/^(Executions|Unpriced)$/' }, properties: cell.count() },
    { field: 'Executions', properties: [set.custom('width', 160)] },
    { field: 'Success rate', properties: [set.unit('percent'), set.decimals(1)] },
    { field: { regexp: '/^(Average|p50|p95|p99)$/' }, properties: [set.unit('ms')] },
    { field: 'Cost', properties: cell.cost() },
    { field: PER, properties: cell.cost(4) },
  ],
});

const overTime = (metric: string, title: string, description: string, unit: string) =>
  timeSeries({
    title,
    description,
    unit,
    noValue: NONE,
    width: 12,
    height: 9,
    draw: 'lines',
    colors: 'name',
    targets: [query(metric, { interval: 'day', limit: 10, alias: '{{model}}' })],
  });

const costs = modelCost({ width: 12, height: 9, filters: [chosenAgents] });

const NO_ERRORS = 'No errors in this time range';

const errors = table({
  title: 'Errors',
  description: 'Executions of every level that reported an error, by model and error type.',
  unit: 'short',
  noValue: NO_ERRORS,
  width: 12,
  height: 9,
  sortBy: 'Executions',
  targets: [
    query('executions', {
      groupBy: ['model', 'errorType'],
      interval: 'none',
      format: 'table',
      alias: 'Executions',
      limit: 100,
    }),
  ],
  transformations: [arrange(['model', 'errorType', 'Executions'], { model: 'Model', errorType: 'Type' })],
  overrides: [{ field: 'Executions', properties: cell.count() }],
});

const errorsOverTime = timeSeries({
  title: 'Errors by type',
  description: 'Executions of every level that reported an error, by error type and day (UTC).',
  unit: 'short',
  noValue: NO_ERRORS,
  width: 12,
  height: 9,
  draw: 'bars',
  stacked: true,
  colors: 'name',
  targets: [
    query('executions', { groupBy: ['errorType'], interval: 'day', limit: 10, alias: '{{errorType}}' }),
  ],
});

export const models = buildDashboard({
  uid: DASHBOARD_UID.models,
  title: 'Model comparison',
  description: 'Success rate, duration, tokens, cost and errors by model.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Comparison', panels: [compared] },
    {
      title: 'Over time',
      panels: [
        overTime(
          'execution_success_rate',
          'Success rate',
          'Share of finished executions of every level that succeeded, by day (UTC).',
          'percent',
        ),
        overTime(
          'execution_duration_p95_ms',
          'p95 duration',
          '95th percentile of the duration of finished executions of every level, by day (UTC).',
          'ms',
        ),
        overTime('total_tokens', 'Tokens', 'Input and output tokens, by day (UTC).', 'short'),
        costs,
      ],
    },
    { title: 'Errors', panels: [errors, errorsOverTime] },
  ],
});
