import { agentColumns, agentTotals } from '../lib/agent-table.js';
import { analytics, chosen, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from 'agentidp-analytics-panels/names';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, agentTagVariable, metricVariable } from '../lib/variables.js';

const filters = [chosenAgents, chosen('agentTag')];
const MOST = 20;
const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters, groupBy: ['agent'], limit: MOST, alias: '{{agentName}}', ...more });

const NONE = 'No executions in this time range';
const LEVELS = 'Of every level, nested executions included.';
const AT_MOST = `At most ${MOST} agents, those with the highest values.`;

/** Its title, which Grafana fills in. */
const CHOSEN = `\${${VARIABLE.metric}:text}`;
/** The metrics of the panels that show a single one. All have the dimension agent. */
const METRICS = {
  'Success rate': 'execution_success_rate',
  Executions: 'executions',
  'Average cost': 'execution_cost_avg_usd',
  'Total cost': 'total_cost_usd',
  'Average duration': 'execution_duration_avg_ms',
  'Median duration': 'execution_duration_p50_ms',
  'p95 duration': 'execution_duration_p95_ms',
  'p99 duration': 'execution_duration_p99_ms',
  'Average tokens': 'execution_tokens_avg',
  'Average steps': 'execution_steps_avg',
  'Cache hit rate': 'cache_hit_rate',
  Sessions: 'sessions',
  'Session completion rate': 'session_completion_rate',
  'Tool calls': 'tool_calls',
  'Tool success rate': 'tool_success_rate',
  'API calls': 'api_calls',
  'API error rate': 'api_error_rate',
};

const compared = table({
  title: 'Side by side',
  description: `Executions, success rate, duration, tokens, steps, cost and cache of each agent. The average cost is of executions whose cost is known; the total cost has storage and other cost items too. ${LEVELS}`,
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 12,
  sortBy: 'Executions',
  ...agentTotals([
    { metric: 'executions', title: 'Executions' },
    { metric: 'execution_success_rate', title: 'Success rate' },
    { metric: 'execution_duration_p50_ms', title: 'Median' },
    { metric: 'execution_duration_p95_ms', title: 'p95' },
    { metric: 'execution_tokens_avg', title: 'Tokens avg' },
    { metric: 'execution_steps_avg', title: 'Steps avg' },
    { metric: 'execution_cost_avg_usd', title: 'Cost avg' },
    { metric: 'total_cost_usd', title: 'Total cost' },
    { metric: 'cache_hit_rate', title: 'Cache hits' },
    { metric: 'session_completion_rate', title: 'Sessions completed' },
  ]),
  overrides: [
    ...agentColumns(),
    {
      field: 'Executions',
      properties: [...cell.count(), ...cell.bar(COLOR.calls), set.custom('width', 125)],
    },
    {
      field: 'Success rate',
      properties: [
        set.unit('percent'),
        set.decimals(1),
        ...cell.byThreshold(COLOR.bad, [80, COLOR.warning], [90, 'transparent']),
      ],
    },
    {
      field: { regexp: '/^(Cache hits|Sessions completed)$/' },
      properties: [set.unit('percent'), set.decimals(1)],
    },
    { field: { regexp: '/^(Median|p95)$/' }, properties: [set.unit('ms')] },
    { field: { regexp: '/^(Tokens avg|Steps avg)$/' }, properties: [set.decimals(1)] },
    { field: 'Cost avg', properties: cell.cost(4) },
    { field: 'Total cost', properties: cell.cost() },
  ],
});

const chosenMetric = barChart({
  title: `By agent: ${CHOSEN}`,
  description: `The metric of the variable by agent. ${AT_MOST} Of executions, every level, nested ones included.`,
  unit: 'short',
  noValue: 'No values in this time range',
  width: 10,
  height: 14,
  xField: 'Agent',
  targets: [
    query(`$${VARIABLE.metric}`, {
      interval: 'none',
      format: 'table',
      alias: 'Value',
      orderBy: { by: 'value', direction: 'desc' },
    }),
  ],
  transformations: [arrange(['agentName', 'Value'], { agentName: 'Agent' }, ['agent'])],
  overrides: [{ field: 'Value', properties: [set.color(COLOR.calls)] }],
});

const line = (
  metric: string,
  title: string,
  description: string,
  unit: string,
  size: { width: number; height: number },
) =>
  timeSeries({
    title,
    description: `${description} By day (UTC). ${LEVELS}`,
    unit,
    noValue: NONE,
    ...size,
    draw: 'lines',
    colors: 'name',
    targets: [query(metric, { interval: 'day' })],
  });

const half = { width: 12, height: 10 };

export const compareAgents = buildDashboard({
  uid: DASHBOARD_UID.compareAgents,
  title: 'Compare agents',
  description: 'Agents side by side and over time, by any metric.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentsVariable(), agentTagVariable(), metricVariable(METRICS)],
  annotations: [jobFailureAnnotation()],
  links: [onTo('Executions', DASHBOARD_UID.executions), dashboardDropdown()],
  rows: [
    { title: 'Side by side', panels: [compared] },
    {
      title: 'Chosen metric',
      panels: [
        chosenMetric,
        line(
          `$${VARIABLE.metric}`,
          `Over time: ${CHOSEN}`,
          `The metric of the variable. ${AT_MOST}`,
          'short',
          {
            width: 14,
            height: 14,
          },
        ),
      ],
    },
    {
      title: 'Over time',
      panels: [
        line(
          'execution_success_rate',
          'Success rate',
          'Share of finished executions that succeeded.',
          'percent',
          half,
        ),
        line('execution_duration_p95_ms', 'p95 duration', '95th percentile of the duration.', 'ms', half),
        line('execution_cost_avg_usd', 'Average cost', 'Cost per priced execution.', 'currencyUSD', half),
        line('execution_tokens_avg', 'Average tokens', 'Tokens per execution.', 'short', half),
      ],
    },
  ],
});
