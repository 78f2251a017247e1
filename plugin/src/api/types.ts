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

export type ExecutionStatus = 'running' | 'success' | 'failure' | 'timeout' | 'blocked';
export type CostSource = 'reported' | 'computed' | 'unpriced';

/** An execution as the list has it. Times are RFC 3339. */
export interface Execution {
  id: string;
  session_id: string | null;
  agent_id: string | null;
  agent_name: string | null;
  flow_id: string | null;
  user_id: string | null;
  provider: string | null;
  model_name: string | null;
  status: ExecutionStatus;
  started_at: string;
  completed_at: string | null;
  execution_time_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  /** Null where it is unpriced. */
  cost_usd: number | null;
  cost_source: CostSource;
  query_preview: string | null;
  error_type: string | null;
  error_message: string | null;
  tags: string[];
  step_count: number;
}

export interface Step {
  step_number: number;
  step_type: string;
  content: string | null;
  tool_name: string | null;
  status: string | null;
  input_tokens: number;
  output_tokens: number;
  duration_ms: number | null;
  /** When it began. */
  timestamp: string | null;
}

export interface TokenUsage {
  component: string;
  provider: string | null;
  model: string | null;
  step_number: number | null;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  cost_usd: number | null;
  cost_source: CostSource;
}

export interface ExecutionDetail extends Execution {
  steps: Step[];
  token_usages: TokenUsage[];
}

export interface ExecutionPage {
  items: Execution[];
  total: number;
  next_cursor: string | null;
}

/** What the list of executions can be asked by; a filter lets through any of its values. */
export interface ExecutionListRequest {
  /** RFC 3339, included. */
  start_time: string;
  /** RFC 3339, excluded. */
  end_time: string;
  status?: string[];
  agent_id?: string[];
  user_id?: string[];
  flow_id?: string[];
  model_name?: string[];
  error_type?: string[];
  sort_by?: string;
  sort_order?: 'asc' | 'desc';
  /** 1 to 200. */
  page_size: number;
  cursor?: string;
}

export interface Budget {
  id: string;
  name: string | null;
  scope: 'user' | 'agent' | 'flow' | 'global';
  scope_id: string | null;
  threshold_usd: number;
  period_days: number;
  alert_type: 'warning' | 'hard_stop';
  is_active: boolean;
  current_spend_usd: number;
  reserved_usd: number;
  /** Of the threshold, 100 and beyond where it is exceeded. */
  spend_percentage: number;
  state: 'ok' | 'warning' | 'exceeded';
}

/** What this UTC month has cost, and what it will have cost at its end. */
export interface Forecast {
  /** `2026-03`. */
  month: string;
  month_to_date_usd: number;
  projected_month_usd: number;
  lower_usd: number;
  upper_usd: number;
  method: string;
  history_days: number;
  daily: ForecastDay[];
}

export interface ForecastDay {
  date: string;
  /** Null for days to come; today has what it has cost so far. */
  actual_usd: number | null;
  /** Null for days past. */
  projected_usd: number | null;
  /** Of the month up to the end of this day: known for days past, projected from today on. */
  cumulative_usd: number;
  lower_usd: number | null;
  upper_usd: number | null;
}
