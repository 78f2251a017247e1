import { agentColumns, agentTotals, TREND } from '../lib/agent-table.js';
import {
  analytics,
  chosenAgents,
  executionList,
  forecast,
  withChange,
  type AnalyticsQuery,
} from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from '../lib/chart.js';
import { COLOR, set, STATUS_COLORS } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { dashboardDropdown } from '../lib/links.js';
import { modelCost } from '../lib/model-cost.js';
import { DASHBOARD_UID, DROPDOWN_TAG } from '../lib/names.js';
import { percentileColors } from '../lib/series-colors.js';
import { stat } from '../lib/stat.js';
import { cell, table } from '../lib/table.js';
import type { Target } from '../lib/target.js';
import { arrange, mergeTables } from '../lib/transformations.js';
import { agentsVariable, datasourceVariable, filtersVariable } from '../lib/variables.js';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], ...more });
const one = { interval: 'none', format: 'table' } as const;

const NONE = 'No executions in this time range';
const BEFORE = 'Below it the change against the period before, as long and just before.';
const figure = { width: 4, height: 4, noValue: 'No executions', calc: 'lastNotNull' };
const changing = (metric: string): Target[] => [withChange(metric, [chosenAgents])];

const totals = [
  stat({
    ...figure,
    title: 'Executions',
    description: `Runs that began in the time range, those still running included. ${BEFORE}`,
    unit: 'short',
    color: COLOR.calls,
    change: 'neither',
    targets: changing('executions'),
  }),
  stat({
    ...figure,
    title: 'Success rate',
    description: `Successes among the executions that have finished. ${BEFORE}`,
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [80, COLOR.warning], [90, COLOR.good]],
    change: 'more is good',
    targets: changing('execution_success_rate'),
  }),
  stat({
    ...figure,
    title: 'Active agents',
    description: `Agents that ran something. ${BEFORE}`,
    unit: 'short',
    color: COLOR.calls,
    change: 'neither',
    targets: changing('execution_agents'),
  }),
  stat({
    ...figure,
    title: 'Cost',
    description: `What the executions cost, reported or computed from prices; without those that have no known price. ${BEFORE}`,
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    change: 'more is bad',
    targets: changing('cost_usd'),
  }),
  stat({
    ...figure,
    title: 'Projected this month',
    description:
      'What all executions of this UTC month will have cost at its end, whatever the time range and the agents chosen.',
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    fields: '/^Projected$/',
    targets: [forecast('table')],
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
    title: 'Average time',
    description: `Mean duration of the executions that have finished. ${BEFORE}`,
    unit: 'ms',
    color: COLOR.calls,
    change: 'more is bad',
    targets: changing('execution_duration_avg_ms'),
  }),
  ...[50, 95, 99].map((p) =>
    stat({
      ...figure,
      title: `p${p}`,
      description: `${p === 50 ? 'Half' : `${p} of 100`} of the finished executions took at most this long. ${BEFORE}`,
      unit: 'ms',
      color: COLOR.calls,
      change: 'more is bad',
      targets: changing(`execution_duration_p${p}_ms`),
    }),
  ),
  stat({
    ...figure,
    title: 'Tokens in',
    description: `Tokens sent to models, cached ones included. ${BEFORE}`,
    unit: 'short',
    color: COLOR.calls,
    change: 'neither',
    targets: changing('input_tokens'),
  }),
  stat({
    ...figure,
    title: 'Tokens out',
    description: `Tokens made by models, reasoning included. ${BEFORE}`,
    unit: 'short',
    color: COLOR.calls,
    change: 'neither',
    targets: changing('output_tokens'),
  }),
];

const outcomes = timeSeries({
  title: 'Executions by outcome',
  description: 'Runs by how they ended, at the hour or day in which they began.',
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [
    query('executions', { interval: 'auto', groupBy: ['executionStatus'], alias: '{{executionStatus}}' }),
  ],
  overrides: Object.entries(STATUS_COLORS).map(([field, color]) => ({
    field,
    properties: [set.color(color)],
  })),
});

const durations = timeSeries({
  title: 'Duration over time',
  description: 'How long finished executions took: half, 95 and 99 of 100 at most this long.',
  unit: 'ms',
  noValue: NONE,
  width: 12,
  height: 10,
  draw: 'lines',
  legendCalcs: ['mean', 'max'],
  targets: [50, 95, 99].map((p) => query(`execution_duration_p${p}_ms`, { interval: 'day', alias: `p${p}` })),
  overrides: percentileColors,
});

const agents = table({
  title: 'Agents',
  description:
    'Executions, success rate, average time, tokens and cost of every agent that ran something, and how many of its executions have no known price, which are left out of the cost.',
  unit: 'short',
  noValue: NONE,
  width: 16,
  height: 11,
  sortBy: 'Executions',
  ...agentTotals([
    { metric: 'executions', title: 'Executions', sparkline: true },
    { metric: 'execution_success_rate', title: 'Success rate' },
    { metric: 'execution_duration_avg_ms', title: 'Average time' },
    { metric: 'total_tokens', title: 'Tokens' },
    { metric: 'cost_usd', title: 'Cost' },
    { metric: 'unpriced_executions', title: 'Unpriced' },
  ]),
  overrides: [
    ...agentColumns(COLOR.calls),
    { field: { regexp: '/^(Executions|Unpriced)$/' }, properties: cell.count() },
    {
      field: 'Success rate',
      properties: [
        set.unit('percent'),
        set.decimals(1),
        ...cell.byThreshold(COLOR.bad, [80, COLOR.warning], [90, 'transparent']),
      ],
    },
    { field: 'Average time', properties: [set.unit('ms')] },
    { field: 'Cost', properties: cell.cost() },
    // Room for the titles of the others.
    { field: 'agentName', properties: [set.custom('width', 145)] },
    { field: TREND, properties: [set.custom('width', 110)] },
    { field: 'Executions', properties: [set.custom('width', 135)] },
  ],
});

const models = modelCost({ width: 8, height: 11, filters: [chosenAgents] });

const recent = table({
  title: 'Recent executions',
  description: 'The latest executions of the time range; a click on an id opens its trace.',
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 14,
  targets: [executionList({ limit: 50, filters: [chosenAgents] })],
  overrides: [
    { field: 'Started', properties: [set.custom('width', 170)] },
    { field: 'Execution', properties: [set.custom('width', 160)] },
    { field: 'Agent', properties: [set.custom('width', 150)] },
    { field: 'Status', properties: [set.custom('width', 95), set.mappings(STATUS_COLORS), ...cell.text()] },
    { field: { regexp: '/^(Duration|Tokens)$/' }, properties: [set.custom('width', 105)] },
    { field: 'Steps', properties: [set.custom('width', 85)] },
    { field: 'Cost', properties: [set.decimals(4), set.custom('width', 100)] },
    { field: 'Model', properties: [set.custom('width', 180)] },
    { field: { regexp: '/^(User|Error)$/' }, properties: [set.custom('width', 120)] },
    { field: { regexp: '/^(Cost source|Agent ID)$/' }, properties: cell.hidden() },
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
    { title: 'Agents and models', panels: [agents, models] },
    { title: 'Recent executions', panels: [recent] },
    { title: 'Tools and errors', panels: [tools, errors] },
  ],
});
