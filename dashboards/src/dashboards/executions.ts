import { agentColumns, agentTotals } from '../lib/agent-table.js';
import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from '../lib/chart.js';
import { COLOR, set } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { dashboardDropdown } from '../lib/links.js';
import { DASHBOARD_UID, DROPDOWN_TAG } from '../lib/names.js';
import { percentileColors } from '../lib/series-colors.js';
import { stat } from '../lib/stat.js';
import { cell, table } from '../lib/table.js';
import { arrange, mergeTables } from '../lib/transformations.js';
import { agentsVariable, datasourceVariable, filtersVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], ...more });
const one = { interval: 'none', format: 'table' } as const;

const NONE = 'No executions in this time range';
const figure = { width: 4, height: 4, noValue: 'No executions', calc: 'lastNotNull' };

const totals = [
  stat({
    ...figure,
    title: 'Executions',
    description: 'Runs that began in the time range, those still running included; one point a day.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('executions', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Success rate',
    description: 'Successes among the executions that have finished.',
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [80, COLOR.warning], [90, COLOR.good]],
    targets: [query('execution_success_rate', one)],
  }),
  stat({
    ...figure,
    title: 'Average time',
    description: 'Mean duration of the executions that have finished.',
    unit: 'ms',
    color: COLOR.calls,
    targets: [query('execution_duration_avg_ms', one)],
  }),
  stat({
    ...figure,
    title: 'p50',
    description: 'Half of the finished executions took at most this long.',
    unit: 'ms',
    color: COLOR.calls,
    targets: [query('execution_duration_p50_ms', one)],
  }),
  stat({
    ...figure,
    title: 'p95',
    description: '95 of 100 finished executions took at most this long.',
    unit: 'ms',
    color: COLOR.calls,
    targets: [query('execution_duration_p95_ms', one)],
  }),
  stat({
    ...figure,
    title: 'p99',
    description: '99 of 100 finished executions took at most this long.',
    unit: 'ms',
    color: COLOR.calls,
    targets: [query('execution_duration_p99_ms', one)],
  }),
  stat({
    ...figure,
    title: 'Cost',
    description:
      'What the executions cost, reported or computed from prices; without those that have no known price.',
    unit: 'currencyUSD',
    decimals: 2,
    calc: 'sum',
    graph: true,
    color: COLOR.rotation,
    targets: [query('cost_usd', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Unpriced',
    description: 'Executions without a known price: no total of this page holds their cost.',
    noValue: '0',
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.warning]],
    targets: [query('unpriced_executions', one)],
  }),
  stat({
    ...figure,
    title: 'Tokens in',
    description: 'Tokens sent to models, cached ones included; one point a day.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('input_tokens', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Tokens out',
    description: 'Tokens made by models, reasoning included; one point a day.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('output_tokens', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Steps',
    description: 'Reasoning steps and tool calls; one point a day.',
    unit: 'short',
    calc: 'sum',
    graph: true,
    color: COLOR.calls,
    targets: [query('steps', { interval: 'day' })],
  }),
  stat({
    ...figure,
    title: 'Tool success',
    description: 'Tool calls that succeeded, of those whose outcome is known.',
    noValue: 'No tool calls',
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [90, COLOR.warning], [97, COLOR.good]],
    targets: [query('tool_success_rate', one)],
  }),
];

const STATUS_COLORS = [
  ['success', COLOR.good],
  ['failure', COLOR.bad],
  ['timeout', COLOR.warning],
] as const;

const outcomes = timeSeries({
  title: 'Executions by outcome',
  description: 'Runs by how they ended, at the hour or day in which they began.',
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 9,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [
    query('executions', { interval: 'auto', groupBy: ['executionStatus'], alias: '{{executionStatus}}' }),
  ],
  overrides: STATUS_COLORS.map(([field, color]) => ({ field, properties: [set.color(color)] })),
});

const durations = timeSeries({
  title: 'Duration over time',
  description: 'How long finished executions took: half, 95 and 99 of 100 at most this long.',
  unit: 'ms',
  noValue: NONE,
  width: 12,
  height: 9,
  draw: 'lines',
  legendCalcs: ['mean', 'max'],
  targets: [50, 95, 99].map((p) => query(`execution_duration_p${p}_ms`, { interval: 'day', alias: `p${p}` })),
  overrides: percentileColors,
});

const agents = table({
  title: 'Agents',
  description: 'Executions, success rate, average time, tokens and cost of every agent that ran something.',
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 11,
  sortBy: 'Executions',
  ...agentTotals([
    { metric: 'executions', title: 'Executions', sparkline: true },
    { metric: 'execution_success_rate', title: 'Success rate' },
    { metric: 'execution_duration_avg_ms', title: 'Average time' },
    { metric: 'total_tokens', title: 'Tokens' },
    { metric: 'cost_usd', title: 'Cost' },
  ]),
  overrides: [
    ...agentColumns(COLOR.calls),
    { field: 'Executions', properties: cell.count() },
    {
      field: 'Success rate',
      properties: [
        set.unit('percent'),
        set.decimals(1),
        ...cell.byThreshold(COLOR.bad, [80, COLOR.warning], [90, 'transparent']),
      ],
    },
    { field: 'Average time', properties: [set.unit('ms'), set.decimals(0)] },
    { field: 'Cost', properties: [set.unit('currencyUSD'), set.decimals(2)] },
  ],
});

const tool = (metric: string, alias: string) => query(metric, { ...one, groupBy: ['tool'], alias });

const tools = table({
  title: 'Tools',
  description: 'Calls, success rate and average duration of every tool that the agents called.',
  unit: 'short',
  noValue: 'No tool calls in this time range',
  width: 12,
  height: 11,
  sortBy: 'Calls',
  targets: [
    tool('tool_calls', 'Calls'),
    tool('tool_success_rate', 'Success rate'),
    tool('tool_duration_avg_ms', 'Average'),
  ],
  transformations: [mergeTables, arrange(['tool', 'Calls', 'Success rate', 'Average'])],
  overrides: [
    { field: 'tool', properties: [set.displayName('Tool')] },
    { field: 'Calls', properties: cell.count() },
    { field: 'Success rate', properties: [set.unit('percent'), set.decimals(1)] },
    { field: 'Average', properties: [set.unit('ms'), set.decimals(0)] },
  ],
});

const errors = barChart({
  title: 'Errors by type',
  description: 'Executions by the kind of error that they reported.',
  unit: 'short',
  noValue: 'No errors in this time range',
  width: 12,
  height: 11,
  xField: 'Type',
  targets: [
    query('executions', {
      ...one,
      groupBy: ['errorType'],
      limit: 15,
      alias: 'Executions',
      orderBy: { by: 'value', direction: 'desc' },
    }),
  ],
  transformations: [arrange(['errorType', 'Executions'], { errorType: 'Type' })],
  overrides: [{ field: 'Executions', properties: [set.color(COLOR.bad)] }],
});

export const executions = buildDashboard({
  uid: DASHBOARD_UID.executions,
  title: 'Executions',
  description: 'What the agents run: how often, how well, how long, with which tools, and what that costs.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '1m',
  variables: [datasourceVariable(), agentsVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Over time', panels: [outcomes, durations] },
    { title: 'Agents', panels: [agents] },
    { title: 'Tools and errors', panels: [tools, errors] },
  ],
});
