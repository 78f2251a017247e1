/** Counts the requests of an Express app. */
import type { Request, RequestHandler } from 'express';
import type { AnalyticsClient } from './client.js';
import { CLIENT_CLOSED_REQUEST, endpointOf, type HookOptions, record } from './hook.js';

export type ExpressHookOptions = HookOptions<Request>;

/**
 * A middleware that records each response as an `api_calls` event: `app.use(analyticsHook(client, { agentId }))`, before
 * the routes. A caller that goes before the answer counts with status 499.
 */
export function analyticsHook(client: AnalyticsClient, options: ExpressHookOptions): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const pattern = watchRoute(request);
    // Comes after `finish` as well as without it.
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
 * Tells the pattern of the route that the request came to, that of the routers around it included. Where they stand is
 * known only while they work: once an error or a missing route has left them, `baseUrl` is the app's again. So it is
 * looked at when Express sets the route.
 */
function watchRoute(request: Request): () => string | undefined {
  let route = request.route as { path?: unknown } | undefined;
  let mount = '';
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set: (value: typeof route) => {
      // Set a second time when it begins, with its own parameters in place of the router's.
      if (value === route) return;
      route = value;
      mount = mountOf(request);
    },
  });
  return () => {
    if (route?.path === undefined) return undefined;
    // A router's own root adds nothing.
    return mount !== '' && route.path === '/' ? mount : `${mount}${String(route.path)}`;
  };
}

/** A number, a UUID or a long hexadecimal text: an id, whatever route it stands in. */
const LOOKS_LIKE_ID = /^(?:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})$/i;

/**
 * Where the router stands. Express knows only the path as it was asked for: what is the value of a parameter there (the
 * router's own are set after this), or looks like an id, is replaced.
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
