/** What the service answers: figures of a period, page by page where there are many. */
import type { paths } from './api.js';
import { ExportFile, type ExportOptions, waitForExport } from './exports.js';
import { type Failure, isRetryable, type Request } from './http.js';
import type { Settings } from './options.js';
import { type LiveMetrics, type LiveOptions, subscribeLive } from './live.js';
import { foreign, isRefused, remove, sendWithRetries } from './reservations.js';

const PREFIX = '/api/v1/analytics/';

type Routes = {
  [P in keyof paths as P extends `${typeof PREFIX}${infer Route}` ? Route : never]: paths[P];
};
type Get<R extends keyof Routes> = Extract<Routes[R], { get: unknown }>['get'];

/** The query parameters of a route. */
export type QueryOf<R extends keyof Routes> = NonNullable<
  Get<R> extends { parameters: { query?: infer Q } } ? Q : never
>;
/** The answer of a route. */
export type AnswerOf<R extends keyof Routes> =
  Get<R> extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never;

export type Summary = AnswerOf<'summary'>;
export type AgentMetrics = AnswerOf<'agents/{id}/metrics'>;
export type AgentErrors = AnswerOf<'agents/{id}/errors'>;
export type AgentComparison = AnswerOf<'agents/compare'>;
export type ApiUsage = AnswerOf<'usage'>;
export type TokenUsageReport = AnswerOf<'tokens/usage'>;
export type ToolUsage = AnswerOf<'tools'>;
export type CostBreakdown = AnswerOf<'costs'>;
export type CostTrends = AnswerOf<'costs/trends'>;
export type CostRecommendations = AnswerOf<'costs/recommendations'>;
export type CostRecommendation = CostRecommendations['recommendations'][number];
export type TeamMetrics = AnswerOf<'team'>;
export type UserActivity = AnswerOf<'users/activity'>;
export type SessionMetrics = AnswerOf<'sessions/metrics'>;
export type Session = AnswerOf<'sessions'>['sessions'][number];
export type SessionFlows = AnswerOf<'sessions/flows'>;
export type SessionDropoff = AnswerOf<'sessions/dropoff'>;
export type SessionFunnel = AnswerOf<'sessions/funnel'>;
export type DirectoryAgent = AnswerOf<'directory/agents'>['agents'][number];
export type DirectoryUser = AnswerOf<'directory/users'>['users'][number];

type SentAlert = NonNullable<Routes['alerts']['post']['requestBody']>['content']['application/json'];
export type Alert = AnswerOf<'alerts'>['alerts'][number];
export type AlertDetail = AnswerOf<'alerts/{id}'>;
export type AlertTrial = Routes['alerts/{id}/test']['post']['responses'][200]['content']['application/json'];
export type AlertEvent = AnswerOf<'alerts/{id}/events'>['events'][number];
export type AlertTemplate = AnswerOf<'alerts/templates'>['templates'][number];
export type Report = AnswerOf<'reports/{id}'>;
export type ReportRun = AnswerOf<'reports/{id}/runs'>['runs'][number];
/** A run with what was found, once it is done. */
export type ReportRunResult = AnswerOf<'reports/{id}/runs/{run}'>;
export type ReportTemplate = AnswerOf<'reports/templates'>['templates'][number];
type BodyOf<R extends { requestBody?: { content: { 'application/json': unknown } } }> = NonNullable<
  R['requestBody']
>['content']['application/json'];
/** What a report is about and who gets it. */
export type ReportInput = BodyOf<Routes['reports']['post']>;

/** When a dismissed recommendation comes back, and why it was dismissed. */
export type DismissOptions = NonNullable<
  Routes['costs/recommendations/{id}/dismiss']['post']['requestBody']
>['content']['application/json'];

export type Export = AnswerOf<'export/{id}'>;
/** What is exported. */
export type ExportRequest = NonNullable<
  Routes['export']['post']['requestBody']
>['content']['application/json'];
export type Dashboard = AnswerOf<'dashboards/{id}'>;
export type DashboardData = AnswerOf<'dashboards/{id}/data'>;
/** Name and widgets. */
export type NewDashboard = Routes['dashboards']['post']['requestBody']['content']['application/json'];
export type PublishedDashboard =
  Routes['dashboards/{id}/publish']['post']['responses'][200]['content']['application/json'];

