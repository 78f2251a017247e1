/** Usage events in. */
import { Type } from 'typebox';
import { AppError } from '../errors.js';
import { EventSchema, MAX_BODY_BYTES, MAX_EVENTS } from '../facts/event/wire.js';
import { wayIn } from './admission.js';
import { type App, type RouteContext, tenantOf } from './context.js';
import { writeRoute } from './guarded.js';
import { AnswerOf, Strict } from './schemas.js';

const EventsBody = Strict({ events: Type.Array(EventSchema, { maxItems: MAX_EVENTS }) });

/** What the router checks; each event is checked by ingest, which keeps the good ones and names the bad. */
const envelope: object = Strict({ events: Type.Array(Type.Unknown()) });

export function eventRoutes(app: App, context: RouteContext): void {
  const { services, metrics } = context;
  const options = writeRoute({
    summary: 'Usage events in',
    description:
      `At most ${MAX_EVENTS} events and ${MAX_BODY_BYTES / 1024 / 1024} MiB after decompression; gzip is accepted. ` +
      'A 200 means durable. Send an id and occurredAt with each event, and sending it again changes nothing.',
    tag: 'Events in',
    body: EventsBody,
    answer: AnswerOf('EVENT', 'New events', 'Events that were known already.'),
    errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
  });

  app.post(
    '/api/v1/events',
    {
      ...options,
      ...wayIn(context),
      validatorCompiler: (route) =>
        context.compile(route.httpPart === 'body' ? { ...route, schema: envelope } : route),
    },
    async (request) => {
      const events: readonly unknown[] = request.body.events;
      if (events.length > MAX_EVENTS) {
        throw new AppError(
          'PAYLOAD_TOO_LARGE',
          `at most ${MAX_EVENTS} events a request, these are ${events.length}`,
        );
      }
      const answer = await services.ingest.events(tenantOf(request), events);
      metrics.countEvents('accepted', answer.accepted);
      metrics.countEvents('duplicate', answer.duplicates);
      metrics.countEvents('rejected', answer.rejected.length);
      return answer;
    },
  );
}
