export const labels = {
  kind: {
    label: 'Annotate',
    rotations: 'Credential rotations',
    jobs: 'Job failures',
  },
  rotations: 'An annotation wherever credentials were rotated, with the names of the agents.',
  jobs: 'An annotation per failed job of the exporter. Values around it may be incomplete.',
} as const;
