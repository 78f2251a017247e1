/** `POST /channels/{name}/test`: tries a channel. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { adminRoute } from '../../../http/route-options.js';
import { MAX_TESTS } from '../../../outbox/test-message.js';
import { Nullable, Strict } from '../../../schemas.js';
import { ChannelParams } from '../../shared/channels.js';

const Answer = Strict({
  sent: Type.Boolean({ description: 'Whether the receiver accepted the message.' }),
  answer: Nullable(
    Type.String({ description: 'What the receiver said, shortened; null if it was not reached.' }),
  ),
  error: Nullable(Type.String({ description: 'Why it was not sent, or not to all recipients.' })),
});

export default function routes(app: App, { services: { deliveries } }: RouteContext): void {
  app.post(
    '/channels/:name/test',
    adminRoute({
      summary: 'Sends a test message now, and answers what the receiver said',
      description: `It is not retried. At most ${MAX_TESTS} per tenant and hour; those to mail channels count as mails of the day.`,
      tag: 'Channels',
      params: ChannelParams,
      answers: { 200: Answer },
      errors: ['NOT_FOUND', 'RATE_LIMITED'],
    }),
    async (request) => deliveries.test(tenantOf(request), request.params.name),
  );
}
