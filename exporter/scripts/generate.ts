/**
 * Writes what is derived from the code: docs/openapi.yaml from the route schemas, docs/configuration.md from the settings,
 * docs/metrics.md from the catalog, docs/otlp.md from the mapping of attributes. With `--check` it fails where a committed file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { buildApp } from '../src/app.js';
import { dimensionsOf, intervalsOf } from '../src/aggregates/index.js';
import { DIMENSIONS, METRICS } from '../src/catalog/index.js';
import { loadConfig, SETTINGS } from '../src/config.js';
import { createPool } from '../src/db/pool.js';
import { MAPPING, ROLE_ATTRIBUTES, ROLES } from '../src/ingest/otlp/mapping.js';
import { MAX_BYTES, MAX_BYTES_A_TENANT } from '../src/routes/admission.js';
import { MAX_SPANS_PER_TRACE } from '../src/ingest/otlp/merge.js';

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

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** Where in an execution a field of the mapping arrives. */
const DESTINATIONS: Record<(typeof MAPPING)[number]['field'], string> = {
  provider: '`provider` of the token usage',
  model: '`model` of the token usage',
  inputTokens: '`input_tokens`, cached ones included',
  outputTokens: '`output_tokens`, reasoning included',
  totalTokens: 'whichever of the two was not sent',
  cachedInputTokens: '`cached_input_tokens`, part of the input',
  cacheWriteTokens: '`cache_write_tokens`, part of the input',
  reasoningTokens: '`reasoning_tokens`, part of the output',
  costUsd: '`cost_usd`, which wins over every price',
  agentId: '`agent_id`; without one the name',
  agentName: '`agent_name`',
  workflow: '`flow_id`',
  session: '`session_id`',
  user: '`user_id`',
  tool: '`tool_name` of the step',
  input: '`query_preview` of the execution, `content` of a step',
  output: '`content` of a step',
  errorType: '`error_type`',
};

function otlp(): string {
  const roles = ['agent', 'workflow', 'model', 'tool'].map((role) => [
    role,
    code(Object.entries(ROLES).flatMap(([name, its]) => (its === role ? [name] : []))),
  ]);
  const rows = MAPPING.map(({ field, attributes }) => [DESTINATIONS[field], code(attributes)]);
  return `<!-- Generated from exporter/src/ingest/otlp/mapping.ts by \`npm run generate\`; do not edit. -->
# OpenTelemetry

\`POST /v1/traces\` takes OTLP over HTTP, as protobuf or JSON, packed with gzip or not, with a token that may write:

\`\`\`sh
export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:3001/v1/traces
export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="authorization=Bearer $TOKEN"
\`\`\`

A trace with a GenAI span becomes an execution; its trace id is the execution's id. The execution is recomputed from all of
its spans each time new ones arrive, so batches may come in any order, more than once, or in pieces; what was sent of it to
\`POST /api/v1/executions\` meanwhile is replaced. The outermost agent and
workflow name it, calls of models are its token usages, tools are its steps. It failed where the outermost of both says so,
or without them the outermost call; of several side by side the one that ended last. What went wrong is taken from the span
below that failed first: its \`error.type\` and message, or its event \`exception\`. It is never \`running\`: whether a span
above is still to come, or was never exported, cannot be told, so a trace counts as finished as far as its spans have come,
and is put right by those that follow.

Tokens are counted once, on the calls of models: a span above them that repeats their sum adds nothing; an agent below which
no call is known counts its own, and so does a call beside those of the tools and agents that it called. Where cached tokens
exceed the input, or the total is that of all three, the input was sent without them, and they are added to it. A value that
makes no sense, such as a negative count, is as if it were not there. Content is kept of tools, up to 16 KiB, and of other
spans as far as a preview goes: of messages the user's last one. The execution's preview is that of the outermost span, or
of the first that has any.

A span without valid ids or times, one that ends before it starts, one that is too old or in the future, and one beyond
the ${MAX_SPANS_PER_TRACE} that are kept of a trace are rejected, by name, in the answer's partial success; the rest is kept. Of two different
spans with one id the one that ends later stays, whichever came first. Traces without any GenAI span are accepted, and nothing
is made of them. White space in names that become ids turns into hyphens. Fields that OTLP does not know are ignored; logs
and metrics that are sent here are refused as a whole.

While the exporter holds ${MAX_BYTES / 1024 / 1024} MiB of bodies, unpacked and not answered yet, ${MAX_BYTES_A_TENANT / 1024 / 1024} MiB of one tenant, more are refused with a
503, which exporters repeat; events and executions count with the spans.
A request that the exporter's memory is too small for, as of millions of empty spans, is refused with a 413.

What a span is, by ${code(ROLE_ATTRIBUTES)} (in any case); otherwise by the
first word of its name, or because it names a model or counts tokens:

${table(['Role', 'Values'], roles)}

Attributes, the first that is there; those of the resource stand behind the span's own:

${table(['Becomes', 'Attributes'], rows)}
`;
}

const generated = [
  { file: 'openapi.yaml', text: await openapi() },
  { file: 'configuration.md', text: configuration() },
  { file: 'metrics.md', text: metrics() },
  { file: 'otlp.md', text: otlp() },
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
