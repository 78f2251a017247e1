/** Writes what the plugin takes from docs/openapi.yaml beside its types; with `--check` it compares the file instead. */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';

const SOURCE = new URL('../../docs/openapi.yaml', import.meta.url);
const TARGET = new URL('../src/api/executionFilters.ts', import.meta.url);
const ROUTE = '/api/v1/analytics/executions';

const { paths } = parse(await readFile(SOURCE, 'utf8'));
const names = paths[ROUTE].get.parameters
  .filter((parameter) => parameter.in === 'query' && parameter.schema.type === 'array')
  .map(({ name }) => name);
const text = await format(
  `// Generated from docs/openapi.yaml by \`npm run generate -w plugin\`; do not edit.
/** The parameters of \`GET ${ROUTE}\` that take several values. */
export const EXECUTION_FILTER_PARAMETERS = ${JSON.stringify(names)} as const;
`,
  { ...(await resolveConfig(TARGET)), parser: 'typescript' },
);

if (!process.argv.includes('--check')) {
  await writeFile(TARGET, text);
} else if ((await readFile(TARGET, 'utf8').catch(() => '')) !== text) {
  console.error(
    'plugin/src/api/executionFilters.ts differs from docs/openapi.yaml: run `npm run generate -w plugin`',
  );
  process.exitCode = 1;
}
