import { agentColumns } from '../lib/agent-table.js';
import {
  analytics,
  chosen,
  chosenAgents,
  report,
  withChange,
  type AnalyticsQuery,
} from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import type { PanelSpec } from 'agentidp-analytics-panels/panel';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keep, keepGreater, mergeTables } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentTagVariable, agentsVariable, filtersVariable } from '../lib/variables.js';

const filters = [chosenAgents, chosen('agentTag')];
const query = (metric: string, more: Partial<AnalyticsQuery> = {}) => analytics({ metric, filters, ...more });
const one = { interval: 'none', format: 'table' } as const;

const NONE = 'No tool calls in this time range';
const BEFORE = 'The percentage is the change from the previous period.';
const figure = { width: 4, height: 4, noValue: 'No calls', calc: 'lastNotNull', color: COLOR.calls } as const;
const changing = (metric: string) => [withChange(metric, filters)];

const totals = [
  stat({
    ...figure,
    title: 'Calls',
    description: `Steps in which an agent called a tool. ${BEFORE}`,
    unit: 'short',
    change: 'neutral',
    targets: changing('tool_calls'),
  }),
  stat({
    ...figure,
    title: 'Success',
    description: `Share of the calls with a known outcome that succeeded. ${BEFORE}`,
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [90, COLOR.warning], [97, COLOR.good]],
    change: 'increase is good',
    targets: changing('tool_success_rate'),
  }),
  ...[50, 95, 99].map((p) =>
    stat({
      ...figure,
      title: p === 50 ? 'Median' : `p${p}`,
      description: `${p} % of the calls took at most this long. ${BEFORE}`,
      unit: 'ms',
      change: 'increase is bad',
      targets: changing(`tool_duration_p${p}_ms`),
    }),
  ),
  stat({
    ...figure,
    title: 'Cost',
    description: `Cost of the calls, reported or by the price of the tool. Calls without either are not included. ${BEFORE}`,
    noValue: 'No cost',
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    change: 'increase is bad',
    targets: changing('tool_cost_usd'),
  }),
];

const tool = (metric: string, alias: string, more: Partial<AnalyticsQuery> = {}) =>
  query(metric, { ...one, groupBy: ['tool'], alias, ...more });
const rate = [
  set.unit('percent'),
  set.decimals(1),
  ...cell.byThreshold(COLOR.bad, [90, COLOR.warning], [97, 'transparent']),
];

const all = table({
  title: 'Tools',
  description:
    'Calls, success rate, durations and cost of each tool. The bar compares a tool with the one called the most.',
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 12,
  sortBy: 'Calls',
  targets: [
    tool('tool_calls', 'Calls', { limit: 100 }),
    tool('tool_success_rate', 'Success rate'),
    tool('tool_duration_avg_ms', 'Average'),
    tool('tool_duration_p50_ms', 'p50'),
    tool('tool_duration_p95_ms', 'p95'),
    tool('tool_duration_p99_ms', 'p99'),
    tool('tool_cost_usd', 'Cost'),
  ],
  transformations: [
    mergeTables,
    // The other queries also return tools beyond the limit. Those rows have no calls.
    keepGreater('Calls', 0),
    arrange(['tool', 'Calls', 'Success rate', 'Average', 'p50', 'p95', 'p99', 'Cost']),
  ],
  overrides: [
    { field: 'tool', properties: [set.displayName('Tool'), set.custom('width', 220)] },
    { field: 'Calls', properties: [...cell.count(), ...cell.bar(COLOR.calls)] },
    { field: 'Success rate', properties: rate },
    { field: { regexp: '/^(Average|p50|p95|p99)$/' }, properties: [set.unit('ms')] },
    { field: 'Cost', properties: cell.cost() },
  ],
});

const overTime = (
  spec: { metric: string; draw: 'bars' | 'lines'; by?: Pick<AnalyticsQuery, 'groupBy' | 'alias'> } & Omit<
    PanelSpec,
    'targets' | 'width' | 'height'
  > & { max?: number },
) => {
  const { metric, draw, by = { groupBy: ['tool'], alias: '{{tool}}' }, ...text } = spec;
  const drawn = draw === 'bars' ? { draw, stacked: true, legendCalcs: ['sum'] } : { draw };
  return timeSeries({
    ...text,
    ...drawn,
    width: 12,
    height: 10,
    colors: 'name',
    targets: [query(metric, { ...by, interval: 'day', limit: 10 })],
  });
};

