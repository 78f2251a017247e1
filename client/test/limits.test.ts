/** The client's limits are those in the service's OpenAPI document. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Kind, TARGETS } from '../src/items.js';
import { MAX_BODY_BYTES, MAX_EXECUTIONS, MAX_ITEMS } from '../src/options.js';

interface Operation {
  description: string;
  requestBody: {
    content: { 'application/json': { schema: { properties: Record<string, { maxItems: number }> } } };
  };
}

it.each(Object.keys(TARGETS) as Kind[])('the limits of a request with items of kind %s', async (kind) => {
  const document = parse(await readFile(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8')) as {
    paths: Record<string, { post: Operation }>;
  };
  const { path, field } = TARGETS[kind];
  const { post } = document.paths[decodeURIComponent(path('{id}'))]!;
  const { properties } = post.requestBody.content['application/json'].schema;
  expect(properties[field]!.maxItems).toBe(kind === 'execution' ? MAX_EXECUTIONS : MAX_ITEMS);
  expect(post.description).toContain(`${MAX_BODY_BYTES / 1024 / 1024} MiB`);
});
