export const labels = {
  label: 'Reports',
  description: 'All reports with their last run, or the runs of one report',
  explanation: 'All reports with their last run, or the runs of one report. The time range has no effect.',
  reportId: {
    label: 'Report',
    tooltip: 'The id of a report, to list its runs. Can contain a variable.',
    placeholder: 'All reports',
  },
} as const;