const trends = [
  overTime({
    metric: 'tool_calls',
    title: 'Calls by day',
    description: 'Calls of the ten tools that are called the most, by day (UTC).',
    unit: 'short',
    noValue: NONE,
    draw: 'bars',
  }),
  overTime({
    metric: 'tool_duration_p95_ms',
    title: 'Slowest tools by day',
    description: '95 % of the calls took at most this long, for the ten slowest tools, by day (UTC).',
    unit: 'ms',
    noValue: NONE,
    draw: 'lines',
  }),
  overTime({
    metric: 'tool_success_rate',
    title: 'Success rate of the calls of each agent',
    description: 'Share of the calls that succeeded, by the agent that called, by day (UTC).',
    unit: 'percent',
    noValue: NONE,
    draw: 'lines',
    max: 100,
    by: { groupBy: ['agent'], alias: '{{agentName}}' },
  }),
  overTime({
    metric: 'tool_cost_usd',
    title: 'Cost by day',
    description:
      'Cost of the ten tools that cost the most, by day (UTC). Tools without a price or a reported cost are not included.',
    unit: 'currencyUSD',
    noValue: 'No tool has a cost in this time range',
    draw: 'bars',
  }),
];

const ofAgent = (metric: string, alias: string) =>
  query(metric, { ...one, groupBy: ['agent', 'tool'], alias, limit: 500 });

const byAgent = table({
  title: 'Tools of each agent',
  description: 'Calls, success rate, p95 duration and cost by agent and tool.',
  unit: 'short',
  noValue: NONE,
  width: 14,
  height: 13,
  sortBy: 'Calls',
  targets: [
    ofAgent('tool_calls', 'Calls'),
    ofAgent('tool_success_rate', 'Success'),
    ofAgent('tool_duration_p95_ms', 'p95'),
    ofAgent('tool_cost_usd', 'Cost'),
  ],
  transformations: [mergeTables, arrange(['agent', 'agentName', 'tool', 'Calls', 'Success', 'p95', 'Cost'])],
  overrides: [
    ...agentColumns(),
    { field: 'agentName', properties: [set.custom('width', 130)] },
    { field: 'tool', properties: [set.displayName('Tool'), set.custom('width', 150)] },
    { field: 'Calls', properties: cell.count() },
    { field: 'Success', properties: [...rate, set.custom('width', 100)] },
    { field: 'p95', properties: [set.unit('ms')] },
    { field: 'Cost', properties: cell.cost() },
  ],
});

const ERRORS = ['Tool', 'Last error', 'Last error at', 'Execution'];

const errors = table({
  title: 'Last errors',
  description:
    'The last failed call of each tool, of all agents. Click an id to open the execution. Whole days (UTC).',
  unit: 'short',
  noValue: 'No errors in this time range',
  width: 10,
  height: 13,
  sortBy: 'Last error at',
  targets: [report({ queryType: 'tools' })],
  transformations: [keep(ERRORS), arrange(ERRORS)],
  overrides: [
    { field: 'Tool', properties: [set.custom('width', 130)] },
    { field: 'Last error', properties: cell.wrapped() },
    { field: 'Last error at', properties: [set.custom('width', 155)] },
    { field: 'Execution', properties: [set.custom('width', 100)] },
  ],
});

export const tools = buildDashboard({
  uid: DASHBOARD_UID.tools,
  title: 'Tools',
  description: 'Tools that the agents call: number of calls, success rate, duration, cost and errors.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentsVariable(), agentTagVariable(), filtersVariable()],
  annotations: [jobFailureAnnotation()],
  links: [onTo('Executions', DASHBOARD_UID.executions), dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Tools', panels: [all] },
    { title: 'Over time', panels: trends },
    { title: 'Agents and errors', panels: [byAgent, errors] },
  ],
});
