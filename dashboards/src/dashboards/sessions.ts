import { analytics, chosen, chosenAgents, withChange, type AnalyticsQuery } from '../lib/analytics.js';
import { jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from 'agentidp-analytics-panels/names';
import { nodeGraph } from '../lib/node-graph.js';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, keep } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import {
  environmentVariable,
  funnelStepsVariable,
  oneAgentVariable,
  sessionStatusVariable,
} from '../lib/variables.js';
import { endings } from './sessions/endings.js';
import { NONE, sessionsOf, WHOLE } from './sessions/queries.js';

const filters = [chosenAgents, chosen('environment')];
const query = (metric: string, more: Partial<AnalyticsQuery> = {}) => analytics({ metric, filters, ...more });
const BEFORE = 'The percentage is the change from the previous period.';
const figure = {
  width: 4,
  height: 4,
  noValue: 'No sessions',
  calc: 'lastNotNull',
  color: COLOR.calls,
} as const;
const changing = (metric: string) => [withChange(metric, filters)];
const STATUS_COLORS = { active: COLOR.calls, completed: COLOR.good, failed: COLOR.bad };

const totals = [
  stat({
    ...figure,
    title: 'Sessions',
    description: `Sessions whose first execution began in the time range. ${BEFORE}`,
    unit: 'short',
    change: 'neutral',
    targets: changing('sessions'),
  }),
  stat({
    ...figure,
    title: 'Completion',
    description: `Share of ended sessions whose last execution at the top level succeeded. ${BEFORE}`,
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.bad, [70, COLOR.warning], [85, COLOR.good]],
    change: 'increase is good',
    targets: changing('session_completion_rate'),
  }),
  stat({
    ...figure,
    title: 'Duration',
    description: `Mean time from the first start to the last end of a session. ${BEFORE}`,
    unit: 's',
    change: 'neutral',
    targets: changing('session_duration_avg_s'),
  }),
  stat({
    ...figure,
    title: 'Executions',
    description: `Mean number of executions of a session, nested ones included. ${BEFORE}`,
    unit: 'short',
    decimals: 2,
    change: 'neutral',
    targets: changing('session_executions_avg'),
  }),
  stat({
    ...figure,
    title: 'Steps',
    description: `Mean number of steps of a session. ${BEFORE}`,
    unit: 'short',
    decimals: 1,
    change: 'neutral',
    targets: changing('session_steps_avg'),
  }),
  stat({
    ...figure,
    title: 'Active',
    description: `Sessions in which something runs, or ran a short while ago. ${WHOLE}`,
    noValue: '0',
    unit: 'short',
    fields: '/^Active$/',
    targets: [sessionsOf({ queryType: 'sessions', sessionPart: 'metrics' })],
  }),
];

const byEnvironment = timeSeries({
  title: 'Sessions by environment',
  description: 'Sessions by the hour or day in which they began.',
  unit: 'short',
  noValue: NONE,
  width: 8,
  height: 9,
  draw: 'bars',
  stacked: true,
  legendCalcs: ['sum'],
  targets: [query('sessions', { groupBy: ['environment'], alias: '{{environment}}' })],
});

const completion = timeSeries({
  title: 'Completion rate by environment',
  description: 'Share of ended sessions that completed, by the day (UTC) in which they began.',
  unit: 'percent',
  noValue: NONE,
  width: 8,
  height: 9,
  draw: 'lines',
  max: 100,
  targets: [
    query('session_completion_rate', {
      groupBy: ['environment'],
      interval: 'day',
      alias: '{{environment}}',
    }),
  ],
});

const durations = timeSeries({
  title: 'Average duration by agent',
  description:
    'Mean duration of sessions by day (UTC), for the ten agents with the longest ones. A session counts under each agent that ran in it.',
  unit: 's',
  noValue: NONE,
  width: 8,
  height: 9,
  draw: 'lines',
  colors: 'name',
  targets: [
    query('session_duration_avg_s', {
      groupBy: ['agent'],
      interval: 'day',
      limit: 10,
      alias: '{{agentName}}',
    }),
  ],
});

