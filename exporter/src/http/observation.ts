/** Sets the headers of every response. Writes one log line and one metric observation per request. */
import plugin from 'fastify-plugin';
import type { Config } from '../config.js';
import type { ServiceMetrics } from '../metrics/service.js';
import { securityHeaders } from './security-headers.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The outcome of a request that sends facts. */
    ingested?: { accepted: number; duplicates: number; rejected: number };
    /** Why the request was refused with a 401 or 403. Never contains the token. */
    refusal?: string;
  }
}

export interface ObservationOptions {
  metrics: ServiceMetrics;
  config: Pick<Config, 'hstsMaxAgeSeconds'>;
}

export const observation = plugin<ObservationOptions>(
  async (app, { metrics, config }) => {
    const headers = securityHeaders(config);
    app.addHook('onRequest', (request, reply, done) => {
      reply.headers(headers).header('x-request-id', request.id);
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const { elapsedTime, statusCode: status } = reply;
      const { method } = request;
      const route = request.routeOptions.url ?? 'none';
      if (request.routeOptions.config.endless !== true)
        metrics.httpDuration.observe({ method, route, status: String(status) }, elapsedTime / 1000);
      const ms = Math.round(elapsedTime * 10) / 10;
      const level = isProbe(route) ? 'debug' : 'info';
      const { ip: address, principal, refusal, ingested } = request;
      const who = { address, tenant: principal?.tenantId, subject: principal?.subject };
      request.log[level]({ method, route, status, ms, ...who, refusal, ...ingested }, 'request');
      done();
    });
  },
  { name: 'observation' },
);

/** Health checks and scrapes, which arrive every few seconds. */
export const isProbe = (url: string): boolean => url.startsWith('/health') || url.startsWith('/metrics');
