import { analytics, chosen, report, topLevel, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { heatmap } from 'agentidp-analytics-panels/heatmap';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat, type StatSpec } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keep, mergeTables } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentTagVariable, userVariable } from '../lib/variables.js';

const byTag = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosen('agentTag')], groupBy: ['agentTag'], ...more });
const ofUsers = [chosen('user'), topLevel];
const one = { interval: 'none', format: 'table' } as const;

const NONE = 'No executions in this time range';
const TOP = 'Executions of the top level: those that another execution called are part of it.';
const TAGS =
  'By the tags that the agents have now, such as their team. An agent counts under each of its tags.';
const WHOLE = 'Of the whole tenant and of whole days (UTC).';
const BEFORE = 'The percentage is the change from the previous period.';

const figure = (
  field: string,
  description: string,
  more: Pick<StatSpec, 'unit' | 'change'> & Partial<StatSpec>,
) =>
  stat({
    title: field,
    description: `${description} ${WHOLE} ${more.change === undefined ? '' : BEFORE}`.trim(),
    width: 4,
    height: 4,
    noValue: 'None',
    calc: 'lastNotNull',
    color: COLOR.calls,
    fields: `/^${field}$/`,
    targets: [report({ queryType: 'team' })],
    ...more,
  });

const totals = [
  figure('Users', 'Users of the directory: those that were named or that something ran for.', {
    unit: 'short',
    change: undefined,
  }),
  figure('Active users', 'Users on whose behalf something ran.', { unit: 'short', change: 'neutral' }),
  figure('Active agents', 'Agents that ran something.', { unit: 'short', change: 'neutral' }),
  figure('Executions', TOP, { unit: 'short', change: 'neutral' }),
  figure('Success rate', `Share of finished executions that succeeded. ${TOP}`, {
    title: 'Success',
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [80, COLOR.warning], [90, COLOR.good]],
    change: 'increase is good',
  }),
  figure('Cost', 'Cost of models, tools and cost items. Unpriced executions are not included.', {
    unit: 'currencyUSD',
    decimals: 2,
    color: COLOR.rotation,
    change: 'increase is bad',
  }),
];

const COLUMNS = {
  Executions: 'executions',
  Success: 'execution_success_rate',
  p95: 'execution_duration_p95_ms',
  Sessions: 'sessions',
  Tokens: 'total_tokens',
  Cost: 'total_cost_usd',
} as const;

const tags = table({
  title: 'Agent tags',
  description: `Executions of every level, success rate, duration, sessions, tokens and total cost, storage and other cost items included. ${TAGS}`,
  unit: 'short',
  noValue: NONE,
  width: 15,
  height: 10,
  sortBy: 'Cost',
  targets: Object.entries(COLUMNS).map(([alias, metric]) => byTag(metric, { ...one, alias, limit: 50 })),
  transformations: [mergeTables, arrange(['agentTag', ...Object.keys(COLUMNS)])],
  overrides: [
    { field: 'agentTag', properties: [set.displayName('Agent tag'), set.custom('width', 140)] },
    {
      field: { regexp: '/^(Executions|Sessions)$/' },
      properties: [...cell.count(), set.custom('width', 115)],
    },
    { field: 'Success', properties: [set.unit('percent'), set.decimals(1)] },
    { field: 'p95', properties: [set.unit('ms')] },
    { field: 'Cost', properties: cell.cost() },
  ],
});

const costs = timeSeries({
  title: 'Cost by agent tag',
  description: `Total cost by day (UTC). ${TAGS}`,
  unit: 'currencyUSD',
  noValue: 'No cost in this time range',
  width: 9,
  height: 10,
  draw: 'lines',
  legendCalcs: ['sum'],
  targets: [byTag('total_cost_usd', { interval: 'day', limit: 10, alias: '{{agentTag}}' })],
});

const perDay = heatmap({
  title: 'Executions by user and day',
  description: `One row per user and one column per day, for the 40 most active users. Colours follow the square root of the count. ${TOP}`,
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 18,
  cell: 'Executions',
  axisWidth: 160,
  targets: [
    analytics({
      metric: 'executions',
      filters: ofUsers,
      groupBy: ['user'],
      interval: 'day',
      limit: 40,
      format: 'heatmap-user-day',
    }),
  ],
});

const USER_COLUMNS = [
  ...['User', 'User ID', 'Executions', 'Success rate', 'Tokens', 'Cost', 'Agents created', 'Last active'],
];

const users = table({
  title: 'Users',
  description: `Executions of the top level, success rate, tokens and cost of each user, and the agents that they have created. ${WHOLE}`,
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 12,
  sortBy: 'Executions',
  targets: [report({ queryType: 'userActivity', limit: 200 })],
  transformations: [keep(USER_COLUMNS), arrange(USER_COLUMNS)],
  overrides: [
    { field: 'User', properties: [set.custom('width', 180)] },
    { field: 'User ID', properties: [set.custom('width', 130)] },
    { field: 'Executions', properties: [...cell.count(), ...cell.bar(COLOR.calls)] },
    { field: 'Success rate', properties: [set.decimals(1)] },
    { field: 'Cost', properties: cell.cost() },
    { field: 'Last active', properties: [set.custom('width', 165)] },
  ],
});

const active = timeSeries({
  title: 'Active users',
  description: 'Users on whose behalf at least one execution ran, by day (UTC).',
  unit: 'short',
  noValue: NONE,
  width: 12,
  height: 10,
  draw: 'bars',
  legendCalcs: ['mean', 'max'],
  targets: [
    analytics({ metric: 'active_users', filters: [chosen('user')], interval: 'day', alias: 'Active users' }),
  ],
  overrides: [{ field: 'Active users', properties: [set.color(COLOR.calls)] }],
});

const spending = barChart({
  title: 'Cost by user',
  description: 'The 15 users with the highest cost of executions of every level, nested ones included.',
  unit: 'currencyUSD',
  noValue: 'No cost in this time range',
  width: 12,
  height: 10,
  targets: [
    analytics({
      ...one,
      metric: 'cost_usd',
      filters: [chosen('user')],
      groupBy: ['user'],
      limit: 15,
      alias: 'Cost',
      orderBy: { by: 'value', direction: 'desc' },
    }),
  ],
  // Without a name of any user, there are only ids.
  transformations: [arrange(['userName', 'user', 'Cost'])],
  overrides: [{ field: 'Cost', properties: [set.color(COLOR.rotation)] }],
});

export const teams = buildDashboard({
  uid: DASHBOARD_UID.teams,
  title: 'Teams',
  description: 'Who uses the agents: users, teams by agent tag, executions and cost.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentTagVariable(), userVariable()],
  annotations: [jobFailureAnnotation()],
  links: [
    onTo('Compare agents', DASHBOARD_UID.compareAgents),
    onTo('Cost and budgets', DASHBOARD_UID.cost),
    dashboardDropdown(),
  ],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Teams', panels: [tags, costs] },
    { title: 'Users', panels: [users, perDay, active, spending] },
  ],
});
