import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { agentColumns, agentTotals, TREND } from '../lib/agent-table.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, toAgent } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from 'agentidp-analytics-panels/names';
import { stat } from 'agentidp-analytics-panels/stat';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, calculate, keepGreater } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';
import { agentsVariable, overdueVariable } from '../lib/variables.js';

const DAYS = 'Days since rotation';
const LAST = 'Last rotation';
const AGE = 'Share of limit';
/** The threshold in days, which Grafana interpolates in transformations. */
const OVERDUE = `$${VARIABLE.overdueDays}`;
const DAYS_UNIT = 'suffix: d';

const query = (metric: string, more: Partial<AnalyticsQuery> = {}) =>
  analytics({ metric, filters: [chosenAgents], interval: 'none', format: 'table', ...more });
const ages = query('days_since_rotation', { groupBy: ['agent'], alias: DAYS });

const figure = { width: 6, height: 4, unit: 'short', noValue: 'No agents' };

const totals = [
  stat({
    ...figure,
    title: 'Rotations',
    description: 'Credential rotations in the time range. The sparkline shows daily values.',
    noValue: 'No rotations',
    color: COLOR.rotation,
    calc: 'sum',
    graph: true,
    targets: [query('credential_rotations', { interval: 'day', format: 'timeseries' })],
  }),
  stat({
    ...figure,
    title: 'Overdue agents',
    description:
      'Agents whose last rotation (or first event, if they never rotated) is more than the selected number of days ago.',
    noValue: '0',
    calc: 'count',
    fields: `/^${DAYS}$/`,
    thresholds: [COLOR.good, [1, COLOR.bad]],
    targets: [ages],
    transformations: [keepGreater(DAYS, OVERDUE)],
  }),
  stat({
    ...figure,
    title: 'Oldest credential',
    description: 'Longest time since the last rotation of an agent, in days.',
    unit: DAYS_UNIT,
    calc: 'max',
    decimals: 0,
    color: COLOR.rotation,
    fields: `/^${DAYS}$/`,
    targets: [ages],
  }),
  stat({
    ...figure,
    title: 'Average interval',
    description: 'Average number of days between rotations of the same agent in the time range.',
    noValue: 'Fewer than two rotations',
    unit: DAYS_UNIT,
    calc: 'lastNotNull',
    decimals: 1,
    color: COLOR.rotation,
    targets: [query('rotation_interval_avg_days')],
  }),
];

const agents = table({
  title: 'Rotation by agent',
  description:
    'All agents, sorted by the time since the last rotation. The last column shows the age of the credential as a share ' +
    'of the selected number of days: amber from 80 %, red from 100 %. The average interval requires two rotations in the ' +
    'time range.',
  unit: 'short',
  noValue: 'No agents in this time range',
  width: 24,
  height: 16,
  sortBy: DAYS,
  ...withAge(
    agentTotals([
      { metric: 'days_since_rotation', title: DAYS },
      { metric: 'credential_rotations', title: 'Rotations', sparkline: true },
      { metric: 'last_rotation_time', title: LAST },
      { metric: 'rotation_interval_avg_days', title: 'Average interval' },
    ]),
  ),
  overrides: [
    ...agentColumns(COLOR.rotation),
    { field: 'Rotations', properties: cell.count() },
    { field: DAYS, properties: [set.unit(DAYS_UNIT), set.decimals(0)] },
    { field: LAST, properties: [set.unit('time:YYYY-MM-DD HH:mm'), set.noValue('never')] },
    { field: 'Average interval', properties: [set.unit(DAYS_UNIT), set.decimals(1)] },
    {
      field: AGE,
      properties: [
        set.unit('percentunit'),
        set.decimals(0),
        ...cell.byThreshold(COLOR.good, [0.8, COLOR.warning], [1, COLOR.bad]),
      ],
    },
  ],
});

const overTime = timeSeries({
  title: 'Rotations over time',
  description:
    'Credential rotations per day of the ten agents with the most rotations. Click a bar to open the agent.',
  unit: 'short',
  noValue: 'No rotations in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  stacked: true,
  targets: [
    query('credential_rotations', {
      interval: 'day',
      format: 'timeseries',
      groupBy: ['agent'],
      limit: 10,
      alias: '{{agentName}}',
    }),
  ],
});

const longest = barChart({
  title: 'Longest time since rotation',
  description:
    'The 15 agents with the longest time since the last rotation, in days. Click a bar to open the agent.',
  unit: DAYS_UNIT,
  noValue: 'No agents in this time range',
  width: 12,
  height: 10,
  xField: 'agentName',
  targets: [
    query('days_since_rotation', {
      groupBy: ['agent'],
      alias: DAYS,
      limit: 15,
      orderBy: { by: 'value', direction: 'desc' },
    }),
  ],
  overrides: [
    {
      field: DAYS,
      properties: [
        set.unit(DAYS_UNIT),
        set.decimals(0),
        set.color(COLOR.rotation),
        { id: 'links', value: [toAgent()] },
      ],
    },
  ],
});

function withAge(totalsOfAgents: ReturnType<typeof agentTotals>): ReturnType<typeof agentTotals> {
  const order = arrange(['agent', 'agentName', 'Rotations', TREND, LAST, DAYS, 'Average interval', AGE]);
  return {
    ...totalsOfAgents,
    transformations: [...totalsOfAgents.transformations, calculate(AGE, DAYS, '/', OVERDUE), order],
  };
}

export const credentialRotation = buildDashboard({
  uid: DASHBOARD_UID.credentialRotation,
  title: 'Credential rotation',
  description: 'When credentials were rotated, and which are overdue.',
  tags: [DROPDOWN_TAG],
  from: 'now-90d/d',
  refresh: '5m',
  variables: [datasourceVariable(), agentsVariable(), overdueVariable()],
  annotations: [rotationAnnotation(false), jobFailureAnnotation()],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: totals },
    { title: 'Agents', panels: [agents] },
    { title: 'Rotations', panels: [overTime, longest] },
  ],
});
