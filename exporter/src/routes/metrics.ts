/** `GET /metrics`: the service's own metrics, for Prometheus. */
import type { App, RouteContext } from '../http/context.js';
import { openRoute } from '../http/route-options.js';
import { Recent } from '../queues/recent.js';
import { Exposition } from './shared/exposition.js';

export default function routes(app: App, { metrics }: RouteContext): void {
  // Requests that arrive while the text is being written share it.
  const text = new Recent(() => metrics.text());
  app.get(
    '/metrics',
    openRoute({ summary: "The service's own metrics", tag: 'Operations', answers: { 200: Exposition } }),
    async (_request, reply) => {
      reply.type(metrics.contentType);
      return text.get();
    },
  );
}
