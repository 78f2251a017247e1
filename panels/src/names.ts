/** Ids that links, provisioning files and bookmarks depend on. Do not change them. */

export const ANALYTICS_PLUGIN_ID = 'agentidp-analytics-datasource';
export const PROMETHEUS_PLUGIN_ID = 'prometheus';

/** The uid in a dashboard's URL, `/d/<uid>`. */
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
  sessions: 'agentidp-sessions',
  tools: 'agentidp-tools',
  teams: 'agentidp-teams',
  compareAgents: 'agentidp-compare-agents',
  costOptimisation: 'agentidp-cost-optimisation',
  alertsAndReports: 'agentidp-alerts-and-reports',
  serviceHealth: 'agentidp-service-health',
} as const;

/** Tag of the dashboards in the dropdown. */
export const DROPDOWN_TAG = 'agentidp';
/** Tag of all dashboards of the project. */
export const PROJECT_TAG = 'agentidp-analytics';

/** Names of template variables, also used in URLs as `var-<name>`. */
export const VARIABLE = {
  datasource: 'datasource',
  prometheus: 'prometheus',
  agent: 'agent',
  agentTag: 'agent_tag',
  user: 'user',
  environment: 'environment',
  execution: 'execution',
  session: 'session',
  sessionStatus: 'status',
  funnelSteps: 'steps',
  metric: 'metric',
  overdueDays: 'overdue_days',
  filters: 'filters',
  tenant: 'tenant',
  instance: 'instance',
} as const;
