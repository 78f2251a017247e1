import type { DataFrame } from '@grafana/data';
import type { Report, ReportRun } from '../../api/types';
import { tableOf, textColumn, timeColumn, type Column } from '../../frames/columns';

const RUN_COLUMNS: Array<Column<ReportRun>> = [
  timeColumn('Created', 'created_at'),
  textColumn('Status', 'status'),
  timeColumn('Scheduled for', 'scheduled_for'),
  timeColumn('Finished', 'finished_at'),
  textColumn('From', 'period', { value: ({ period }) => period.from }),
  textColumn('To', 'period', { value: ({ period }) => period.to }),
  textColumn('Error', 'error'),
  textColumn('ID', 'id'),
];

type Row = Report & { finished: string | null };

const REPORT_COLUMNS: Array<Column<Row>> = [
  textColumn('Name', 'name'),
  textColumn('Template', 'template', { value: ({ template }) => template?.replaceAll('_', ' ') ?? null }),
  textColumn('Schedule', 'schedule'),
  textColumn('Time zone', 'time_zone'),
  timeColumn('Next run', 'next_run_at'),
  timeColumn('Last run', 'finished'),
  textColumn('Status', 'last_run', { value: ({ last_run }) => last_run?.status ?? null }),
  textColumn('Error', 'last_run', { value: ({ last_run }) => last_run?.error ?? null }),
  textColumn('ID', 'id'),
];

export function reportFrames(refId: string, reports: Report[]): DataFrame[] {
  const rows = reports.map((report) => ({ ...report, finished: report.last_run?.finished_at ?? null }));
  return tableOf(refId, rows, REPORT_COLUMNS);
}

export function runFrames(refId: string, runs: ReportRun[]): DataFrame[] {
  return tableOf(refId, runs, RUN_COLUMNS);
}
