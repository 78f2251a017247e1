export const labels = {
  label: 'Recommendations',
  description: 'Ways to spend less, with their savings and their evidence',
  explanation:
    'What the exporter recommends, from the evidence of the last 30 days. Savings are for 30 days. The time range has no effect.',
  part: { label: 'Show', options: { list: 'List', total: 'Total savings' } },
  dismissed: {
    label: 'Dismissed',
    tooltip: 'Also lists recommendations that somebody has dismissed. They never count in the total.',
  },
} as const;
