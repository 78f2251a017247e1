/** What an event may be, by the measure that counts it. */
export const METRIC_TYPES = {
  api_calls: 'calls',
  token_issuances: 'issuances',
  token_failures: 'failures',
  credential_rotations: 'rotations',
} as const;

export type MetricType = keyof typeof METRIC_TYPES;
