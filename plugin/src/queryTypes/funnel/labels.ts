export const labels = {
  label: 'Session funnel',
  description: 'How many sessions did some steps one after the other',
  explanation:
    'Sessions that did the first step, those of them that did the second one later, and so on. Other steps may lie between. ' +
    'Whole hours.',
  steps: {
    label: 'Steps',
    tooltip:
      'Names of steps in their order: tools by their name, other steps by their type, such as thought. Can contain variables. ' +
      'The query type Session flows shows which names there are.',
    placeholder: 'search, pay, confirm',
    tooFew: 'A funnel has at least two steps, separated by commas, such as search, pay.',
    tooMany: 'A funnel has at most ten steps.',
  },
  format: {
    tooltip: 'Bars are for a bar gauge that shows all values, or for a bar chart.',
    options: { bars: 'Bars', table: 'Table' },
  },
} as const;
