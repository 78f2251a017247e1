/** Unknown routes: rejected after authentication and before the body is read. */
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { AppError } from '../errors.js';

export const notFound = plugin(
  async (app) => {
    app.addHook('onRequest', (request, _reply, done) => {
      done(request.is404 ? unknownRoute(request) : undefined);
    });
    // Fastify only calls it for requests that no hook has rejected.
    app.setNotFoundHandler((request) => {
      throw unknownRoute(request);
    });
  },
  { name: 'not-found' },
);

function unknownRoute({ method, url }: FastifyRequest): AppError {
  return new AppError('NOT_FOUND', `no such route: ${method} ${url.split('?')[0]?.slice(0, 200) ?? ''}`);
}
