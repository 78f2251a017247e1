import {
  AdHocVariableBuilder,
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type VariableOption,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { analyticsDatasource } from 'agentidp-analytics-panels/analytics';
import { analytics } from './analytics.js';
import { PROMETHEUS_PLUGIN_ID, VARIABLE } from 'agentidp-analytics-panels/names';
import { prometheusDatasource } from './prometheus.js';

const ALL: VariableOption = { text: ['All'], value: ['$__all'] };

export function prometheusVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(VARIABLE.prometheus)
    .label('Prometheus')
    .description('Prometheus data source that scrapes the exporter.')
    .type(PROMETHEUS_PLUGIN_ID)
    .hide(VariableHide.DontHide);
}

/** One, several or all agents. */
export function agentsVariable(): QueryVariableBuilder {
  return agents('Agents to include. All also includes events without an agent.')
    .multi(true)
    .includeAll(true)
    .current(ALL);
}

/** Exactly one agent. */
export function agentVariable(): QueryVariableBuilder {
  return agents('Agent to show.').multi(false).includeAll(false);
}

/** One agent or all of them, for reports that know no more than one. */
export function oneAgentVariable(): QueryVariableBuilder {
  return agents('Agent to include.').multi(false).includeAll(true).current(ALL);
}

/** One, several or all tags of agents, such as their teams. */
export function agentTagVariable(): QueryVariableBuilder {
  return several('agentTag', 'Agent tag', 'Only agents with one of these tags, such as their team.');
}

export function environmentVariable(): QueryVariableBuilder {
  return several('environment', 'Environment', 'Only what ran in these environments.');
}

export function userVariable(): QueryVariableBuilder {
  return several('user', 'User', 'Only what ran on behalf of these users.');
}

/** How sessions ended. */
export function sessionStatusVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder(VARIABLE.sessionStatus)
    .label('Status')
    .description('Status of the sessions in the list.')
    .values('active, completed, failed')
    .multi(false)
    .includeAll(true)
    .current(ALL);
}

/** @param steps initial choice; those that the tenant does not have are left out */
export function funnelStepsVariable(steps: string[]): QueryVariableBuilder {
  return dimensionValues(
    'tool',
    VARIABLE.funnelSteps,
    'Funnel steps',
    'Two to ten tools, in the order of the funnel.',
  )
    .multi(true)
    .includeAll(false)
    .current({ text: steps, value: steps });
}

/** Exactly one metric. @param metrics names by title */
export function metricVariable(metrics: Record<string, string>): CustomVariableBuilder {
  const entries = Object.entries(metrics);
  const [[title, metric]] = entries as [[string, string]];
  return new CustomVariableBuilder(VARIABLE.metric)
    .label('Metric')
    .description('Metric of the panels that show a single one.')
    .values(entries.map(([text, name]) => `${text} : ${name}`).join(', '))
    .current({ text: title, value: metric })
    .multi(false)
    .includeAll(false);
}

/** The session whose executions are listed, set by the links in tables of sessions. */
export function sessionVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(VARIABLE.session)
    .label('Session')
    .description(
      'Session id. The list of executions then shows all of that session, whatever the time range.',
    )
    .defaultValue('');
}

/** The id of one execution, set by the links in tables of executions. */
export function executionVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(VARIABLE.execution)
    .label('Execution')
    .description('Execution id. For executions received through OpenTelemetry, this is also the trace id.')
    .defaultValue('');
}

/** Number of days without a rotation after which a credential is overdue. */
export function overdueVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder(VARIABLE.overdueDays)
    .label('Overdue after (days)')
    .description('Days without a rotation after which a credential is overdue. You can type other numbers.')
    .values('7, 14, 30, 60, 90, 180, 365')
    .current({ text: '60', value: '60' })
    .multi(false)
    .includeAll(false)
    .allowCustomValue(true);
}

/** Ad hoc filters, added to every query whose metric has the dimension. */
export function filtersVariable(): AdHocVariableBuilder {
  return new AdHocVariableBuilder(VARIABLE.filters)
    .label('Filters')
    .description(
      'Filter by agent, agent tag, user, environment, tag, model or status. A filter applies to panels whose metric has that dimension.',
    )
    .datasource(analyticsDatasource)
    .allowCustomValue(true);
}

/** One, several or all values of a Prometheus label. */
export function labelVariable(
  name: string,
  label: string,
  description: string,
  metric: string,
): QueryVariableBuilder {
  const query = `label_values(${metric}, ${name})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(prometheusDatasource)
    .query({ query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(ALL);
}

function agents(description: string): QueryVariableBuilder {
  return dimensionValues('agent', VARIABLE.agent, 'Agent', description);
}

function several(
  dimension: 'agentTag' | 'environment' | 'user',
  label: string,
  description: string,
): QueryVariableBuilder {
  return dimensionValues(dimension, VARIABLE[dimension], label, description)
    .multi(true)
    .includeAll(true)
    .current(ALL);
}

function dimensionValues(
  dimension: string,
  name: string,
  label: string,
  description: string,
): QueryVariableBuilder {
  const query = analytics({ queryType: 'dimensionValues', metric: '', dimension });
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(analyticsDatasource)
    .query({ ...query.query(`${dimension}s`).build() })
    .definition(`Values of ${dimension}`)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled);
}
