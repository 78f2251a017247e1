/** `POST /api/v1/events`: usage events in. */
import type { App, RouteContext } from '../../../http/context.js';
import { EventSchema, MAX_EVENTS } from '../../../facts/event/wire.js';
import { IngestAnswerSchema, ingestRoute } from '../../shared/ingest.js';

export default function routes(app: App, context: RouteContext): void {
  const { services, metrics } = context;
  ingestRoute(app, context, {
    path: '/api/v1/events',
    field: 'events',
    item: EventSchema,
    maxItems: MAX_EVENTS,
    summary: 'Records usage events',
    description:
      'A 200 means that they are durable. An event with an id can be sent again without changing anything.',
    tag: 'Events in',
    answer: IngestAnswerSchema('EVENT', 'New events', 'Events that were known before.'),
    ingest: async (tenantId, items) => {
      const answer = await services.ingest.events(tenantId, items);
      metrics.countEvents('accepted', answer.accepted);
      metrics.countEvents('duplicate', answer.duplicates);
      metrics.countEvents('rejected', answer.rejected.length);
      return answer;
    },
  });
}
