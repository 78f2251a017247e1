/** The type of an answer follows from its schema: `npm run typecheck` fails where a report and its route differ. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import { Type } from 'typebox';
import type { App, RouteContext } from '../../src/http/context.js';
import { ErrorSchema } from '../../src/http/error-responses.js';
import { sendCached } from '../../src/http/response-cache.js';
import { readRoute } from '../../src/http/route-options.js';
import { Nullable, Strict } from '../../src/schemas.js';

const options = readRoute({
  summary: 'An answer',
  tag: 'Query',
  answer: Strict({ total: Type.Integer(), days: Type.Array(Strict({ cost: Nullable(Type.Number()) })) }),
});
const cached = { endpoint: 'test', query: {}, to: 0 };

const uncached = {
  now: Date.now,
  metrics: { queryDuration: { observe: () => undefined } },
} as unknown as RouteContext;

it('an answer of the type of its schema is sent as JSON', async () => {
  const app: App = fastify().withTypeProvider<TypeBoxTypeProvider>();
  app.addSchema(ErrorSchema);
  app.get('/cached', options, (request, reply) => {
    request.principal = { tenantId: 'acme', subject: 'tests', scopes: new Set(), expiresAt: Infinity };
    return sendCached(uncached, request, reply, cached, async () => ({ total: 1, days: [{ cost: null }] }));
  });
  const response = await app.inject('/cached');
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(response.json()).toEqual({ total: 1, days: [{ cost: null }] });
  await app.close();
});

/** Never called: each of these must fail the type check, because an expected error that does not occur is one. */
export function mismatches(app: App): void {
  app.get('/renamed', options, (request, reply) =>
    // @ts-expect-error a renamed field
    sendCached(uncached, request, reply, cached, async () => ({ sum: 1, days: [] })),
  );
  app.get('/renamed-within', options, (request, reply) =>
    // @ts-expect-error a renamed field of an item
    sendCached(uncached, request, reply, cached, async () => ({ total: 1, days: [{ costs: 1 }] })),
  );
  app.get('/other-type', options, (request, reply) =>
    // @ts-expect-error a number became a string
    sendCached(uncached, request, reply, cached, async () => ({ total: '1', days: [] })),
  );
  app.get('/null', options, (request, reply) =>
    // @ts-expect-error null where the schema has none
    sendCached(uncached, request, reply, cached, async () => ({ total: null, days: [] })),
  );
  // @ts-expect-error a renamed field of a route that is not cached
  app.get('/uncached', options, async () => ({ sum: 1, days: [] }));
}
