export const labels = {
  label: 'Compare agents',
  description: 'Two to twenty agents side by side, by any metrics',
  explanation:
    'One row per agent and one column per metric, in the order in which they are chosen. Whole hours. For agents over time, ' +
    'use the query type Metric, grouped by agent and filtered by the same agents.',
  metrics: {
    label: 'Metrics',
    tooltip: 'Only metrics that have the dimension agent. Can contain variables.',
    placeholder: 'Choose metrics',
  },
  agents: 'Choose two to twenty agents with a filter by agent.',
} as const;
