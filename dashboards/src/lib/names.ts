/** Ids that links, provisioning files and bookmarks rely on: they never change. */

export const ANALYTICS_PLUGIN_ID = 'agentidp-analytics-datasource';
export const PROMETHEUS_PLUGIN_ID = 'prometheus';

/** The uid in a dashboard's address, `/d/<uid>`. */
export const DASHBOARD_UID = {
  agentActivity: 'agentidp-agent-activity',
  tokenTrends: 'agentidp-token-trends',
  credentialRotation: 'agentidp-credential-rotation',
  callPatterns: 'agentidp-call-patterns',
  agentDetail: 'agentidp-agent-detail',
  executions: 'agentidp-executions',
  execution: 'agentidp-execution',
  cost: 'agentidp-cost',
  models: 'agentidp-models',
  serviceHealth: 'agentidp-service-health',
} as const;

/** Dashboards with this tag appear in the dropdown at the top of each of them. */
export const DROPDOWN_TAG = 'agentidp';
/** On every dashboard of the project, also on those that the dropdown leaves out. */
export const PROJECT_TAG = 'agentidp-analytics';

/** Template variables; the name is also the key in a link, `var-<name>`. */
export const VARIABLE = {
  datasource: 'datasource',
  prometheus: 'prometheus',
  agent: 'agent',
  execution: 'execution',
  overdueDays: 'overdue_days',
  filters: 'filters',
  tenant: 'tenant',
  instance: 'instance',
} as const;
