import type { DataQuery } from '@grafana/schema';
import type { DataSourceJsonData } from '@grafana/data';
import type { Interval } from './interval';

export type QueryType =
  'metric' | 'executions' | 'execution' | 'budgets' | 'forecast' | 'annotation' | 'dimensionValues';

/** What is shown of one execution. */
export type ExecutionPart = 'summary' | 'trace' | 'steps' | 'usages';

export type FilterOperator = 'in' | 'notIn' | 'matches';

/** Keeps rows whose dimension is one of the values, none of them, or matches one as a glob with `*`. */
export interface Filter {
  dimension: string;
  operator: FilterOperator;
  /** May hold template variables; a filter without values is none. */
  values: string[];
}

/** `auto` follows the panel's width and time range. */
export type IntervalChoice = 'auto' | Interval;

export type Format = 'timeseries' | 'table' | 'heatmap-agent-day' | 'heatmap-weekday-hour';

export interface OrderBy {
  /** `value`, `time`, or a dimension that the query groups by; of executions a name of `EXECUTION_SORTS`. */
  by: string;
  direction: 'asc' | 'desc';
}

export type AnnotationKind = 'rotations' | 'jobs';

/** The query as a dashboard stores it. */
export interface AnalyticsQuery extends DataQuery {
  /** Default `metric`. */
  queryType?: QueryType;
  /** Name of a metric in the catalog. */
  metric: string;
  /** Names of dimensions. */
  groupBy: string[];
  filters: Filter[];
  interval: IntervalChoice;
  orderBy?: OrderBy;
  /** The largest groups by their total, 1 to 10,000; of executions the first so many, 1 to 1,000. */
  limit?: number;
  /** With `{{agent}}`, `{{agentName}}`, `{{metric}}`, `{{metricTitle}}` or any dimension of `groupBy`. */
  alias?: string;
  format: Format;
  /** Tables only: one row a group and a column with its course over `interval`. */
  sparkline?: boolean;
  /** With the interval `none` only: the same of the period before, as long and just before, as a point ahead of it. */
  previous?: boolean;
  /** For `queryType: 'execution'`: its id, or an OpenTelemetry trace id. May hold a template variable. */
  executionId?: string;
  /** For `queryType: 'execution'`. */
  part?: ExecutionPart;
  /** For `queryType: 'annotation'`. */
  annotation?: AnnotationKind;
  /** For `queryType: 'dimensionValues'`. */
  dimension?: string;
  /** For `queryType: 'dimensionValues'`: what the value or its label contains. */
  search?: string;
}

export type AuthMethod = 'token' | 'oauth2';

/** Everything that is no secret. The data proxy's routes in plugin.json read these keys. */
export interface AnalyticsOptions extends DataSourceJsonData {
  /** Base URL of the exporter, without a slash at the end. */
  url?: string;
  authMethod?: AuthMethod;
  tokenUrl?: string;
  clientId?: string;
  scope?: string;
  audience?: string;
}

/** Kept encrypted by Grafana, and never sent to a browser. */
export interface AnalyticsSecrets {
  token?: string;
  clientSecret?: string;
}
