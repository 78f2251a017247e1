export const labels = {
  label: 'Budgets',
  description: 'All budgets with their spend and state',
  explanation: 'All budgets with their current spend and state. The time range has no effect.',
} as const;
