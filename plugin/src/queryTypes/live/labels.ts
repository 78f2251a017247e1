export const labels = {
  label: 'Live',
  description: 'Sessions, executions, calls, tokens and spend as they arrive, every second',
  explanation:
    'A stream of the whole tenant, a point a second, of the last ten minutes at most while the panel is open. Figures per ' +
    'minute are of the last 60 seconds. The time range of the dashboard does not matter.',
} as const;
