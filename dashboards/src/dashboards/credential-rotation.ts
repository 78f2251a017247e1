import { analytics, chosenAgents, type AnalyticsQuery } from '../lib/analytics.js';
import { agentColumns, agentTotals, TREND } from '../lib/agent-table.js';
import { jobFailureAnnotation, rotationAnnotation } from '../lib/annotations.js';
import { barChart, timeSeries } from '../lib/chart.js';
import { COLOR, set } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { dashboardDropdown, toAgent } from '../lib/links.js';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from '../lib/names.js';
import { stat } from '../lib/stat.js';
import { cell, table } from '../lib/table.js';
import { arrange, calculate, keepGreater } from '../lib/transformations.js';
import { agentsVariable, datasourceVariable, overdueVariable } from '../lib/variables.js';

const DAYS = 'Days since rotation';
const LAST = 'Last rotation';
const AGE = 'Of allowed age';
/** The threshold in days, as Grafana replaces it in a transformation. */
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
    description: 'Credentials rotated in the time range; one point a day.',
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
      'Agents whose last rotation, or first sight if they never rotated, is more than the chosen number of days ago.',
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
    description: 'Days since the last rotation of the agent that has waited longest.',
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
    description: 'Mean days between two rotations of the same agent within the time range.',
    noValue: 'Fewer than two',
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
    'Every agent, the longest not rotated on top; click a column to sort by it. The last column is the age of the ' +
    'credential as part of the number of days chosen above: amber from 80 %, red beyond 100 %. The average ' +
    'interval wants two rotations within the time range.',
  unit: 'short',
  noValue: 'No agents known in this time range',
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
    'Credentials rotated per day, by the ten agents that rotated most. Click a bar to open its agent.',
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
  title: 'Longest not rotated',
  description:
    'The fifteen agents whose last rotation is longest ago, in days. Click a bar to open its agent.',
  unit: DAYS_UNIT,
  noValue: 'No agents known in this time range',
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
  description: 'Which credentials have been rotated when, and which are overdue.',
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
