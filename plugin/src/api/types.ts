/** The types of the API, derived from the exporter's OpenAPI document. */
import type { Interval } from '../interval';
import type { FilterOperator, OrderBy } from '../types';
import type { EXECUTION_FILTER_PARAMETERS } from './executionFilters';
import type { components, paths } from './openapi';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Answer<Operation> = Operation extends { responses: { 200: infer Answered } } ? Json<Answered> : never;
type Get<P extends keyof paths> = Extract<paths[P], { get: unknown }>['get'];
type Query = paths['/api/v1/analytics/query']['post'];
type ListParameters = NonNullable<Get<'/api/v1/analytics/executions'>['parameters']['query']>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** Older exporters do not report how long they keep minutes. */
export type Catalog = Optional<Answer<Get<'/api/v1/analytics/catalog'>>, 'minuteRetentionHours'>;
/** Rates are percentages, 0 to 100. A metric can be grouped and filtered by its dimensions. */
export type Metric = Catalog['metrics'][number];

type SentQuery = Json<Query['requestBody']>;
type SentWireQuery = SentQuery['queries'][number];

/** A query as this plugin sends it, with every field set. */
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
/** Columns or an error. Grouping by `agent` adds the column `agentName`. */
export type QueryResult = QueryResponse['results'][string];
export type Column = Extract<QueryResult, { columns: unknown }>['columns'][number];
export type WireError = components['schemas']['Error'];

export type DimensionValue = Answer<Get<'/api/v1/analytics/dimensions/{dimension}/values'>>['values'][number];

/** One run of a scheduled job. Times are RFC 3339. */
export type JobRun = Answer<Get<'/api/v1/analytics/jobs'>>['jobs'][number];

export type ExecutionPage = Answer<Get<'/api/v1/analytics/executions'>>;
/** An execution as the list returns it. Times are RFC 3339. A single one, and older exporters, have no last step. */
export type Execution = Optional<ExecutionPage['items'][number], 'last_step'>;
export type ExecutionDetail = Answer<Get<'/api/v1/analytics/executions/{id}'>>;
/** A run that an execution has called. */
export type Child = ExecutionDetail['children'][number];
export type Step = ExecutionDetail['steps'][number];
export type TokenUsage = ExecutionDetail['token_usages'][number];

type ExecutionFilters = Partial<Record<(typeof EXECUTION_FILTER_PARAMETERS)[number], string[]>>;

/** A request for a page of the list of executions. Values can come from variables, so the exporter checks them. */
export type ExecutionListRequest = Omit<ListParameters, keyof ExecutionFilters | 'sort_by'> &
  Required<Pick<ListParameters, 'page_size'>> &
  ExecutionFilters & { sort_by?: string };

export type AlertPage = Answer<Get<'/api/v1/analytics/alerts'>>;
export type Alert = AlertPage['alerts'][number];
export type AlertEventPage = Answer<Get<'/api/v1/analytics/alerts/events'>>;
/** A change of the state of an alert or one of its groups. Times are RFC 3339. */
export type AlertEvent = AlertEventPage['events'][number];

export type Budget = Answer<Get<'/api/v1/analytics/budgets'>>['budgets'][number];

/** The cost of this UTC month, to date and projected. */
export type Forecast = Answer<Get<'/api/v1/analytics/costs/forecast'>>;
export type ForecastDay = Forecast['daily'][number];

export type SessionPage = Answer<Get<'/api/v1/analytics/sessions'>>;
/** A session as the list returns it. Times are RFC 3339. */
export type Session = SessionPage['sessions'][number];
export type SessionMetrics = Answer<Get<'/api/v1/analytics/sessions/metrics'>>;
export type SessionFlows = Answer<Get<'/api/v1/analytics/sessions/flows'>>;
export type Flow = SessionFlows['common_flows'][number];
export type SessionDropoff = Answer<Get<'/api/v1/analytics/sessions/dropoff'>>;
export type DropoffStep = SessionDropoff['steps'][number];
export type SessionFunnel = Answer<Get<'/api/v1/analytics/sessions/funnel'>>;
export type FunnelStep = SessionFunnel['steps'][number];

export type Tool = Answer<Get<'/api/v1/analytics/tools'>>['tools'][number];
export type Team = Answer<Get<'/api/v1/analytics/team'>>;
export type UserActivityPage = Answer<Get<'/api/v1/analytics/users/activity'>>;
export type UserActivity = UserActivityPage['users'][number];
export type AgentComparison = Answer<Get<'/api/v1/analytics/agents/compare'>>;

export type Recommendations = Answer<Get<'/api/v1/analytics/costs/recommendations'>>;
/** A way to spend less. */
export type Recommendation = Recommendations['recommendations'][number];

export type ReportPage = Answer<Get<'/api/v1/analytics/reports'>>;
/** A report with its last run. */
export type Report = ReportPage['reports'][number];
export type ReportRunPage = Answer<Get<'/api/v1/analytics/reports/{id}/runs'>>;
export type ReportRun = ReportRunPage['runs'][number];

/** Parameters of a route. They can come from variables, so the exporter checks them. */
export type Parameters = Record<string, string | number | string[] | undefined>;

/** What a line of the live stream holds. */
export type LiveFigures = Get<'/api/v1/analytics/live'>['responses'][200]['content']['application/x-ndjson'];
