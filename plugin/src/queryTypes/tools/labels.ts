export const labels = {
  label: 'Tools',
  description: 'Calls, success, durations, cost and last error of each tool, one per row',
  explanation:
    'The tools that were called, most called first. Whole hours. For a tool over time, use a metric such as ' +
    'tool calls, grouped by tool.',
  limit: { tooltip: 'Number of tools, at most 1,000.' },
} as const;
