/** Records the requests of a Fastify app. */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { AnalyticsClient } from './client.js';
import { CLIENT_CLOSED_REQUEST, endpointOf, type HookOptions, record } from './hook.js';

export type FastifyHookOptions = HookOptions<FastifyRequest>;

/**
 * A plugin that records each response as an `api_calls` event: `await app.register(analyticsHook(client, { agentId }))`.
 * It covers all routes that are registered after it, in any plugin. If the caller disconnects before the response, the
 * status is 499.
 */
export function analyticsHook(client: AnalyticsClient, options: FastifyHookOptions): FastifyPluginCallback {
  const counted = new WeakSet<FastifyRequest>();
  const count = (request: FastifyRequest, status: number, durationMs: number): void => {
    if (counted.has(request)) return;
    counted.add(request);
    const finished = () => ({
      status,
      durationMs,
      endpoint: endpointOf(request.method, request.is404 ? undefined : request.routeOptions.url),
    });
    record(client, options, request, finished);
  };
  const arrived = new WeakMap<FastifyRequest, number>();

  const plugin: FastifyPluginCallback = (app, _options, done) => {
    app.addHook('onRequest', (request, _reply, next) => {
      arrived.set(request, performance.now());
      next();
    });
    app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, next) => {
      count(request, reply.statusCode, reply.elapsedTime);
      next();
    });
    app.addHook('onRequestAbort', (request, next) => {
      count(request, CLIENT_CLOSED_REQUEST, performance.now() - (arrived.get(request) ?? performance.now()));
      next();
    });
    done();
  };
  // Same as the package fastify-plugin: the hooks apply to the parent instance instead of an encapsulated one.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@agentidp/analytics-client',
    [Symbol.for('plugin-meta')]: { name: '@agentidp/analytics-client', fastify: '5.x' },
  });
}
