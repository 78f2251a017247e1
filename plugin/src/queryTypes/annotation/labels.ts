export const labels = {
  kind: {
    label: 'Annotate',
    rotations: 'Credential rotations',
    jobs: 'Job failures',
    alerts: 'Alerts',
  },
  rotations: 'An annotation wherever credentials were rotated, with the names of the agents.',
  jobs: 'An annotation per failed job of the exporter. Values around it may be incomplete.',
  alerts: 'An annotation wherever an alert began to fire, was resolved or had no data.',
} as const;
