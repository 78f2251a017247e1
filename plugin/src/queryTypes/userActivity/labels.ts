export const labels = {
  label: 'User activity',
  description: 'What ran on behalf of each user, one per row',
  explanation:
    'Users with an execution, those with the most first. Whole hours. For a user over time, use a metric such as ' +
    'executions, grouped by user.',
  limit: { tooltip: 'Number of users, at most 1,000.' },
} as const;
