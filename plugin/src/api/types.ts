/** What goes over the wire, as the exporter's OpenAPI document has it. */
import type { Interval } from '../interval';
import type { FilterOperator, OrderBy } from '../types';

export type MetricKind = 'count' | 'rate' | 'duration' | 'gauge';

export interface Metric {
  name: string;
  title: string;
  description: string;
  /** Grafana's id of the unit. Rates are percentages, 0 to 100. */
  unit: string;
  kind: MetricKind;
  /** Names of the dimensions by which it can be grouped and filtered. */
  dimensions: string[];
  intervals: string[];
}

export interface Dimension {
  name: string;
  title: string;
  description: string;
}

export interface Catalog {
  metrics: Metric[];
  dimensions: Dimension[];
}

export interface WireQuery {
  refId: string;
  metric: string;
  groupBy: string[];
  filters: Array<{ dimension: string; operator: FilterOperator; values: string[] }>;
  interval: Interval;
  orderBy?: OrderBy;
  limit?: number;
}

export interface QueryRequest {
  /** RFC 3339, `from` inclusive, `to` exclusive. */
  range: { from: string; to: string };
  /** An IANA name. */
  timeZone: string;
  queries: WireQuery[];
}

export interface Column {
  /** `time`, `value`, or a dimension; grouping by `agent` also brings `agentName`. */
  name: string;
  type: 'time' | 'number' | 'string';
  unit?: string;
  values: Array<string | number | null>;
}

export interface WireError {
  code: string;
  message: string;
}

export type QueryResult =
  { columns: Column[]; notices?: unknown[]; error?: undefined } | { error: WireError };

export interface QueryResponse {
  results: Record<string, QueryResult>;
}

export interface DimensionValue {
  value: string;
  label: string;
}

/** One run of a scheduled job. Times are RFC 3339. */
export interface JobRun {
  job: string;
  slot: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  rows: number | null;
  error: string | null;
}
