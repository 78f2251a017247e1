import { getBackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { catchError, defer, finalize, map, of, share, tap, throwError, type Observable } from 'rxjs';
import type { AuthMethod } from '../types';
import { distinctNames } from '../distinct';
import { ApiError, toApiError } from './errors';
import type { Catalog, DimensionValue, JobRun, QueryRequest, QueryResponse } from './types';

const ANALYTICS = 'api/v1/analytics';
/** How long a catalog is taken for current: it changes with the exporter's version only. */
const CATALOG_TTL_MS = 5 * 60_000;

/**
 * The exporter through Grafana's data proxy, which adds the token. Every call is an Observable that sends its request
 * when subscribed to and cancels it when unsubscribed from, and fails with an ApiError.
 */
export class AnalyticsClient {
  private received?: { at: number; catalog: Catalog };
  private underWay?: Observable<Catalog>;

  /**
   * @param proxyUrl where Grafana proxies this data source
   * @param authMethod decides which of the proxy's routes is taken, and so what token is sent
   */
  constructor(
    private readonly proxyUrl: string,
    private readonly authMethod: AuthMethod,
  ) {}

  /** One request serves all who ask at the same time or in the minutes after it; a failed one is not kept. */
  catalog(): Observable<Catalog> {
    if (this.received && Date.now() - this.received.at < CATALOG_TTL_MS) {
      return of(this.received.catalog);
    }
    this.underWay ??= this.get<Catalog>(`${ANALYTICS}/catalog`, isCatalog).pipe(
      tap((catalog) => (this.received = { at: Date.now(), catalog })),
      finalize(() => (this.underWay = undefined)),
      share(),
    );
    return this.underWay;
  }

  /** The catalog as last received, for the places where Grafana cannot wait. */
  knownCatalog(): Catalog | undefined {
    return this.received?.catalog;
  }

  query(request: QueryRequest): Observable<QueryResponse> {
    return this.send<QueryResponse>(
      { method: 'POST', url: this.authorized(`${ANALYTICS}/query`), data: request },
      (body) => isObject(body) && isObject(body.results),
    );
  }

  /** @param options.search what the value or its label contains */
  dimensionValues(
    dimension: string,
    options: { search?: string; limit?: number } = {},
  ): Observable<DimensionValue[]> {
    const path = `${ANALYTICS}/dimensions/${encodeURIComponent(dimension)}/values`;
    return this.get<{ values: DimensionValue[] }>(
      path,
      (body) => isObject(body) && Array.isArray(body.values),
      { ...options, search: options.search || undefined },
    ).pipe(
      map(({ values }) => {
        const labels = distinctNames(values.map(({ value, label }) => ({ name: label, id: value })));
        return values.map(({ value }, index) => ({ value, label: labels[index] ?? value }));
      }),
    );
  }

  /** Runs of the exporter's scheduled jobs. @param from RFC 3339 @param to RFC 3339 */
  jobs(from: string, to: string): Observable<JobRun[]> {
    return this.get<{ jobs: JobRun[] }>(
      `${ANALYTICS}/jobs`,
      (body) => isObject(body) && Array.isArray(body.jobs),
      { from, to },
    ).pipe(map(({ jobs }) => jobs));
  }

  /** What `/health/ready` says, asked without a token. */
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

// Grafana cancels a request when another with its id starts, so no two may share one.
function nextRequestId(): string {
  return `agentidp-analytics-${++requests}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCatalog(body: unknown): boolean {
  return isObject(body) && Array.isArray(body.metrics) && Array.isArray(body.dimensions);
}

function isHealth(body: unknown): boolean {
  return isObject(body) && typeof body.status === 'string';
}
