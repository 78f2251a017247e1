import type { Report, ReportRun } from '../api/types';

export const REPORT_RUN: ReportRun = {
  id: 'run-1',
  report_id: 'r-1',
  status: 'done',
  scheduled_for: '2026-03-16T06:00:00.000Z',
  period: { from: '2026-03-08T23:00:00.000Z', to: '2026-03-15T23:00:00.000Z', time_zone: 'Europe/Berlin' },
  created_at: '2026-03-16T06:00:05.000Z',
  started_at: '2026-03-16T06:00:06.000Z',
  finished_at: '2026-03-16T06:00:09.000Z',
  error: null,
};

export const REPORT: Report = {
  id: 'r-1',
  name: 'Monday',
  template: 'cost_report',
  metrics: [],
  group_by: [],
  filters: { period: '7d' },
  schedule: 'weekly',
  time_zone: 'Europe/Berlin',
  recipients: [],
  channels: [],
  next_run_at: '2026-03-23T06:00:00.000Z',
  last_run: REPORT_RUN,
};