/** Flows of a graph that fits into its panel. */
const DRAWN = 6;

const graph = (flowOf: 'steps' | 'agents', title: string, description: string, width: number) =>
  nodeGraph({
    title,
    description: `${description} Of the ${DRAWN} most common flows. ${WHOLE}`,
    unit: 'short',
    noValue: NONE,
    width,
    height: 14,
    targets: [sessionsOf({ queryType: 'flows', flowOf, format: 'node-graph', limit: DRAWN })],
  });

const FLOW = ['Flow', 'Sessions', 'Share', 'Duration', 'Completion rate'];

const flowTable = (flowOf: 'steps' | 'agents', title: string, description: string, width: number) =>
  table({
    title,
    description: `${description} ${WHOLE}`,
    unit: 'short',
    noValue: NONE,
    width,
    height: 14,
    targets: [sessionsOf({ queryType: 'flows', flowOf, limit: 20 })],
    transformations: [keep(FLOW), arrange(FLOW)],
    overrides: [
      { field: 'Flow', properties: cell.wrapped() },
      { field: 'Sessions', properties: [set.custom('width', 105)] },
      { field: 'Share', properties: [set.decimals(1), set.custom('width', 90)] },
      { field: 'Duration', properties: [set.custom('width', 95)] },
      { field: 'Completion rate', properties: [set.decimals(1), set.custom('width', 125)] },
    ],
  });

const LISTED = [
  ...['Started', 'Session', 'Status', 'Duration', 'Executions', 'Steps', 'Agents', 'User', 'Environment'],
  ...['Cost', 'Flow'],
];

const recent = table({
  title: 'Recent sessions',
  description: `Latest sessions of the time range with the status of the variable. Click an id to see the session's executions. ${WHOLE}`,
  unit: 'short',
  noValue: NONE,
  width: 24,
  height: 14,
  targets: [sessionsOf({ queryType: 'sessions', sessionStatus: `$${VARIABLE.sessionStatus}`, limit: 50 })],
  transformations: [keep(LISTED), arrange(LISTED)],
  overrides: [
    { field: 'Started', properties: [set.custom('width', 160)] },
    { field: 'Session', properties: [set.custom('width', 140)] },
    { field: 'Status', properties: [set.custom('width', 100), set.mappings(STATUS_COLORS), ...cell.text()] },
    { field: { regexp: '/^(Duration|Executions|Steps)$/' }, properties: [set.custom('width', 100)] },
    { field: 'Cost', properties: [...cell.cost(4), set.custom('width', 90)] },
    { field: { regexp: '/^(User|Environment)$/' }, properties: [set.custom('width', 110)] },
    { field: 'Agents', properties: [set.custom('width', 140)] },
    { field: 'Flow', properties: cell.wrapped() },
  ],
});

export const sessions = buildDashboard({
  uid: DASHBOARD_UID.sessions,
  title: 'Sessions',
  description:
    'Conversations and jobs of several executions: how they run, where they end, and how long they take.',
  tags: [DROPDOWN_TAG],
  from: 'now-30d/d',
  refresh: '5m',
  variables: [
    datasourceVariable(),
    oneAgentVariable(),
    environmentVariable(),
    sessionStatusVariable(),
    funnelStepsVariable(['read_order', 'request_photos', 'create_refund']),
  ],
  annotations: [jobFailureAnnotation()],
  links: [onTo('Executions', DASHBOARD_UID.executions), dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Over time', panels: [byEnvironment, completion, durations] },
    {
      title: 'Flows',
      panels: [
        graph('steps', 'Flow of steps', 'From step to step, with the number of sessions.', 24),
        flowTable(
          'steps',
          'Common flows',
          'The most common sequences of steps. Equal neighbours are one step.',
          24,
        ),
        graph('agents', 'Flow of agents', 'From agent to agent, with the number of sessions.', 12),
        flowTable(
          'agents',
          'Common flows of agents',
          'The agents of a session in the order of their runs.',
          12,
        ),
      ],
    },
    { title: 'Drop-off', panels: endings },
    { title: 'Recent sessions', panels: [recent] },
  ],
});
