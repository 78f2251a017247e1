/** Common part of the hooks: records a completed request as an event. Errors never affect the request. */
import type { AnalyticsClient } from './client.js';
import { AnalyticsError, messageOf } from './errors.js';

export interface HookOptions<Request> {
  /** The calling agent; null means that the call belongs to the tenant itself. Called when the request has ended. */
  agentId: (request: Request) => string | null | undefined;
  /** The user on whose behalf the agent called. */
  userId?: (request: Request) => string | null | undefined;
  /** Name of the endpoint. Default: method and route pattern, such as `GET /agents/:id`. */
  endpoint?: (request: Request) => string;
  /** If true, the request is not recorded. */
  skip?: (request: Request) => boolean;
}

export interface CompletedRequest {
  /** HTTP status of the response. */
  status: number;
  durationMs: number;
  /** Method and route pattern. */
  endpoint: string;
}

/** Status that web servers log if the caller disconnects before the response. */
export const CLIENT_CLOSED_REQUEST = 499;

/**
 * Name of an endpoint. Never the actual path, which contains ids and can be anything. Requests without a route are `other`,
 * as in the service.
 */
export const endpointOf = (method: string, pattern: string | undefined): string =>
  `${method} ${pattern === undefined || pattern === '' ? 'other' : pattern}`;

export function record<Request>(
  client: Pick<AnalyticsClient, 'recordEvent' | 'report'>,
  options: HookOptions<Request>,
  request: Request,
  completed: () => CompletedRequest,
): void {
  try {
    if (options.skip?.(request) === true) return;
    const { status, durationMs, endpoint } = completed();
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
      new AnalyticsError('HOOK_ERROR', `a request was not recorded: ${messageOf(cause)}`, { cause }),
    );
  }
}
