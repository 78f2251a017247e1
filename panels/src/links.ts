import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from './names.js';

/** A dropdown of the project's dashboards that keeps the time range and the variables. */
export function dashboardDropdown(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('AgentIdP Analytics')
    .type(DashboardLinkType.Dashboards)
    .tags([DROPDOWN_TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
    .targetBlank(false);
}

/** A link to another dashboard that keeps the time range and the data source. */
export function backTo(title: string, uid: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('arrow-left')
    .tooltip(`Open ${title} with the same time range`)
    .url(`/d/${uid}?\${${VARIABLE.datasource}:queryparam}`)
    .keepTime(true)
    .targetBlank(false);
}

/** A link to another dashboard for a deeper look that keeps the time range and the data source. */
export function onTo(title: string, uid: string): DashboardLinkBuilder {
  return backTo(title, uid).icon('external link');
}

/**
 * A data link from a table row to its agent that keeps the time range and the data source. The plugin itself adds links to
 * series, heatmap rows and agent columns; this one is for other fields.
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