type CompareQuery = Omit<QueryOf<'agents/compare'>, 'agent_ids' | 'metrics'> & {
  agent_ids: readonly string[];
  metrics?: readonly string[];
};

type FunnelQuery = Omit<QueryOf<'sessions/funnel'>, 'steps'> & { steps: readonly string[] };

/**
 * The reads of the service. The token needs the scope `analytics:read`. Each is retried like a batch, within `timeoutMs`.
 * All throw an `AnalyticsError`.
 */
export class AnalyticsReads {
  constructor(private readonly settings: Settings) {}

  getSummary(query: QueryOf<'summary'> = {}): Promise<Summary> {
    return this.get('summary', query);
  }

  getAgentMetrics(agentId: string, query: QueryOf<'agents/{id}/metrics'> = {}): Promise<AgentMetrics> {
    return this.get(`agents/${encodeURIComponent(agentId)}/metrics`, query);
  }

  getAgentErrors(agentId: string, query: QueryOf<'agents/{id}/errors'> = {}): Promise<AgentErrors> {
    return this.get(`agents/${encodeURIComponent(agentId)}/errors`, query);
  }

  /** Two to twenty agents by any metrics of the catalog that have the dimension `agent`. */
  compareAgents({ agent_ids, metrics, ...rest }: CompareQuery): Promise<AgentComparison> {
    const named = metrics === undefined ? {} : { metrics: metrics.join(',') };
    return this.get('agents/compare', { agent_ids: agent_ids.join(','), ...named, ...rest });
  }

  getApiUsage(query: QueryOf<'usage'> = {}): Promise<ApiUsage> {
    return this.get('usage', query);
  }

  getTokenUsage(query: QueryOf<'tokens/usage'> = {}): Promise<TokenUsageReport> {
    return this.get('tokens/usage', query);
  }

  getToolUsage(query: QueryOf<'tools'> = {}): Promise<ToolUsage> {
    return this.get('tools', query);
  }

  getCostBreakdown(query: QueryOf<'costs'> = {}): Promise<CostBreakdown> {
    return this.get('costs', query);
  }

  getCostTrends(query: QueryOf<'costs/trends'> = {}): Promise<CostTrends> {
    return this.get('costs/trends', query);
  }

  getCostRecommendations(query: QueryOf<'costs/recommendations'> = {}): Promise<CostRecommendations> {
    return this.get('costs/recommendations', query);
  }

  /** The token needs the scope `analytics:admin`. A repetition changes nothing, so that it is retried as the reads are. */
  dismissCostRecommendation(id: string, options: DismissOptions = {}): Promise<CostRecommendation> {
    const path = `${PREFIX}costs/recommendations/${encodeURIComponent(id)}/dismiss`;
    return this.ask({ method: 'POST', path, body: JSON.stringify(options) });
  }

  getTeamMetrics(query: QueryOf<'team'> = {}): Promise<TeamMetrics> {
    return this.get('team', query);
  }

  /** One page; `userActivity` goes through all of them. */
  getUserActivity(query: QueryOf<'users/activity'> = {}): Promise<UserActivity> {
    return this.get('users/activity', query);
  }

  /** Every user with an execution, the one with the most first. */
  userActivity(query: QueryOf<'users/activity'> = {}): AsyncGenerator<UserActivity['users'][number]> {
    return pages(
      (cursor) => this.getUserActivity({ ...query, ...cursor }),
      ({ users }) => users,
    );
  }

  getSessionMetrics(query: QueryOf<'sessions/metrics'> = {}): Promise<SessionMetrics> {
    return this.get('sessions/metrics', query);
  }

  /** Every session of the period, the latest first; `limit` is the size of a page. */
  getSessions(query: QueryOf<'sessions'> = {}): AsyncGenerator<Session> {
    return pages(
      (cursor) => this.get<AnswerOf<'sessions'>>('sessions', { ...query, ...cursor }),
      ({ sessions }) => sessions,
    );
  }

