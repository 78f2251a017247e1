// Writes the types of the routes that the client and the Grafana plugin call from docs/openapi.yaml; `--check` fails where
// they differ instead.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';

const ROOT = new URL('../../', import.meta.url);
const SOURCE = 'docs/openapi.yaml';

/** Only the operations that each calls: a change of another is none of its. */
const TARGETS = {
  'client/src/api.ts': [
    'POST /api/v1/events',
    'POST /api/v1/executions',
    'POST /api/v1/executions/{id}/steps',
    'POST /api/v1/executions/{id}/token-usages',
    'POST /api/v1/analytics/budgets/reservations',
    'DELETE /api/v1/analytics/budgets/reservations/{id}',
    'GET /api/v1/analytics/summary',
    'GET /api/v1/analytics/agents/{id}/metrics',
    'GET /api/v1/analytics/agents/{id}/errors',
    'GET /api/v1/analytics/agents/compare',
    'GET /api/v1/analytics/usage',
    'GET /api/v1/analytics/tokens/usage',
    'GET /api/v1/analytics/tools',
    'GET /api/v1/analytics/costs',
    'GET /api/v1/analytics/costs/trends',
    'GET /api/v1/analytics/costs/recommendations',
    'POST /api/v1/analytics/costs/recommendations/{id}/dismiss',
    'GET /api/v1/analytics/reports',
    'POST /api/v1/analytics/reports',
    'GET /api/v1/analytics/reports/{id}',
    'POST /api/v1/analytics/reports/{id}/run',
    'GET /api/v1/analytics/reports/{id}/runs',
    'GET /api/v1/analytics/reports/{id}/runs/{run}',
    'GET /api/v1/analytics/reports/templates',
    'GET /api/v1/analytics/team',
    'GET /api/v1/analytics/users/activity',
    'GET /api/v1/analytics/directory/agents',
    'GET /api/v1/analytics/directory/users',
    'GET /api/v1/analytics/live',
    'GET /api/v1/analytics/dashboards',
    'POST /api/v1/analytics/dashboards',
    'GET /api/v1/analytics/dashboards/{id}',
    'PUT /api/v1/analytics/dashboards/{id}',
    'DELETE /api/v1/analytics/dashboards/{id}',
    'GET /api/v1/analytics/dashboards/{id}/data',
    'POST /api/v1/analytics/dashboards/{id}/publish',
    'GET /api/v1/analytics/sessions',
    'GET /api/v1/analytics/sessions/metrics',
    'GET /api/v1/analytics/sessions/flows',
    'GET /api/v1/analytics/sessions/dropoff',
    'GET /api/v1/analytics/sessions/funnel',
    'GET /api/v1/analytics/alerts',
    'POST /api/v1/analytics/alerts',
    'GET /api/v1/analytics/alerts/{id}',
    'DELETE /api/v1/analytics/alerts/{id}',
    'POST /api/v1/analytics/alerts/{id}/test',
    'GET /api/v1/analytics/alerts/{id}/events',
    'GET /api/v1/analytics/alerts/templates',
    'POST /api/v1/analytics/export',
    'GET /api/v1/analytics/export/{id}',
  ],
  'plugin/src/api/openapi.ts': [
    'GET /api/v1/analytics/catalog',
    'POST /api/v1/analytics/query',
    'GET /api/v1/analytics/dimensions/{dimension}/values',
    'GET /api/v1/analytics/jobs',
    'GET /api/v1/analytics/executions',
    'GET /api/v1/analytics/executions/{id}',
    'GET /api/v1/analytics/budgets',
    'GET /api/v1/analytics/alerts',
    'GET /api/v1/analytics/alerts/events',
    'GET /api/v1/analytics/costs/forecast',
    'GET /api/v1/analytics/costs/recommendations',
    'GET /api/v1/analytics/reports',
    'GET /api/v1/analytics/reports/{id}/runs',
    'GET /api/v1/analytics/sessions',
    'GET /api/v1/analytics/sessions/metrics',
    'GET /api/v1/analytics/sessions/flows',
    'GET /api/v1/analytics/sessions/dropoff',
    'GET /api/v1/analytics/sessions/funnel',
    'GET /api/v1/analytics/tools',
    'GET /api/v1/analytics/team',
    'GET /api/v1/analytics/users/activity',
    'GET /api/v1/analytics/agents/compare',
    'GET /api/v1/analytics/live',
  ],
};

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

function pathsOf(document, operations) {
  const paths = {};
  for (const named of operations) {
    const [method, route] = named.split(' ');
    const operation = document.paths[route]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${SOURCE} has no ${named}`);
    // Errors all have the one form of components.schemas.Error.
    const shown = { ...operation, responses: successes(operation.responses) };
    paths[route] = { ...paths[route], [method.toLowerCase()]: shown };
  }
  return paths;
}

async function typesOf(document, target, operations) {
  const types = await openapiTS(liftDescriptions({ ...document, paths: pathsOf(document, operations) }), {
    alphabetize: false,
    // Left out of a request, it is the server that fills it in.
    defaultNonNullable: false,
  });
  return format(
    `// Generated from ${SOURCE} by \`npm run generate -w client\`; do not edit.\n${astToString(types)}`,
    { ...(await resolveConfig(target)), parser: 'typescript' },
  );
}

const document = parse(await readFile(new URL(SOURCE, ROOT), 'utf8'), { maxAliasCount: -1 });
for (const [name, operations] of Object.entries(TARGETS)) {
  const target = new URL(name, ROOT);
  const text = await typesOf(document, target, operations);
  if (!process.argv.includes('--check')) {
    await writeFile(target, text);
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${name} differs from ${SOURCE}: run \`npm run generate -w client\`\n`);
    process.exitCode = 1;
  }
}
