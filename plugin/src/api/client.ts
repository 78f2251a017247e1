import { getBackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { catchError, defer, map, throwError, type Observable } from 'rxjs';
import type { AuthMethod } from '../types';
import { distinctNames } from '../distinct';
import { ApiError, toApiError } from './errors';
import { liveStream } from './live';
import { Shared } from './shared';
import type {
  AgentComparison,
  AlertEventPage,
  AlertPage,
  Budget,
  Catalog,
  DimensionValue,
  ExecutionDetail,
  ExecutionListRequest,
  ExecutionPage,
  Forecast,
  JobRun,
  LiveFigures,
  Parameters,
  QueryRequest,
  QueryResponse,
  Recommendations,
  Report,
  ReportPage,
  ReportRun,
  ReportRunPage,
  SessionDropoff,
  SessionFlows,
  SessionFunnel,
  SessionMetrics,
  SessionPage,
  Team,
  Tool,
  UserActivityPage,
} from './types';

const ANALYTICS = 'api/v1/analytics';
const CATALOG = `${ANALYTICS}/catalog`;
/** How long a catalog is cached. It only changes with the version of the exporter. */
const CATALOG_KEPT_MS = 5 * 60_000;
/** How long an execution is cached: until all panels have queried it, five at a time, but not until the next refresh. */
const EXECUTION_KEPT_MS = 2_000;

/**
 * Calls the exporter through Grafana's data proxy, which adds the token. Each call returns an Observable that sends the
 * request on subscription, cancels it on unsubscription, and fails with an ApiError.
 */
export class AnalyticsClient {
  private readonly catalogs = new Shared(CATALOG_KEPT_MS, (path) =>
    this.get<Catalog>(path, hasLists('metrics', 'dimensions')),
  );
  private readonly details = new Shared(EXECUTION_KEPT_MS, (path) =>
    this.get<ExecutionDetail>(path, hasLists('steps', 'token_usages')),
  );

  private readonly liveFigures: Observable<LiveFigures[]>;

  /**
   * @param proxyUrl path of the data source in Grafana's data proxy
   * @param authMethod selects the routes in plugin.json, and so the token
   */
  constructor(
    private readonly proxyUrl: string,
    private readonly authMethod: AuthMethod,
  ) {
    this.liveFigures = liveStream(this.authorized(`${ANALYTICS}/live`), nextRequestId);
  }

  catalog(): Observable<Catalog> {
    return this.catalogs.get(CATALOG);
  }

  /** The last catalog received, for synchronous callers. */
  knownCatalog(): Catalog | undefined {
    return this.catalogs.known(CATALOG);
  }

  query(request: QueryRequest): Observable<QueryResponse> {
    return this.send<QueryResponse>(
      { method: 'POST', url: this.authorized(`${ANALYTICS}/query`), data: request },
      (body) => isObject(body) && isObject(body.results),
    );
  }

  /** @param options.search text that the value or its label must contain */
  dimensionValues(
    dimension: string,
    options: { search?: string; limit?: number } = {},
  ): Observable<DimensionValue[]> {
    const path = `${ANALYTICS}/dimensions/${encodeURIComponent(dimension)}/values`;
    return this.get<{ values: DimensionValue[] }>(path, hasLists('values'), {
      ...options,
      search: options.search || undefined,
    }).pipe(
      map(({ values }) => {
        const labels = distinctNames(values.map(({ value, label }) => ({ name: label, id: value })));
        return values.map(({ value }, index) => ({ value, label: labels[index] ?? value }));
      }),
    );
  }

  /** Runs of the exporter's scheduled jobs. @param from RFC 3339 @param to RFC 3339 */
  jobs(from: string, to: string): Observable<JobRun[]> {
    return this.get<{ jobs: JobRun[] }>(`${ANALYTICS}/jobs`, hasLists('jobs'), { from, to }).pipe(
      map(({ jobs }) => jobs),
    );
  }

  /** A page of the list of executions. */
  executions(request: ExecutionListRequest): Observable<ExecutionPage> {
    return this.get<ExecutionPage>(`${ANALYTICS}/executions`, hasLists('items'), { ...request });
  }

  /** One execution with its steps and token usages. Panels that show parts of it share a request. */
  execution(id: string): Observable<ExecutionDetail> {
    return this.details.get(`${ANALYTICS}/executions/${encodeURIComponent(id)}`);
  }

  /** A page of the alerts, the oldest first. */
  alerts(parameters: Parameters): Observable<AlertPage> {
    return this.get<AlertPage>(`${ANALYTICS}/alerts`, hasLists('alerts'), parameters);
  }

  /** A page of the changes of states of all alerts, the newest first. */
  alertEvents(parameters: Parameters): Observable<AlertEventPage> {
    return this.get<AlertEventPage>(`${ANALYTICS}/alerts/events`, hasLists('events'), parameters);
  }

  budgets(): Observable<Budget[]> {
    return this.get<{ budgets: Budget[] }>(`${ANALYTICS}/budgets`, hasLists('budgets')).pipe(
      map(({ budgets }) => budgets),
    );
  }

  /** The cost of this UTC month. */
  forecast(): Observable<Forecast> {
    return this.get<Forecast>(`${ANALYTICS}/costs/forecast`, hasLists('daily'));
  }

  /** A page of the list of sessions, the latest first. */
  sessions(parameters: Parameters): Observable<SessionPage> {
    return this.get<SessionPage>(`${ANALYTICS}/sessions`, hasLists('sessions'), parameters);
  }

  sessionMetrics(parameters: Parameters): Observable<SessionMetrics> {
    return this.get<SessionMetrics>(
      `${ANALYTICS}/sessions/metrics`,
      (body) => isObject(body) && typeof body.total_sessions === 'number',
      parameters,
    );
  }

  sessionFlows(parameters: Parameters): Observable<SessionFlows> {
    return this.get<SessionFlows>(`${ANALYTICS}/sessions/flows`, hasLists('common_flows'), parameters);
  }

  sessionDropoff(parameters: Parameters): Observable<SessionDropoff> {
    return this.get<SessionDropoff>(`${ANALYTICS}/sessions/dropoff`, hasLists('steps'), parameters);
  }

  sessionFunnel(parameters: Parameters): Observable<SessionFunnel> {
    return this.get<SessionFunnel>(`${ANALYTICS}/sessions/funnel`, hasLists('steps'), parameters);
  }

  tools(parameters: Parameters): Observable<Tool[]> {
    return this.get<{ tools: Tool[] }>(`${ANALYTICS}/tools`, hasLists('tools'), parameters).pipe(
      map(({ tools }) => tools),
    );
  }

  team(parameters: Parameters): Observable<Team> {
    return this.get<Team>(
      `${ANALYTICS}/team`,
      (body) => isObject(body) && isObject(body.previous),
      parameters,
    );
  }

  /** A page of the users, those with the most executions first. */
  userActivity(parameters: Parameters): Observable<UserActivityPage> {
    return this.get<UserActivityPage>(`${ANALYTICS}/users/activity`, hasLists('users'), parameters);
  }

  compareAgents(parameters: Parameters): Observable<AgentComparison> {
    return this.get<AgentComparison>(`${ANALYTICS}/agents/compare`, hasLists('agents'), parameters);
  }

  recommendations(): Observable<Recommendations> {
    return this.get<Recommendations>(`${ANALYTICS}/costs/recommendations`, hasLists('recommendations'));
  }

  /** Live figures of the last minutes, whenever some come. All panels share one stream. */
  live(): Observable<LiveFigures[]> {
    return this.liveFigures;
  }

  /** The reports with their last runs. There are no more than a page has. */
  reports(): Observable<Report[]> {
    return this.get<ReportPage>(`${ANALYTICS}/reports`, hasLists('reports')).pipe(
      map(({ reports }) => reports),
    );
  }

  /** The runs that are kept of a report, the latest first. There are no more than a page has. */
  reportRuns(id: string): Observable<ReportRun[]> {
    const path = `${ANALYTICS}/reports/${encodeURIComponent(id)}/runs`;
    return this.get<ReportRunPage>(path, hasLists('runs')).pipe(map(({ runs }) => runs));
  }

  /** Address of a run of a report as a page; the ids are encoded. */
  reportPage = (id: string, run: string): string =>
    `${this.authorized(`${ANALYTICS}/reports/${id}/runs/${run}`)}?format=html`;

  /** `GET /health/ready`, without a token. */
  ready(): Observable<Record<string, unknown>> {
    return this.send({ method: 'GET', url: `${this.proxyUrl}/health/ready` }, isHealth);
  }

  private get<T>(path: string, isOurs: (body: unknown) => boolean, params?: Record<string, unknown>) {
    return this.send<T>({ method: 'GET', url: this.authorized(path), params }, isOurs);
  }

  private authorized(path: string): string {
    return `${this.proxyUrl}/${this.authMethod}/${path}`;
  }

  private send<T>(request: BackendSrvRequest, isOurs: (body: unknown) => boolean): Observable<T> {
    return defer(() => {
      const started = Date.now();
      return getBackendSrv()
        .fetch<T>({ ...request, requestId: nextRequestId(), showErrorAlert: false, validatePath: true })
        .pipe(
          map(({ data, status }) => {
            if (!isOurs(data)) {
              throw new ApiError('notOurs', status);
            }
            return data;
          }),
          catchError((error) => throwError(() => toApiError(error, Date.now() - started))),
        );
    });
  }
}

let requests = 0;

// Grafana cancels a request when another one with the same id starts, so each id is unique.
function nextRequestId(): string {
  return `agentidp-analytics-${++requests}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasLists(...names: string[]) {
  return (body: unknown) => isObject(body) && names.every((name) => Array.isArray(body[name]));
}

function isHealth(body: unknown): boolean {
  return isObject(body) && typeof body.status === 'string';
}
