import type { DataFrame, FieldConfig } from '@grafana/data';
import type { Report, ReportRun } from '../../api/types';
import { tableOf, textColumn, timeColumn, type Column } from '../../frames/columns';

/** Address of a run as a page; the ids may be expressions that Grafana replaces with ids. */
type PageOf = (reportId: string, runId: string) => string;

const opened = (url: string): FieldConfig => ({
  links: [{ title: 'Open the report', url, targetBlank: true }],
});
/** Expressions for ids in the same row. */
const ID_OF_ROW = '${__data.fields.ID:percentencode}';
const RUN_OF_ROW = '${__data.fields["Run ID"]:percentencode}';

const runColumns = (reportId: string, pageOf: PageOf): Array<Column<ReportRun>> => [
  timeColumn('Created', 'created_at'),
  textColumn('Status', 'status'),
  timeColumn('Scheduled for', 'scheduled_for'),
  {
    ...timeColumn('Finished', 'finished_at'),
    config: opened(pageOf(encodeURIComponent(reportId), ID_OF_ROW)),
  },
  textColumn('From', 'period', { value: ({ period }) => period.from }),
  textColumn('To', 'period', { value: ({ period }) => period.to }),
  textColumn('Error', 'error'),
  textColumn('ID', 'id'),
];

type Row = Report & { finished: string | null };

const reportColumns = (pageOf: PageOf): Array<Column<Row>> => [
  textColumn('Name', 'name'),
  textColumn('Template', 'template', { value: ({ template }) => template?.replaceAll('_', ' ') ?? null }),
  textColumn('Schedule', 'schedule'),
  textColumn('Time zone', 'time_zone'),
  timeColumn('Next run', 'next_run_at'),
  { ...timeColumn('Last run', 'finished'), config: opened(pageOf(ID_OF_ROW, RUN_OF_ROW)) },
  textColumn('Status', 'last_run', { value: ({ last_run }) => last_run?.status ?? null }),
  textColumn('Error', 'last_run', { value: ({ last_run }) => last_run?.error ?? null }),
  textColumn('ID', 'id'),
  // The link reads the id from this column.
  textColumn('Run ID', 'last_run', { value: ({ last_run }) => last_run?.id ?? null }),
];

export function reportFrames(refId: string, reports: Report[], pageOf: PageOf): DataFrame[] {
  const rows = reports.map((report) => ({ ...report, finished: report.last_run?.finished_at ?? null }));
  return tableOf(refId, rows, reportColumns(pageOf));
}

export function runFrames(refId: string, reportId: string, runs: ReportRun[], pageOf: PageOf): DataFrame[] {
  return tableOf(refId, runs, runColumns(reportId, pageOf));
}
