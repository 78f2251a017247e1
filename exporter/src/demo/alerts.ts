/** The demo's alerts, created once: one that fires and is resolved every few minutes, and those of the templates. */
import type { Alerts } from '../alerts/alerts.js';
import type { NewAlert } from '../alerts/settings.js';
import { ALERT_TEMPLATES } from '../alerts/templates.js';
import type { Author } from '../tenants/audit.js';
import { LIVE_INCIDENT } from './runs.js';

const INCIDENT: NewAlert = {
  name: 'Support triage fails',
  condition: {
    metric: 'execution_error_rate',
    operator: 'greater_than',
    threshold: 50,
    window: '1m',
    filters: [{ dimension: 'agent', operator: 'in', values: [LIVE_INCIDENT.agentId] }],
  },
  severity: 'critical',
};

const FEWER: NewAlert = {
  name: 'Executions are fewer than last week',
  condition: {
    metric: 'executions',
    operator: 'less_than',
    threshold: -50,
    window: '1h',
    compare: 'last_week',
  },
  severity: 'info',
};

/** @param channels those of the alert that fires in live traffic */
export async function seedAlerts(
  alerts: Pick<Alerts, 'create'>,
  tenantId: string,
  author: Author,
  channels: string[],
): Promise<void> {
  const templates = ALERT_TEMPLATES.map(({ alert }) => alert);
  for (const input of [{ ...INCIDENT, actions: { channels } }, FEWER, ...templates])
    await alerts.create(tenantId, input, author);
}
