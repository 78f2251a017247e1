/** The demo's report, created once. */
import type { ReportView, Reports } from '../reports/reports.js';
import type { Author } from '../tenants/audit.js';

export function seedReport(
  reports: Pick<Reports, 'create'>,
  tenantId: string,
  author: Author,
  channels: string[],
): Promise<ReportView> {
  const report = { name: 'Week of the agents', template: 'executive_summary', schedule: 'weekly' } as const;
  return reports.create(tenantId, { ...report, filters: { period: '7d' }, channels }, author);
}
