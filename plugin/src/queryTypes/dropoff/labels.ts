export const labels = {
  label: 'Session drop-off',
  description: 'At which step of their flow sessions end, and how',
  explanation:
    'Ended sessions by the step that they reached: those that went on, and those whose last step it was and that completed ' +
    'or failed. Whole hours.',
  format: {
    tooltip:
      'Bars are for a bar chart with stacked series: the height of a bar is the number of sessions that reached the step.',
    options: { bars: 'Bars', table: 'Table' },
  },
} as const;