  /** The most common orders of steps, or with `of: 'agents'` of agents. */
  getSessionFlows(query: QueryOf<'sessions/flows'> = {}): Promise<SessionFlows> {
    return this.get('sessions/flows', query);
  }

  getSessionDropoff(query: QueryOf<'sessions/dropoff'> = {}): Promise<SessionDropoff> {
    return this.get('sessions/dropoff', query);
  }

  /** Two to ten steps, in their order. */
  getSessionFunnel(query: FunnelQuery): Promise<SessionFunnel> {
    return this.get('sessions/funnel', query);
  }

  /** Every agent of the directory, deleted ones included. */
  agents(query: QueryOf<'directory/agents'> = {}): AsyncGenerator<DirectoryAgent> {
    return pages(
      (cursor) => this.get<AnswerOf<'directory/agents'>>('directory/agents', { ...query, ...cursor }),
      ({ agents }) => agents,
    );
  }

  /** Every user of the directory. */
  users(query: QueryOf<'directory/users'> = {}): AsyncGenerator<DirectoryUser> {
    return pages(
      (cursor) => this.get<AnswerOf<'directory/users'>>('directory/users', { ...query, ...cursor }),
      ({ users }) => users,
    );
  }

  /**
   * The token needs the scope `analytics:admin`. It is not repeated after an error, because the alert may have been created.
   */
  createAlert(alert: SentAlert): Promise<Alert> {
    return this.ask({ method: 'POST', path: `${PREFIX}alerts`, body: JSON.stringify(alert) }, isRefused);
  }

  /** Every alert, the oldest first. */
  alerts(query: QueryOf<'alerts'> = {}): AsyncGenerator<Alert> {
    return pages(
      (cursor) => this.get<AnswerOf<'alerts'>>('alerts', { ...query, ...cursor }),
      ({ alerts }) => alerts,
    );
  }

  /** With its groups that are not ok. */
  getAlert(id: string): Promise<AlertDetail> {
    return this.get(`alerts/${encodeURIComponent(id)}`, {});
  }

  /** The token needs the scope `analytics:admin`. */
  deleteAlert(id: string): Promise<void> {
    return remove(this.settings, `${PREFIX}alerts/${encodeURIComponent(id)}`);
  }

  /** Evaluates an alert now. Sends nothing. */
  testAlert(id: string): Promise<AlertTrial> {
    return this.ask({ method: 'POST', path: `${PREFIX}alerts/${encodeURIComponent(id)}/test` });
  }

  /** The changes of its state, the newest first. */
  alertEvents(id: string, query: QueryOf<'alerts/{id}/events'> = {}): AsyncGenerator<AlertEvent> {
    const route = `alerts/${encodeURIComponent(id)}/events`;
    return pages(
      (cursor) => this.get<AnswerOf<'alerts/{id}/events'>>(route, { ...query, ...cursor }),
      ({ events }) => events,
    );
  }

  /** Alerts for what operators ask first. */
  async getAlertTemplates(): Promise<AlertTemplate[]> {
    return (await this.get<AnswerOf<'alerts/templates'>>('alerts/templates', {})).templates;
  }

  /**
   * Has the service make a file of datasets or metrics, waits for it, and gives access to it. Starting it is only repeated if
   * the service has certainly not begun.
   */
  async export(request: ExportRequest, options: ExportOptions = {}): Promise<ExportFile<Export>> {
    const body = JSON.stringify(request);
    const started = await this.ask<Export>(
      { method: 'POST', path: `${PREFIX}export`, body },
      (failure) => isRetryable(failure) && failure.notProcessed,
    );
    const job = await waitForExport(started, (id) => this.get<Export>(`export/${id}`, {}), options);
    return new ExportFile(this.settings, job);
  }

  /**
   * Live figures, about as often as `interval` says. It connects again whenever the connection ends, until the iterator is
   * left or `signal` aborts it.
   */
  subscribeLive(options: LiveOptions = {}): AsyncGenerator<LiveMetrics, void, undefined> {
    return subscribeLive(this.settings, options);
  }

