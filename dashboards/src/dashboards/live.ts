import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { stat, type StatSpec } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { executionList, report } from '../lib/analytics.js';
import { alertAnnotation } from '../lib/annotations.js';
import { arrange, keep } from '../lib/transformations.js';

const NOTHING = 'Nothing has arrived yet';
const stream = report({ queryType: 'live', format: 'timeseries' });

/** Titles where the name of the field is too long for the panel. */
const SHORT: Readonly<Record<string, string>> = {
  'Active sessions': 'Sessions',
  'Running executions': 'Running',
  'Executions per minute': 'Runs/min',
  'Cost per minute': 'Cost/min',
};

const figure = (
  field: string,
  description: string,
  more: Pick<StatSpec, 'unit'> & Partial<StatSpec>,
): ReturnType<typeof stat> =>
  stat({
    title: SHORT[field] ?? field,
    description: `${description} Of the whole tenant, every second.`,
    width: 4,
    height: 5,
    noValue: '–',
    calc: 'lastNotNull',
    fields: `/^${field}$/`,
    graph: true,
    color: COLOR.calls,
    targets: [stream],
    ...more,
  });

const MINUTE = 'Of what arrived within the last 60 seconds.';

const figures = [
  figure('Active sessions', 'Sessions in which something runs or happened lately.', { unit: 'short' }),
  figure('Running executions', 'Executions of the top level that are running now.', { unit: 'short' }),
  figure('Executions per minute', MINUTE, { unit: 'short' }),
  figure('Error rate', `Share of finished executions that did not succeed. ${MINUTE}`, {
    unit: 'percent',
    decimals: 1,
    thresholds: [COLOR.good, [5, COLOR.warning], [20, COLOR.bad]],
    noValue: 'None finished',
    calc: 'last',
  }),
  figure('Cost per minute', `Known cost. ${MINUTE}`, {
    unit: 'currencyUSD',
    decimals: 4,
    color: COLOR.rotation,
  }),
  figure('Firing alerts', 'Alerts that are firing.', {
    unit: 'short',
    thresholds: [COLOR.good, [1, COLOR.bad]],
  }),
];

const series = (
  title: string,
  description: string,
  unit: string,
  fields: string[],
): ReturnType<typeof timeSeries> =>
  timeSeries({
    title,
    description: `${description} ${MINUTE} It begins when the dashboard is opened.`,
    unit,
    width: 8,
    height: 7,
    noValue: NOTHING,
    draw: 'lines',
    targets: [stream],
    transformations: [keep(['time', ...fields])],
  });

const charts = [
  series('Executions and API calls', 'Executions of the top level, and calls.', 'short', [
    'Executions per minute',
    'API calls per minute',
  ]),
  series('Tokens', 'Tokens of executions of every level.', 'short', ['Tokens per minute']),
  series('Spend', 'Known cost of executions of every level.', 'currencyUSD', ['Cost per minute']),
];

const RUNNING = ['Started', 'Execution', 'Agent', 'Last step', 'Steps', 'Tokens', 'Cost'];

const running = table({
  title: 'Executions that are running',
  description:
    'Of the last 24 hours, the latest first, with the last step of each. Refreshed with the dashboard.',
  unit: 'short',
  noValue: 'Nothing is running',
  timeFrom: '24h',
  width: 12,
  height: 10,
  targets: [
    executionList({
      limit: 20,
      filters: [{ dimension: 'executionStatus', operator: 'in', values: ['running'] }],
    }),
  ],
  transformations: [keep([...RUNNING, 'Agent ID']), arrange(RUNNING)],
  overrides: [
    { field: 'Agent ID', properties: cell.hidden() },
    { field: 'Started', properties: [set.custom('width', 165)] },
    { field: { regexp: '/^(Steps|Tokens|Cost)$/' }, properties: [set.custom('width', 80)] },
  ],
});

const sessions = table({
  title: 'Sessions that are active',
  description:
    'Of the last 24 hours, the latest first; its last step stands at the end of its flow. Refreshed with the dashboard.',
  unit: 'short',
  noValue: 'No session is active',
  timeFrom: '24h',
  width: 12,
  height: 10,
  targets: [report({ queryType: 'sessions', limit: 20, sessionStatus: 'active' })],
});

/** For a wall: what is happening now. */
export const live = buildDashboard({
  uid: DASHBOARD_UID.live,
  title: 'Live',
  description: 'What agents do now: sessions, executions, errors, spend and alerts.',
  tags: [DROPDOWN_TAG],
  from: 'now-5m',
  refresh: '10s',
  variables: [datasourceVariable()],
  annotations: [alertAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Now', panels: figures },
    { title: 'As it arrives', panels: charts },
    { title: 'Running', panels: [running, sessions] },
  ],
});
