export const labels = {
  label: 'Metric',
  description: 'Counts, rates and durations: over time, as a table or as a heatmap',
  metric: { label: 'Metric', placeholder: 'Choose a metric' },
  unknownMetric: 'The catalog has no such metric.',
  unit: 'Unit',
  groupBy: {
    label: 'Group by',
    placeholder: 'No grouping',
    tooltip: 'One series or row per value. Only the dimensions of this metric are listed.',
  },
  interval: {
    label: 'Interval',
    tooltip:
      'Width of a bucket. Auto follows the width and the time range of the panel; one hour is the minimum for ranges ' +
      'that begin before the minutes that the exporter keeps (48 hours by default). None returns one value for the ' +
      'whole time range.',
    auto: 'Auto',
    none: 'None',
  },
  trendInterval: {
    label: 'Trend interval',
    tooltip: 'Width of a point of the trend. Each row still covers the whole time range.',
  },
  orderBy: { label: 'Order by', default: 'Default' },
  limit: {
    tooltip: 'Keeps the groups with the largest totals over the time range.',
    placeholder: 'All',
  },
  alias: {
    label: 'Alias',
    tooltip:
      'Name of the series. Can contain {{agent}}, {{agentName}}, {{metric}}, {{metricTitle}} and any grouped dimension.',
    placeholder: '{{agentName}}',
  },
  previous: {
    label: 'Compare',
    tooltip:
      'Adds the value of the preceding period of the same length as a first point, so that a stat panel can show the ' +
      'percent change.',
  },
  sparkline: { label: 'Trend', tooltip: 'Adds a column with a sparkline per row.' },
} as const;
