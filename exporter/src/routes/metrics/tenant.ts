/** `GET /metrics/tenant`: a tenant's own business metrics, for its own Prometheus. */
import type { Scope } from '../../auth/principal.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { AUTHENTICATED, errorResponses } from '../../http/error-responses.js';
import { bearer, NoQuery } from '../../http/route-options.js';
import type { Tag } from '../../http/tags.js';
import { BUSINESS_CONTENT_TYPE } from '../../metrics/business.js';
import { afterFirstRollup, Exposition } from '../shared/exposition.js';

const tag: Tag = 'Operations';

export default function routes(app: App, { business }: RouteContext): void {
  app.get(
    '/metrics/tenant',
    {
      config: { scope: 'analytics:read' as Scope, tiered: true },
      schema: {
        summary: "A tenant's own business metrics",
        tags: [tag],
        security: bearer,
        querystring: NoQuery,
        response: { 200: Exposition, ...errorResponses(...AUTHENTICATED, 'ANALYTICS_NOT_AVAILABLE') },
      },
    },
    (request, reply) => {
      reply.type(BUSINESS_CONTENT_TYPE);
      return afterFirstRollup(business.of(tenantOf(request)));
    },
  );
}
