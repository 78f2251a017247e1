/** `GET /metrics/tenants`: business metrics of all tenants, for whoever runs the service. */
import { timingSafeEqual } from 'node:crypto';
import { AppError } from '../../errors.js';
import type { App, RouteContext } from '../../http/context.js';
import { errorResponses } from '../../http/error-responses.js';
import { bearer, NoQuery } from '../../http/route-options.js';
import type { Tag } from '../../http/tags.js';
import { BUSINESS_CONTENT_TYPE } from '../../metrics/business.js';
import { afterFirstRollup, Exposition } from '../shared/exposition.js';

const tag: Tag = 'Operations';

/** Wrong tokens a minute and address. The right one always passes, so that nobody can blind Prometheus. */
const MAX_WRONG = 10;

export default function routes(app: App, { business, config }: RouteContext): void {
  const limitWrong = app.rateLimit({
    max: MAX_WRONG,
    timeWindow: '1 minute',
    keyGenerator: ({ ip }) => `metrics:${ip}`,
  });
  app.get(
    '/metrics/tenants',
    {
      onRequest: async (request, reply) => {
        if (config.metricsToken === undefined) throw new AppError('NOT_FOUND', 'METRICS_TOKEN is not set');
        if (!isBearer(request.headers.authorization, config.metricsToken)) {
          await limitWrong.call(app, request, reply);
          throw new AppError('UNAUTHORIZED', 'this route requires METRICS_TOKEN as the bearer token');
        }
      },
      schema: {
        summary: 'Business metrics of all tenants',
        description:
          'Requires METRICS_TOKEN as bearer token; 404 if it is not set, 429 after ten wrong ones in a minute.',
        tags: [tag],
        security: bearer,
        querystring: NoQuery,
        response: {
          200: Exposition,
          ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'),
        },
      },
    },
    (_request, reply) => {
      reply.type(BUSINESS_CONTENT_TYPE);
      return afterFirstRollup(business.all());
    },
  );
}

/** Compares in constant time, so that the response time reveals nothing about the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^bearer +(.*)$/i.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
