/** What the hooks of all frameworks share: a finished request becomes an event, and nothing reaches the request. */
import type { AnalyticsClient } from './client.js';
import { AnalyticsError, messageOf } from './errors.js';

export interface HookOptions<Request> {
  /** The agent that called; null counts the call as the tenant's own. Asked when the request has ended. */
  agentId: (request: Request) => string | null | undefined;
  /** The user on whose behalf it called. */
  userId?: (request: Request) => string | null | undefined;
  /** Name of the endpoint. Default: method and pattern of the route, such as `GET /agents/:id`. */
  endpoint?: (request: Request) => string;
  /** True: the request is not counted. */
  skip?: (request: Request) => boolean;
}

export interface Finished {
  /** HTTP status of the response. */
  status: number;
  durationMs: number;
  /** Method and pattern of the route. */
  endpoint: string;
}

/** Status of a request whose caller has gone before the answer, as web servers log it. */
export const CLIENT_CLOSED_REQUEST = 499;

/**
 * Name of an endpoint; never the path that was asked for, which has ids in it and is whatever a caller makes up. What no
 * route took is `other`, as the service calls what it does not list.
 */
export const endpointOf = (method: string, pattern: string | undefined): string =>
  `${method} ${pattern === undefined || pattern === '' ? 'other' : pattern}`;

export function record<Request>(
  client: Pick<AnalyticsClient, 'recordEvent' | 'report'>,
  options: HookOptions<Request>,
  request: Request,
  finished: () => Finished,
): void {
  try {
    if (options.skip?.(request) === true) return;
    const { status, durationMs, endpoint } = finished();
    client.recordEvent({
      metricType: 'api_calls',
      agentId: options.agentId(request) ?? null,
      userId: options.userId?.(request) ?? null,
      endpoint: options.endpoint?.(request) ?? endpoint,
      status,
      durationMs,
    });
  } catch (cause) {
    client.report(
      new AnalyticsError('HOOK_ERROR', `a request is not counted: ${messageOf(cause)}`, { cause }),
    );
  }
}
