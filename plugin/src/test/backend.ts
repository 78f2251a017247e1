import { setBackendSrv, type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';
import { concat, map, NEVER, Observable, of, throwError } from 'rxjs';
import type { QueryRequest } from '../api/types';
import { CATALOG } from './catalog';

export const PROXY = '/api/datasources/proxy/uid/test';

/** A body, or an error as Grafana's fetch throws it. */
export type Reply = { data: unknown } | { status: number; data?: unknown; statusText?: string } | 'never';

type Handler = (request: BackendSrvRequest) => Reply;

/** Replaces Grafana's backend service: responds by method and path, and records the requests. */
export class FakeBackend {
  readonly requests: BackendSrvRequest[] = [];
  cancelled = 0;
  private readonly handlers = new Map<string, Handler>();

  constructor() {
    this.on('GET', 'token/api/v1/analytics/catalog', () => ({ data: CATALOG }));
    this.on('GET', 'health/ready', () => ({ data: { status: 'ready', database: 'up', schema: null } }));
    setBackendSrv({
      fetch: (request: BackendSrvRequest) => this.fetch(request),
      // A stream that goes on after what the handler has.
      chunked: (request: BackendSrvRequest) =>
        concat(this.fetch(request), NEVER).pipe(
          map((response) => ({ ...response, data: new TextEncoder().encode(String(response.data)) })),
        ),
    } as unknown as BackendSrv);
  }

  on(method: string, path: string, handler: Handler): this {
    this.handlers.set(`${method} ${PROXY}/${path}`, handler);
    return this;
  }

  onQuery(answer: (request: QueryRequest) => Reply): this {
    return this.on('POST', 'token/api/v1/analytics/query', ({ data }) => answer(data as QueryRequest));
  }

  sent(path: string): BackendSrvRequest[] {
    return this.requests.filter(({ url }) => url.endsWith(path));
  }

  queries(): QueryRequest[] {
    return this.sent('/query').map(({ data }) => data as QueryRequest);
  }

  private fetch(request: BackendSrvRequest): Observable<FetchResponse> {
    return new Observable((subscriber) => {
      this.requests.push(request);
      let done = false;
      const subscription = this.reply(request).subscribe({
        next: (response) => subscriber.next(response),
        error: (error) => {
          done = true;
          subscriber.error(error);
        },
        complete: () => {
          done = true;
          subscriber.complete();
        },
      });
      return () => {
        this.cancelled += done ? 0 : 1;
        subscription.unsubscribe();
      };
    });
  }

  private reply(request: BackendSrvRequest): Observable<FetchResponse> {
    const reply = this.handlers.get(`${request.method} ${request.url}`)?.(request) ?? {
      status: 404,
      data: {},
    };
    if (reply === 'never') {
      return NEVER;
    }
    return 'status' in reply
      ? throwError(() => ({ statusText: '', data: {}, config: request, ...reply }))
      : of({ status: 200, data: reply.data } as FetchResponse);
  }
}
