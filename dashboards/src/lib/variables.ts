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
import { analytics, analyticsDatasource } from './analytics.js';
import { ANALYTICS_PLUGIN_ID, PROMETHEUS_PLUGIN_ID, VARIABLE } from './names.js';
import { prometheusDatasource } from './prometheus.js';

const ALL: VariableOption = { text: ['All'], value: ['$__all'] };

/** Which data source of the plugin, so which tenant, the dashboard shows. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(VARIABLE.datasource)
    .label('Data source')
    .description('The AgentIdP Analytics data source, and with it the tenant, that this dashboard shows')
    .type(ANALYTICS_PLUGIN_ID)
    .hide(VariableHide.DontHide);
}

export function prometheusVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(VARIABLE.prometheus)
    .label('Prometheus')
    .description('The Prometheus that scrapes the exporter')
    .type(PROMETHEUS_PLUGIN_ID)
    .hide(VariableHide.DontHide);
}

/** One agent, several or all. */
export function agentsVariable(): QueryVariableBuilder {
  return agents('The agents that the panels count; All includes events without an agent')
    .multi(true)
    .includeAll(true)
    .current(ALL);
}

/** Exactly one agent. */
export function agentVariable(): QueryVariableBuilder {
  return agents('The agent that this dashboard is about').multi(false).includeAll(false);
}

/** The id of one execution; tables of executions fill it in by their links. */
export function executionVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(VARIABLE.execution)
    .label('Execution')
    .description('The id of an execution, which is also the trace id of those that came by OpenTelemetry')
    .defaultValue('');
}

/** After how many days without a rotation a credential counts as overdue. */
export function overdueVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder(VARIABLE.overdueDays)
    .label('Overdue after (days)')
    .description(
      'A credential not rotated for more than this many days is overdue; other numbers can be typed',
    )
    .values('7, 14, 30, 60, 90, 180, 365')
    .current({ text: '60', value: '60' })
    .multi(false)
    .includeAll(false)
    .allowCustomValue(true);
}

/** Filters on any dimension, added to every query whose metric has that dimension. */
export function filtersVariable(): AdHocVariableBuilder {
  return new AdHocVariableBuilder(VARIABLE.filters)
    .label('Filters')
    .description(
      'Narrow every panel down by endpoint, status or agent, where its metric knows that dimension',
    )
    .datasource(analyticsDatasource)
    .allowCustomValue(true);
}

/** The values of a label, several or all, for Prometheus panels. */
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
  const query = analytics({ queryType: 'dimensionValues', metric: '', dimension: 'agent' });
  return new QueryVariableBuilder(VARIABLE.agent)
    .label('Agent')
    .description(description)
    .datasource(analyticsDatasource)
    .query({ ...query.query('agents').build() })
    .definition('Values of agent')
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled);
}
