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

/** The data source of the plugin, and so the tenant. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(VARIABLE.datasource)
    .label('Data source')
    .description('AgentIdP Analytics data source. Each data source shows one tenant.')
    .type(ANALYTICS_PLUGIN_ID)
    .hide(VariableHide.DontHide);
}

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
      'Filter by endpoint, status or agent. A filter applies to panels whose metric has that dimension.',
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
