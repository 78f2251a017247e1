import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { agentActivity } from './dashboards/agent-activity.js';
import { agentDetail } from './dashboards/agent-detail.js';
import { callPatterns } from './dashboards/call-patterns.js';
import { cost } from './dashboards/cost.js';
import { credentialRotation } from './dashboards/credential-rotation.js';
import { executionDetail } from './dashboards/execution.js';
import { executions } from './dashboards/executions.js';
import { models } from './dashboards/models.js';
import { serviceHealth } from './dashboards/service-health.js';
import { tokenTrends } from './dashboards/token-trends.js';

export interface DashboardFile {
  /** File name without extension. */
  name: string;
  dashboard: Dashboard;
  /** Whether the plugin includes it. Bundled dashboards must not need another data source. */
  bundled: boolean;
}

export const dashboards: DashboardFile[] = [
  { name: 'agent-activity', dashboard: agentActivity, bundled: true },
  { name: 'token-trends', dashboard: tokenTrends, bundled: true },
  { name: 'credential-rotation', dashboard: credentialRotation, bundled: true },
  { name: 'call-patterns', dashboard: callPatterns, bundled: true },
  { name: 'agent-detail', dashboard: agentDetail, bundled: true },
  { name: 'executions', dashboard: executions, bundled: true },
  { name: 'execution', dashboard: executionDetail, bundled: true },
  { name: 'cost', dashboard: cost, bundled: true },
  { name: 'models', dashboard: models, bundled: true },
  { name: 'service-health', dashboard: serviceHealth, bundled: false },
];
