export const labels = {
  dimension: { label: 'Dimension', tooltip: 'The values of this dimension are the options of the variable.' },
  search: {
    label: 'Search',
    tooltip: 'Only values that contain this text. Can contain other variables.',
    placeholder: 'All values',
  },
} as const;
