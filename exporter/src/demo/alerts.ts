/** The demo's alerts. They are created once. */
import type { Alerts } from '../alerts/alerts.js';
import type { NewAlert } from '../alerts/settings.js';
import { listRules } from '../alerts/store.js';
import type { ReadPool } from '../db/read-shares.js';
import type { Author } from '../tenants/audit.js';
import { LIVE_INCIDENT } from './runs.js';

const CHANNEL = 'email';

const ALERTS: readonly NewAlert[] = [
  {
    name: 'Support triage fails',
    condition: {
      metric: 'execution_error_rate',
      operator: 'greater_than',
      threshold: 50,
      window: '1m',
      filters: [{ dimension: 'agent', operator: 'in', values: [LIVE_INCIDENT.agentId] }],
    },
    severity: 'critical',
  },
  {
    name: 'Spend of a day',
    condition: { metric: 'cost_usd', operator: 'greater_than', threshold: 1_000, window: '1d' },
  },
  {
    name: 'Rotation overdue',
    condition: {
      metric: 'days_since_rotation',
      operator: 'greater_than',
      threshold: 90,
      window: '1d',
      group_by: ['agent'],
    },
  },
];

/**
 * @param mails whether the service can send mails
 * @returns the number of alerts created; 0 if the tenant already has some
 */
export async function seedAlerts(
  alerts: Pick<Alerts, 'create'>,
  pool: ReadPool,
  tenantId: string,
  author: Author,
  mails: boolean,
): Promise<number> {
  const known = await listRules(pool, tenantId, { limit: 1, after: undefined, state: undefined });
  if (known.length > 0) return 0;
  const actions = { channels: mails ? [CHANNEL] : [] };
  for (const alert of ALERTS) await alerts.create(tenantId, { ...alert, actions }, author);
  return ALERTS.length;
}
