/** Records the requests of an Express app. */
import type { Request, RequestHandler } from 'express';
import type { AnalyticsClient } from './client.js';
import { CLIENT_CLOSED_REQUEST, endpointOf, type HookOptions, record } from './hook.js';

export type ExpressHookOptions = HookOptions<Request>;

/**
 * A middleware that records each response as an `api_calls` event. Register it before the routes:
 * `app.use(analyticsHook(client, { agentId }))`. If the caller disconnects before the response, the status is 499.
 */
export function analyticsHook(client: AnalyticsClient, options: ExpressHookOptions): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const pattern = watchRoute(request);
    // Emitted both after `finish` and without it.
    response.once('close', () =>
      record(client, options, request, () => ({
        status: response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST,
        durationMs: performance.now() - began,
        endpoint: endpointOf(request.method, pattern()),
      })),
    );
    next();
  };
}

/**
 * Returns a function that reads the pattern of the matched route, including its routers. `baseUrl` must be read when Express
 * sets the route, because it is reset when an error or a missing route leaves the router.
 */
function watchRoute(request: Request): () => string | undefined {
  let route = request.route as { path?: unknown } | undefined;
  let mount = '';
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set: (value: typeof route) => {
      // Express sets the same route again, when the parameters of the router have been replaced.
      if (value === route) return;
      route = value;
      mount = mountOf(request);
    },
  });
  return () => {
    if (route?.path === undefined) return undefined;
    // The root route of a router adds nothing to the mount path.
    return mount !== '' && route.path === '/' ? mount : `${mount}${String(route.path)}`;
  };
}

/** A number, a UUID or a long hexadecimal string. */
const LOOKS_LIKE_ID = /^(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})$/i;

/**
 * The path of the router. Express only knows the actual path, so parameter values (the router's own parameters are not set
 * yet) and segments that look like an id are replaced.
 */
function mountOf({ baseUrl, params }: Request): string {
  const names = new Map(Object.entries(params ?? {}).map(([name, value]) => [String(value), name]));
  return (baseUrl ?? '')
    .split('/')
    .map((segment) => {
      const name = names.get(decoded(segment));
      return name !== undefined ? `:${name}` : LOOKS_LIKE_ID.test(segment) ? '{id}' : segment;
    })
    .join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
