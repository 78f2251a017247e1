export const labels = {
  label: 'Team',
  description: 'Users, agents, executions, tokens and cost of the tenant, with the period before',
  explanation:
    'Figures of the whole tenant, and of the period of the same length before: a stat panel shows the last value of each field ' +
    'and the percent change. Whole hours.',
} as const;
