const STATUSES = { active: 'Active', completed: 'Completed', failed: 'Failed' } as const;

export const labels = {
  label: 'Sessions',
  description: 'The sessions of the time range, one per row, or their figures in one row',
  explanation:
    'A session is all executions with the same session id. It belongs to the hour in which its first execution ' +
    'began. Whole hours.',
  part: { label: 'Show', options: { list: 'List', metrics: 'Figures' } },
  status: {
    label: 'Status',
    tooltip:
      'Active: an execution is running, or the last one ended a short time ago. Completed or failed: how the last ' +
      'execution of an ended session ended.',
    any: 'Any status',
    options: STATUSES,
  },
  limit: { tooltip: 'Number of rows, the latest first, at most 1,000.' },
} as const;
