import type { DataQuery } from '@grafana/schema';
import type { DataSourceJsonData } from '@grafana/data';
import type { Interval } from './interval';

export type FilterOperator = 'in' | 'notIn' | 'matches';

/** Keeps rows whose dimension is one of the values (`in`), none of them (`notIn`), or matches one as a glob with `*`. */
export interface Filter {
  dimension: string;
  operator: FilterOperator;
  /** May contain template variables. A filter without values restricts nothing. */
  values: string[];
}

/** `auto` follows the width and the time range of the panel. */
export type IntervalChoice = 'auto' | Interval;

export type Format =
  | 'timeseries'
  | 'table'
  | 'heatmap-agent-day'
  | 'heatmap-user-day'
  | 'heatmap-weekday-hour'
  /** The rows of a table with the fields only that a bar gauge or a bar chart draws. */
  | 'bars'
  | 'node-graph';

export interface OrderBy {
  /** `value`, `time` or a grouped dimension; for a list of executions, one of `EXECUTION_SORTS`. */
  by: string;
  direction: 'asc' | 'desc';
}

/** The fields that every stored query has, whatever its type. The folders of `queryTypes/` add their own. */
export interface BaseQuery extends DataQuery {
  /** Name of a metric in the catalog; empty for every type other than `metric`. */
  metric: string;
  /** Names of dimensions. */
  groupBy: string[];
  filters: Filter[];
  interval: IntervalChoice;
  orderBy?: OrderBy;
  /** Maximum number of groups or rows. */
  limit?: number;
  format: Format;
}

export type AuthMethod = 'token' | 'oauth2';

/** The settings that are not secret. The routes in plugin.json read these keys. */
export interface AnalyticsOptions extends DataSourceJsonData {
  /** Base URL of the exporter, without a trailing slash. */
  url?: string;
  authMethod?: AuthMethod;
  tokenUrl?: string;
  clientId?: string;
  scope?: string;
  audience?: string;
}

/** Stored encrypted by Grafana and never sent to the browser. */
export interface AnalyticsSecrets {
  token?: string;
  clientSecret?: string;
}
