export const labels = {
  label: 'Alerts',
  description: 'All alerts with their state',
  explanation: 'All alerts with their state and value, the worst first. The time range has no effect.',
} as const;
