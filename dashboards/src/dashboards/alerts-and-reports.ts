import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { alerts, analytics, reports, topLevel } from '../lib/analytics.js';
import { alertAnnotation, jobFailureAnnotation } from '../lib/annotations.js';
import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown, onTo } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG } from 'agentidp-analytics-panels/names';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange } from '../lib/transformations.js';
import { datasourceVariable } from 'agentidp-analytics-panels/analytics';

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
        set.custom('width', 80),
      ],
    },
    { field: 'Name', properties: [set.custom('width', 220)] },
    { field: 'Severity', properties: [set.custom('width', 80)] },
    { field: 'By', properties: [set.custom('width', 80)] },
    { field: 'Value', properties: [set.custom('width', 90)] },
    { field: { regexp: '/^(Since|Evaluated)$/' }, properties: [set.custom('width', 165)] },
    { field: 'Error', properties: [...cell.wrapped(), set.custom('width', 120)] },
  ],
});

const REPORT_COLUMNS = [
  'Name',
  'Template',
  'Schedule',
  'Time zone',
  'Next run',
  'Last run',
  'Status',
  'Error',
];

const reportList = table({
  title: 'Reports',
  description: 'All reports with their schedule and their last run. A click on the last run opens it.',
  unit: 'short',
  noValue: 'No reports. POST /api/v1/analytics/reports creates one; GET …/reports/templates has templates.',
  width: 24,
  height: 8,
  targets: [reports()],
  transformations: [arrange(REPORT_COLUMNS)],
  overrides: [
    {
      field: 'Status',
      properties: [
        ...cell.text(),
        { id: 'mappings', value: colored({ failed: COLOR.bad, done: COLOR.good }) },
        set.custom('width', 80),
      ],
    },
    { field: { regexp: '/^(Next|Last) run$/' }, properties: [set.custom('width', 165)] },
    { field: 'Error', properties: cell.wrapped() },
    { field: 'Run ID', properties: cell.hidden() },
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
  description: 'The alerts of the tenant with their state, when they fired, and its reports.',
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
    { title: 'Reports', panels: [reportList] },
  ],
});