  /** The token needs the scope `analytics:admin`. Not repeated where the service may have created it already. */
  createDashboard(dashboard: NewDashboard): Promise<Dashboard> {
    return this.ask(
      { method: 'POST', path: `${PREFIX}dashboards`, body: JSON.stringify(dashboard) },
      isRefused,
    );
  }

  /** The dashboards of the tenant, the oldest first. */
  async getDashboards(): Promise<Dashboard[]> {
    return (await this.get<AnswerOf<'dashboards'>>('dashboards', {})).dashboards;
  }

  getDashboard(id: string): Promise<Dashboard> {
    return this.get(`dashboards/${encodeURIComponent(id)}`, {});
  }

  /** The data of all widgets; `period` replaces the periods of the widgets. */
  getDashboardData(id: string, query: QueryOf<'dashboards/{id}/data'> = {}): Promise<DashboardData> {
    return this.get(`dashboards/${encodeURIComponent(id)}/data`, query);
  }

  /** Creates the dashboard in Grafana, or updates it. The token needs the scope `analytics:admin`. */
  publishDashboard(id: string): Promise<PublishedDashboard> {
    return this.ask({ method: 'POST', path: `${PREFIX}dashboards/${encodeURIComponent(id)}/publish` });
  }

  /** The token needs the scope `analytics:admin`. */
  createReport(report: ReportInput): Promise<Report> {
    return this.ask({ method: 'POST', path: `${PREFIX}reports`, body: JSON.stringify(report) }, isRefused);
  }

  /** Every report, the oldest first. */
  reports(query: QueryOf<'reports'> = {}): AsyncGenerator<Report> {
    return pages(
      (cursor) => this.get<AnswerOf<'reports'>>('reports', { ...query, ...cursor }),
      ({ reports }) => reports,
    );
  }

  getReport(id: string): Promise<Report> {
    return this.get(`reports/${encodeURIComponent(id)}`, {});
  }

  async getReportTemplates(): Promise<ReportTemplate[]> {
    return (await this.get<AnswerOf<'reports/templates'>>('reports/templates', {})).templates;
  }

  /** Runs a report now, and sends it. The token needs the scope `analytics:admin`. */
  runReport(id: string): Promise<ReportRun> {
    return this.ask({ method: 'POST', path: `${PREFIX}reports/${encodeURIComponent(id)}/run` }, isRefused);
  }

  /** Every run that is kept of a report, the latest first. */
  reportRuns(id: string, query: QueryOf<'reports/{id}/runs'> = {}): AsyncGenerator<ReportRun> {
    const route = `reports/${encodeURIComponent(id)}/runs`;
    return pages(
      (cursor) => this.get<AnswerOf<'reports/{id}/runs'>>(route, { ...query, ...cursor }),
      ({ runs }) => runs,
    );
  }

  getReportRun(id: string, run: string): Promise<ReportRunResult> {
    return this.get(`reports/${encodeURIComponent(id)}/runs/${encodeURIComponent(run)}`, {});
  }

  private get<Answer>(route: string, query: object): Promise<Answer> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query) as [string, unknown][])
      // A list is a repeated parameter, since its texts may have commas.
      for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one));
    const text = parameters.size === 0 ? '' : `?${parameters.toString()}`;
    return this.ask({ method: 'GET', path: `${PREFIX}${route}${text}` });
  }

  private async ask<Answer>(
    request: Omit<Request, 'timeoutMs'>,
    mayRetry: (failure: Failure) => boolean = isRetryable,
  ): Promise<Answer> {
    const outcome = await sendWithRetries(this.settings, request, mayRetry);
    if (!outcome.ok) throw outcome.error;
    if (typeof outcome.body !== 'object' || outcome.body === null) throw foreign(outcome);
    return outcome.body as Answer;
  }
}

/** The items of all pages, each page read when the one before is used up. */
async function* pages<Page extends { next_cursor: string | null }, Item>(
  read: (cursor: { cursor?: string }) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item> {
  let page = await read({});
  yield* itemsOf(page);
  while (page.next_cursor !== null) {
    page = await read({ cursor: page.next_cursor });
    yield* itemsOf(page);
  }
}
