/** `GET /live`: what is happening now, as a stream of server-sent events or lines. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { COMMENT_SECONDS, FORMATS, type LiveFormat, MAX_LIVE_A_TENANT } from '../../http/live-streams.js';
import { readRoute } from '../../http/route-options.js';
import { LiveMetrics } from '../../live/schema.js';
import { Strict } from '../../schemas.js';

const LiveQuery = Strict({
  interval: Type.Optional(
    Type.String({
      default: '1s',
      examples: ['1s', '10s'],
      description: 'Time between two events: whole seconds, `1s` to `60s`.',
    }),
  ),
});

const INTERVAL = /^([1-9]|[1-5]\d|60)s$/;

/** The answer by content type, for the document. */
const ANSWER: object = {
  description: 'Events until the client leaves, the token expires or the service stops.',
  content: {
    'text/event-stream': {
      schema: { type: 'string', description: 'Events `metrics`, whose data is a line of the other format.' },
    },
    'application/x-ndjson': { schema: LiveMetrics },
  },
};

export default function routes(app: App, { liveStreams }: RouteContext): void {
  const options = readRoute({
    summary: 'Streams live figures',
    description:
      'Server-sent events `metrics`; with `Accept: application/x-ndjson` the same as a JSON object a line. What is counted ' +
      'per minute arrived within the last 60 s, whenever it happened, and is at most 2 s behind a request that any replica ' +
      `has accepted. A comment every ${COMMENT_SECONDS} s keeps the connection open; in NDJSON it is an empty line, if nothing ` +
      `else was sent for that long. At most ${MAX_LIVE_A_TENANT} streams of a tenant are open at a time on a replica. A ` +
      'client that does not read misses events, and is disconnected after 30 seconds.',
    tag: 'Live',
    querystring: LiveQuery,
    answer: Type.String(),
    config: { endless: true },
  });
  const { response } = options.schema;
  const described = {
    ...options,
    // Each event is to be sent at once.
    compress: false as const,
    schema: { ...options.schema, response: { ...response, 200: ANSWER } },
  };
  app.addHook('preClose', async () => liveStreams.close());
  app.get('/live', described, async (request, reply) => {
    const { interval = '1s' } = request.query;
    const seconds = INTERVAL.exec(interval)?.[1];
    if (seconds === undefined) {
      throw new AppError(
        'VALIDATION_ERROR',
        `interval must be whole seconds from 1s to 60s, not "${interval}"`,
      );
    }
    const format: LiveFormat = request.headers.accept?.includes('application/x-ndjson') ? 'ndjson' : 'sse';
    void reply
      .type(FORMATS[format].contentType)
      .header('cache-control', 'no-store, no-transform')
      // nginx would collect events.
      .header('x-accel-buffering', 'no')
      // The schema describes a string, for the document; the stream is sent as it is.
      .serializer((payload: unknown) => payload as string);
    if (request.method === 'HEAD') return '';
    const { expiresAt } = request.principal;
    const tenantId = tenantOf(request);
    const stream = liveStreams.open({ tenantId, intervalSeconds: Number(seconds), format, expiresAt }, reply);
    return stream as unknown as string;
  });
}
