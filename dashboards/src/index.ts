import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { agentActivity } from './dashboards/agent-activity.js';
import { agentDetail } from './dashboards/agent-detail.js';
import { alertsAndReports } from './dashboards/alerts-and-reports.js';
import { callPatterns } from './dashboards/call-patterns.js';
import { compareAgents } from './dashboards/compare-agents.js';
import { costOptimisation } from './dashboards/cost-optimisation.js';
import { cost } from './dashboards/cost.js';
import { credentialRotation } from './dashboards/credential-rotation.js';
import { executionDetail } from './dashboards/execution.js';
import { executions } from './dashboards/executions.js';
import { live } from './dashboards/live.js';
import { models } from './dashboards/models.js';
import { serviceHealth } from './dashboards/service-health.js';
import { sessions } from './dashboards/sessions.js';
import { teams } from './dashboards/teams.js';
import { tools } from './dashboards/tools.js';
import { tokenTrends } from './dashboards/token-trends.js';

export interface DashboardFile {
  /** File name without extension. */
  name: string;
  /** For operators only: it shows metrics of all tenants, and is in a folder of its own. */
  isOfOperators?: true;
  dashboard: Dashboard;
}

export const dashboards: DashboardFile[] = [
  { name: 'agent-activity', dashboard: agentActivity },
  { name: 'token-trends', dashboard: tokenTrends },
  { name: 'credential-rotation', dashboard: credentialRotation },
  { name: 'call-patterns', dashboard: callPatterns },
  { name: 'agent-detail', dashboard: agentDetail },
  { name: 'executions', dashboard: executions },
  { name: 'execution', dashboard: executionDetail },
  { name: 'cost', dashboard: cost },
  { name: 'models', dashboard: models },
  { name: 'sessions', dashboard: sessions },
  { name: 'tools', dashboard: tools },
  { name: 'teams', dashboard: teams },
  { name: 'compare-agents', dashboard: compareAgents },
  { name: 'cost-optimisation', dashboard: costOptimisation },
  { name: 'alerts-and-reports', dashboard: alertsAndReports },
  { name: 'live', dashboard: live },
  { name: 'service-health', isOfOperators: true, dashboard: serviceHealth },
];
