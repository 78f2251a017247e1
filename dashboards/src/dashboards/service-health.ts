import { promAnnotation } from '../lib/annotations.js';
import { COLOR } from 'agentidp-analytics-panels/color';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import { DASHBOARD_UID, DROPDOWN_TAG, VARIABLE } from 'agentidp-analytics-panels/names';
import { labelVariable, prometheusVariable } from '../lib/variables.js';
import { SERVICE, TENANTS_JOB } from './service-health/selectors.js';
import { aggregationPanels, ingestPanels } from './service-health/pipeline.js';
import { processPanels } from './service-health/process.js';
import { cachePanels, requestPanels } from './service-health/reads.js';
import { summaryPanels } from './service-health/summary.js';
import { tenantPanels } from './service-health/tenants.js';

export const serviceHealth = buildDashboard({
  uid: DASHBOARD_UID.serviceHealth,
  title: 'Service health',
  description:
    'Requests, cache, ingest, rollup, connection pool and process of the exporter, from Prometheus.',
  tags: [DROPDOWN_TAG],
  from: 'now-1h',
  refresh: '30s',
  variables: [
    prometheusVariable(),
    labelVariable(
      VARIABLE.instance,
      'Instance',
      'Replicas of the exporter to include in the service panels.',
      'up{job="agentidp"}',
    ),
    labelVariable(
      VARIABLE.tenant,
      'Tenant',
      'Tenants to include in the tenant panels.',
      `agentidp_active_agents{job="${TENANTS_JOB}"}`,
    ),
  ],
  annotations: [
    promAnnotation(
      'Restarts',
      `changes(process_start_time_seconds{${SERVICE}}[2m]) > 0`,
      'Exporter restarted',
      COLOR.warning,
      true,
    ),
    promAnnotation(
      'Nightly aggregation',
      `max(changes(agentidp_analytics_aggregation_job_last_run{${SERVICE}}[2m])) > 0`,
      'Nightly aggregation succeeded',
      COLOR.good,
      false,
    ),
  ],
  links: [dashboardDropdown()],
  rows: [
    { title: 'Summary', panels: summaryPanels },
    { title: 'Requests', panels: requestPanels },
    { title: 'Queries and cache', panels: cachePanels },
    { title: 'Ingest', panels: ingestPanels },
    { title: 'Aggregation', panels: aggregationPanels },
    { title: 'Database pool and process', panels: processPanels },
    { title: 'Tenants', panels: tenantPanels },
  ],
});
