// Writes the types of the routes that the client calls from docs/openapi.yaml; `--check` fails where they differ instead.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';

const SOURCE = new URL('../../docs/openapi.yaml', import.meta.url);
const TARGET = new URL('../src/api.ts', import.meta.url);

/** Only these: a change of another route is none of the client's. */
const ROUTES = [
  '/api/v1/events',
  '/api/v1/executions',
  '/api/v1/executions/{id}/steps',
  '/api/v1/executions/{id}/token-usages',
  '/api/v1/analytics/budgets/reservations',
  '/api/v1/analytics/budgets/reservations/{id}',
];

/** A field that may be null is described at its first branch; where it is described is where an editor looks. */
function liftDescriptions(value) {
  if (Array.isArray(value)) return value.map(liftDescriptions);
  if (value === null || typeof value !== 'object') return value;
  const lifted = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, liftDescriptions(inner)]),
  );
  const description = lifted.description ?? lifted.anyOf?.find((branch) => branch.description)?.description;
  return description === undefined ? lifted : { ...lifted, description };
}

const successes = (responses) =>
  Object.fromEntries(Object.entries(responses).filter(([status]) => status.startsWith('2')));

const document = parse(await readFile(SOURCE, 'utf8'));
const paths = ROUTES.map((route) => {
  if (document.paths[route] === undefined) throw new Error(`docs/openapi.yaml has no ${route}`);
  const operations = Object.entries(document.paths[route]).map(([method, operation]) => [
    method,
    // Errors all have the one form of components.schemas.Error.
    { ...operation, responses: successes(operation.responses) },
  ]);
  return [route, Object.fromEntries(operations)];
});
const types = await openapiTS(liftDescriptions({ ...document, paths: Object.fromEntries(paths) }), {
  alphabetize: false,
  // Left out of a request, it is the server that fills it in.
  defaultNonNullable: false,
});
const text = await format(
  `// Generated from docs/openapi.yaml by \`npm run generate -w client\`; do not edit.\n${astToString(types)}`,
  { ...(await resolveConfig(TARGET)), parser: 'typescript' },
);

if (process.argv.includes('--check')) {
  const there = await readFile(TARGET, 'utf8').catch(() => '');
  if (there !== text) {
    process.stderr.write(
      'client/src/api.ts differs from docs/openapi.yaml: run `npm run generate -w client`\n',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(TARGET, text);
}
