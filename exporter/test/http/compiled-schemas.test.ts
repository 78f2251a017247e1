/** Schemas are compiled when they are first used, so a wrong one would not keep the service from starting. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import type { FastifySchema, RouteOptions } from 'fastify';
import { textChecks, typedChecks } from '../../src/schema-check.js';
import { testApp, type TestApp } from '../support/app.js';

let t: TestApp;
const routes: RouteOptions[] = [];
beforeAll(async () => {
  t = await testApp({ onRoute: (route) => routes.push(route) });
  await t.app.ready();
});
afterAll(() => t.close());

/** What does not compile, by its place. */
function problems(of: readonly { url: string; schema?: FastifySchema }[]): string[] {
  const found: string[] = [];
  const serializer = SerializerSelector()(t.app.getSchemas(), {});
  const attempt = (place: string, compile: () => unknown): void => {
    try {
      compile();
    } catch (error) {
      found.push(`${place}: ${String(error)}`);
    }
  };
  for (const { url, schema = {} } of of) {
    const { body, querystring, params, headers, response = {} } = schema;
    for (const text of [querystring, params, headers]) if (text) attempt(url, () => textChecks.compile(text));
    if (body) attempt(url, () => typedChecks.compile(body as object));
    for (const [status, answer] of Object.entries(response as Record<string, SchemaOfAnswer>)) {
      const { content } = answer;
      const schemas = content === undefined ? [answer] : Object.values(content).map((one) => one.schema);
      for (const one of schemas)
        attempt(`${url} ${status}`, () =>
          serializer({ schema: one, method: 'GET', url, httpStatus: status }),
        );
    }
  }
  return found;
}
interface SchemaOfAnswer {
  content?: Record<string, { schema: object }>;
}

it('every schema of every route compiles', () => {
  const documented = routes.filter(({ url }) => url.startsWith('/api/v1/') || url.startsWith('/v1/'));
  expect(documented.length).toBeGreaterThan(50);
  expect(problems(documented)).toEqual([]);
});

it('a schema that does not compile is found', () => {
  const response = { 200: { type: 'object', properties: { a: { $ref: 'Missing#' } } } };
  expect(problems([{ url: '/broken', schema: { response } }])).toHaveLength(1);
  expect(problems([{ url: '/broken', schema: { body: { type: 'nothing' } } }])).toHaveLength(1);
});
