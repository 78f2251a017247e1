import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from './names.js';

/** Every dashboard of the project but the detail of an agent, with the time range and the choices kept. */
export function dashboardDropdown(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('AgentIdP Analytics')
    .type(DashboardLinkType.Dashboards)
    .tags([DROPDOWN_TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
    .targetBlank(false);
}

/** A link in a dashboard's head to another, with the time range and the data source kept. */
export function backTo(title: string, uid: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('arrow-left')
    .tooltip(`${title}, with the same time range`)
    .url(`/d/${uid}?\${${VARIABLE.datasource}:queryparam}`)
    .keepTime(true)
    .targetBlank(false);
}

/**
 * From a row of a table to the detail of its agent, with the time range and the data source kept. The plugin itself
 * links series, heatmap rows and the columns that name an agent; this is for a figure of such a row.
 */
export function toAgent(): { title: string; url: string; targetBlank: boolean } {
  const query = [
    `var-${VARIABLE.agent}=\${__data.fields.agent:percentencode}`,
    `\${${VARIABLE.datasource}:queryparam}`,
    '${__url_time_range}',
  ];
  return {
    title: 'Agent detail',
    url: `/d/${DASHBOARD_UID.agentDetail}?${query.join('&')}`,
    targetBlank: false,
  };
}
