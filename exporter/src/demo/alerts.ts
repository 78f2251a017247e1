/** The demo's alerts, created once: from the templates, and one that fires and is resolved every few minutes. */
import type { Alerts } from '../alerts/alerts.js';
import { ALERT_TEMPLATES } from '../alerts/templates.js';
import type { NewAlert } from '../alerts/settings.js';
import type { Author } from '../tenants/audit.js';

const OWN: readonly NewAlert[] = [
  {
    name: 'A call has failed',
    condition: { metric: 'api_errors', operator: 'greater_than', threshold: 0, window: '1m' },
    severity: 'info',
  },
  {
    name: 'Executions are fewer than last week',
    condition: {
      metric: 'executions',
      operator: 'less_than',
      threshold: -50,
      window: '1h',
      compare: 'last_week',
    },
    severity: 'info',
  },
];

export async function seedAlerts(
  alerts: Pick<Alerts, 'create'>,
  tenantId: string,
  author: Author,
): Promise<void> {
  for (const input of [...OWN, ...ALERT_TEMPLATES.map(({ alert }) => alert)])
    await alerts.create(tenantId, input, author);
}
