export const labels = {
  label: 'Cost forecast',
  description: 'The cost of this month, to date and projected',
  explanation:
    'The cost of this UTC month, to date and projected with its weekly pattern. The time range has no effect.',
  format: { timeseries: 'Time series', table: 'Table' },
} as const;
