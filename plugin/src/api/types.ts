/** What goes over the wire, derived from the exporter's own description of it. */
import type { Interval } from '../interval';
import type { FilterOperator, OrderBy } from '../types';
import type { components, paths } from './openapi';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Answer<Operation> = Operation extends { responses: { 200: infer Answered } } ? Json<Answered> : never;
type Get<P extends keyof paths> = Extract<paths[P], { get: unknown }>['get'];
type Query = paths['/api/v1/analytics/query']['post'];
type ListParameters = NonNullable<Get<'/api/v1/analytics/executions'>['parameters']['query']>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** Older exporters do not say for how long they keep minutes. */
export type Catalog = Optional<Answer<Get<'/api/v1/analytics/catalog'>>, 'minuteRetentionHours'>;
/** Rates are percentages, 0 to 100. Its dimensions are those by which it can be grouped and filtered. */
export type Metric = Catalog['metrics'][number];
export type MetricKind = Metric['kind'];
export type Dimension = Catalog['dimensions'][number];

type SentQuery = Json<Query['requestBody']>;
type SentWireQuery = SentQuery['queries'][number];

/** A query as this plugin sends it: whole, and in words that it knows. */
export interface WireQuery extends SentWireQuery {
  groupBy: string[];
  filters: Array<{ dimension: string; operator: FilterOperator; values: string[] }>;
  interval: Interval;
  orderBy?: OrderBy;
}

export interface QueryRequest extends SentQuery {
  timeZone: string;
  queries: WireQuery[];
}

export type QueryResponse = Answer<Query>;
/** Columns, or why there are none. Grouping by `agent` also brings `agentName`. */
export type QueryResult = QueryResponse['results'][string];
export type Column = Extract<QueryResult, { columns: unknown }>['columns'][number];
export type WireError = components['schemas']['Error'];

export type DimensionValue = Answer<Get<'/api/v1/analytics/dimensions/{dimension}/values'>>['values'][number];

/** One run of a scheduled job. Times are RFC 3339. */
export type JobRun = Answer<Get<'/api/v1/analytics/jobs'>>['jobs'][number];

export type ExecutionPage = Answer<Get<'/api/v1/analytics/executions'>>;
/** An execution as the list has it. Times are RFC 3339. */
export type Execution = ExecutionPage['items'][number];
export type ExecutionDetail = Answer<Get<'/api/v1/analytics/executions/{id}'>>;
export type Step = ExecutionDetail['steps'][number];
export type TokenUsage = ExecutionDetail['token_usages'][number];

/** What the list of executions is asked by here. The words of variables are for the exporter to check. */
export type ExecutionListRequest = Omit<ListParameters, 'status' | 'sort_by'> &
  Required<Pick<ListParameters, 'start_time' | 'end_time' | 'page_size'>> & {
    status?: string[];
    sort_by?: string;
  };

export type Budget = Answer<Get<'/api/v1/analytics/budgets'>>['budgets'][number];

/** What this UTC month has cost, and what it will have cost at its end. */
export type Forecast = Answer<Get<'/api/v1/analytics/costs/forecast'>>;
export type ForecastDay = Forecast['daily'][number];
