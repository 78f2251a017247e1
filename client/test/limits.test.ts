/** The limits that the client keeps to are those of the service's document. */
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

it.each(Object.keys(TARGETS) as Kind[])('of a request of the kind %s', async (kind) => {
  const document = parse(await readFile(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8')) as {
    paths: Record<string, { post: Operation }>;
  };
  const { path, field } = TARGETS[kind];
  const { post } = document.paths[decodeURIComponent(path('{id}'))]!;
  const { properties } = post.requestBody.content['application/json'].schema;
  expect(properties[field]!.maxItems).toBe(kind === 'execution' ? MAX_EXECUTIONS : MAX_ITEMS);
  expect(post.description).toContain(`${MAX_BODY_BYTES / 1024 / 1024} MiB`);
});
