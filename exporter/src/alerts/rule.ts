/** What an alert is: its settings as they are sent and stored, and its state. */

export const COMPARISONS = [
  'greater_than',
  'greater_or_equal',
  'less_than',
  'less_or_equal',
  'equal',
  'no_data',
] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const COMPARED_WITH = ['previous', 'last_week'] as const;
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
/** From the best to the worst. */
export const ALERT_STATES = ['ok', 'no_data', 'pending', 'firing'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Per tenant. */
export const MAX_ALERTS = 1_000;
/** Groups of one alert that are evaluated. */
export const MAX_GROUPS = 1_000;

export interface Condition {
  metric: string;
  operator: Comparison;
  /** Absent or null with `no_data`. With `compare` a change in percent. */
  threshold?: number | null;
  window: string;
  group_by?: string[];
  filters?: { dimension: string; operator: string; values: (string | number)[] }[];
  compare?: (typeof COMPARED_WITH)[number];
}

/** What a caller sets. */
export interface AlertSettings {
  name: string;
  condition: Condition;
  for: string;
  severity: (typeof SEVERITIES)[number];
  actions: { channels: string[]; message: string | null };
  repeat_interval: string;
  is_active: boolean;
}

/** An omitted field keeps its value, or gets its default in a new alert. */
export type AlertInput = Partial<Omit<AlertSettings, 'actions'>> & {
  actions?: Partial<AlertSettings['actions']>;
};

export const DEFAULTS = {
  for: '0m',
  severity: 'warning',
  actions: { channels: [], message: null },
  repeat_interval: '4h',
  is_active: true,
} as const;

export interface Evaluated {
  state: AlertState;
  value: number | null;
  /** Milliseconds. */
  since: number | null;
  evaluatedTo: number | null;
  lastEvaluatedAt: number | null;
  lastError: string | null;
}

export interface Rule extends Evaluated {
  id: string;
  settings: AlertSettings;
}

/** The dimensions of a group and its names. */
export type Labels = Record<string, string>;

/** One group of an alert, or the alert itself if it has no groups; only while it is not ok. */
export interface Instance {
  /** The values of the group as JSON; empty without groups. */
  key: string;
  labels: Labels;
  state: AlertState;
  value: number | null;
  /** How much a rate, mean or percentile has counted. Null for other metrics. */
  samples: number | null;
  /** Milliseconds. */
  since: number;
  /** When its last message was sent. */
  notifiedAt: number | null;
}
