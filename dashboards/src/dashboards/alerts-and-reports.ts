import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { alerts, analytics, topLevel } from '../lib/analytics.js';
import { alertAnnotation, jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from '../lib/chart.js';
import { COLOR, set } from '../lib/color.js';
import { buildDashboard } from '../lib/dashboard.js';
import { dashboardDropdown, onTo } from '../lib/links.js';
import { DASHBOARD_UID, DROPDOWN_TAG } from '../lib/names.js';
import { cell, table } from '../lib/table.js';
import { arrange } from '../lib/transformations.js';
import { datasourceVariable } from '../lib/variables.js';

const MARKS = 'Marks show where alerts began to fire and were resolved.';

const colored = (words: Record<string, string>): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(words).map(([text, color], index) => [text, { text, color, index }]),
    ),
  },
];

const COLUMNS = ['State', 'Name', 'Severity', 'Condition', 'By', 'Value', 'Since', 'Evaluated', 'Error'];

const list = table({
  title: 'Alerts',
  description:
    'All alerts with their state, the worst first. The value of a grouped alert is that of its most relevant group.',
  unit: 'short',
  noValue:
    'No alerts. POST /api/v1/analytics/alerts creates one; GET …/alerts/templates has some to begin with.',
  width: 24,
  height: 12,
  targets: [alerts()],
  transformations: [arrange(COLUMNS)],
  overrides: [
    {
      field: 'State',
      properties: [
        ...cell.text(),
        {
          id: 'mappings',
          value: colored({
            firing: COLOR.bad,
            pending: COLOR.warning,
            ok: COLOR.good,
          }),
        },
        set.custom('width', 100),
      ],
    },
    { field: 'Name', properties: [set.custom('width', 220)] },
    { field: 'Severity', properties: [set.custom('width', 100)] },
    { field: 'By', properties: [set.custom('width', 110)] },
    { field: 'Value', properties: [set.custom('width', 110)] },
    { field: { regexp: '/^(Since|Evaluated)$/' }, properties: [set.custom('width', 165)] },
    { field: 'Error', properties: cell.wrapped() },
  ],
});

const rates = timeSeries({
  title: 'Error rates',
  description: `Share of API calls with a status of 400 or more, and of executions of the top level that failed. ${MARKS}`,
  unit: 'percent',
  noValue: 'No calls or executions in this time range',
  width: 12,
  height: 10,
  draw: 'lines',
  legendCalcs: ['mean', 'max'],
  targets: [
    analytics({ metric: 'api_error_rate', alias: 'API calls' }),
    analytics({ metric: 'execution_error_rate', filters: [topLevel], alias: 'Executions' }),
  ],
});

const spend = timeSeries({
  title: 'Cost',
  description: `What executions cost, without those whose price is not known. ${MARKS}`,
  unit: 'currencyUSD',
  noValue: 'No cost in this time range',
  width: 12,
  height: 10,
  draw: 'bars',
  legendCalcs: ['sum'],
  targets: [analytics({ metric: 'cost_usd', alias: 'Cost' })],
  overrides: [{ field: 'Cost', properties: [set.color(COLOR.rotation)] }],
});

export const alertsAndReports = buildDashboard({
  uid: DASHBOARD_UID.alertsAndReports,
  title: 'Alerts and reports',
  description: 'The alerts of the tenant with their state, and when they fired.',
  tags: [DROPDOWN_TAG],
  from: 'now-24h',
  refresh: '1m',
  variables: [datasourceVariable()],
  annotations: [alertAnnotation(), jobFailureAnnotation()],
  links: [
    onTo('Executions', DASHBOARD_UID.executions),
    onTo('Cost and budgets', DASHBOARD_UID.cost),
    dashboardDropdown(),
  ],
  rows: [
    { title: 'Alerts', panels: [list] },
    { title: 'When they fired', panels: [rates, spend] },
  ],
});
