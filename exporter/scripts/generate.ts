/**
 * Writes what is derived from the code: docs/openapi.yaml from the route schemas, docs/configuration.md from the settings,
 * docs/metrics.md from the catalog. With `--check` it fails where a committed file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { buildApp } from '../src/app.js';
import { DIMENSIONS, dimensionsOf, intervalsOf, METRICS } from '../src/catalog/index.js';
import { loadConfig, SETTINGS } from '../src/config.js';
import { createPool } from '../src/db/pool.js';

const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

async function openapi(): Promise<string> {
  // Nothing is asked of the database: the document is made of the schemas alone.
  const pool = createPool({ url: 'postgres://127.0.0.1/none' });
  const { app } = await buildApp({
    config: loadConfig({ AUTH_JWT_SECRET: 'only the schemas of the routes are read here' }),
    pool,
    logger: pino({ level: 'silent' }),
    migrationsDir: '',
    processMetrics: false,
  });
  await app.ready();
  const text = stringify(app.swagger(), { lineWidth: 110 });
  await app.close();
  await pool.end();
  return `# Generated from the route schemas by \`npm run generate\`; do not edit.\n${text}`;
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

function configuration(): string {
  const rows = Object.values(SETTINGS).map(({ name, fallback, help }) => [
    `\`${name}\``,
    fallback === undefined ? 'unset' : `\`${String(fallback)}\``,
    help,
  ]);
  return `<!-- Generated from exporter/src/config.ts by \`npm run generate\`; do not edit. -->
# Configuration

Every setting is an environment variable; an empty one counts as unset. A wrong value stops the start with one line that
names it.

${table(['Variable', 'Default', 'Meaning'], rows)}
`;
}

function metrics(): string {
  const rows = METRICS.map((metric) => [
    `\`${metric.name}\``,
    metric.title,
    metric.unit,
    metric.description,
    dimensionsOf(metric)
      .map(({ name }) => name)
      .join(', '),
    intervalsOf(metric).join(', '),
  ]);
  const dimensions = DIMENSIONS.map(({ name, title, description }) => [`\`${name}\``, title, description]);
  return `<!-- Generated from exporter/src/catalog by \`npm run generate\`; do not edit. -->
# Metrics and dimensions

What \`POST /api/v1/analytics/query\` can be asked. \`GET /api/v1/analytics/catalog\` answers the same, for programs.

${table(['Metric', 'Title', 'Unit', 'Meaning', 'Dimensions', 'Intervals'], rows)}

${table(['Dimension', 'Title', 'Meaning'], dimensions)}
`;
}

const generated = [
  { file: 'openapi.yaml', text: await openapi() },
  { file: 'configuration.md', text: configuration() },
  { file: 'metrics.md', text: metrics() },
];

for (const { file, text } of generated) {
  if (!process.argv.includes('--check')) {
    writeFileSync(docs(file), text);
  } else if (readFileSync(docs(file), 'utf8') !== text) {
    process.stderr.write(
      `docs/${file} differs from what the code says: run npm run generate and commit it\n`,
    );
    process.exitCode = 1;
  }
}
