export const labels = {
  label: 'Session flows',
  description: 'The most common orders of steps or agents in sessions, as a table or as a node graph',
  explanation:
    'What sessions do, step by step: a tool call by the name of its tool, another step by its type, equal neighbours as ' +
    'one. Whole hours.',
  of: {
    label: 'Of',
    tooltip: 'With a filter by agent, only the runs of that agent count.',
    options: { steps: 'Steps', agents: 'Agents' },
  },
  format: {
    tooltip:
      'A node graph is for the panel of the same name: it has the steps as nodes, and how often one follows another as edges.',
    options: { table: 'Table', 'node-graph': 'Node graph' },
  },
  limit: { tooltip: 'Number of flows, the most common first, at most 1,000. All others are counted as one.' },
} as const;
