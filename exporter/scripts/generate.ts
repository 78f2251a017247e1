/**
 * Writes the files that are derived from the code: src/routes/index.ts from the route files, catalog/kinds.ts and
 * aggregates/kinds.ts of src/ from the kinds of facts there are, docs/openapi.yaml from the route schemas, docs/configuration.md from the settings, docs/metrics.md from the catalog, docs/otlp.md from the attribute
 * mapping. With `--check` it fails if a committed file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { loadConfig, SETTINGS } from '../src/config.js';
import { fileVariable } from '../src/config/secret-files.js';
import { createPool } from '../src/db/pool.js';
import { EMITTERS } from '../src/ingest/otlp/emitters.js';
import { MAPPING, PRODUCT_ROLE_ATTRIBUTES, ROLE_ATTRIBUTES, ROLES } from '../src/ingest/otlp/mapping.js';
import { MAX_BYTES, MAX_BYTES_A_TENANT } from '../src/http/admission.js';
import { MAX_SPANS_PER_TRACE, MAX_TRACE_MIB } from '../src/ingest/otlp/merge.js';
import { QUESTION_ATTRIBUTES } from '../src/ingest/otlp/question.js';
import { AGGREGATE_KINDS, aggregateKinds, CATALOG_KINDS, catalogKinds } from './kind-index.js';
import { LIBRARIES } from './otlp-libraries.js';
import { ROUTE_INDEX, routeIndex } from './route-index.js';

const docs = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));

async function openapi(): Promise<string> {
  // Imported here, because the app imports the indexes, which are generated first.
  const { buildApp } = await import('../src/app.js');
  // The database is not queried: the document is built from the schemas alone.
  const pool = createPool({ url: 'postgres://127.0.0.1/none' });
  const { app } = await buildApp({
    config: loadConfig({ AUTH_JWT_SECRET: 'only the schemas of the routes are read here' }),
    pool,
    logger: pino({ level: 'silent' }),
    migrationsDir: '',
    processMetrics: false,
  });
  await app.ready();
  const text = stringify(app.swagger(), { lineWidth: 110, aliasDuplicateObjects: false });
  await app.close();
  await pool.end();
  return `# Generated from the route schemas by \`npm run generate\`; do not edit.\n${text}`;
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const secretNames = (): string =>
  code(
    Object.values(SETTINGS)
      .filter(({ secret }) => secret)
      .map(({ name }) => fileVariable(name)),
  );

function configuration(): string {
  const rows = Object.values(SETTINGS).map(({ name, fallback, help }) => [
    `\`${name}\``,
    fallback === undefined ? 'unset' : `\`${String(fallback)}\``,
    help,
  ]);
  return `<!-- Generated from exporter/src/config.ts by \`npm run generate\`; do not edit. -->
# Configuration

All settings are environment variables. An empty value counts as unset. If a value is invalid, the exporter does not start and prints one
line that names the setting. A variable that looks like a setting but is none, such as \`RETENTION_DAY\`, is logged as a warning.

Secrets can be given as files: ${secretNames()} name a file with the value, for
example below \`/run/secrets\`. White space at its end is ignored. Setting both is an error.

${table(['Variable', 'Default', 'Meaning'], rows)}

## Content

\`CAPTURE_CONTENT\` and \`REDACT\` apply before anything is stored: to executions and steps that are sent, to spans and what is kept of
them, and to imports. They do not change what is already stored.

| \`CAPTURE_CONTENT\` | Previews of queries | Error messages | Contents of steps |
| --- | --- | --- | --- |
| \`full\` | yes | yes | yes |
| \`preview\` | yes | yes | no |
| \`none\` | no | no | no |

A sender can ask to keep less with the header \`x-capture-content\`, for example in \`OTEL_EXPORTER_OTLP_TRACES_HEADERS\`. It can never ask to
keep more.

\`REDACT\` has regular expressions in the [syntax of RE2](https://github.com/google/re2/wiki/Syntax), which has no lookaround and no
back-references, and takes linear time. Separate them by commas; a comma that is part of a pattern is written \`\\,\`, unless it is within
brackets, braces or parentheses. For example, \`REDACT=sk-[A-Za-z0-9]{20,},[\\w.+-]+@[\\w-]+\\.[\\w.]+\` replaces API keys and mail addresses. Matches are
replaced by \`[redacted]\` in previews, step contents, error types and messages, tags, and names of spans. Ids and names that are sent as
such are not changed: agents, users, sessions, flows, models and tools. Of a text, only the first 32,768 characters are searched, and the
rest is dropped; no field keeps more than half of that.
`;
}

async function metrics(): Promise<string> {
  const { dimensionsOf, intervalsOf } = await import('../src/aggregates/index.js');
  const { DIMENSIONS, METRICS } = await import('../src/catalog/index.js');
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

The metrics and dimensions of \`POST /api/v1/analytics/query\`. \`GET /api/v1/analytics/catalog\` returns the same list as JSON.

## Metrics

${table(['Metric', 'Title', 'Unit', 'Meaning', 'Dimensions', 'Intervals'], rows)}

## Dimensions

${table(['Dimension', 'Title', 'Meaning'], dimensions)}
`;
}

const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');

/** Where each field of the mapping is stored in an execution. */
const DESTINATIONS: Record<(typeof MAPPING)[number]['field'], string> = {
  provider: '`provider` of the token usage',
  model: '`model` of the token usage',
  inputTokens: '`input_tokens`, including cached tokens',
  outputTokens: '`output_tokens`, including reasoning tokens',
  totalTokens: 'input or output tokens, if one is missing or incomplete',
  uncachedInputTokens: '`input_tokens`, together with the cached tokens',
  cachedInputTokens: '`cached_input_tokens`, part of the input',
  cacheWriteTokens: '`cache_write_tokens`, part of the input',
  cacheWrite1hTokens: '`cache_write_1h_tokens`, part of the cache writes',
  reasoningTokens: '`reasoning_tokens`, part of the output',
  inputAudioTokens: '`input_audio_tokens`, part of the input',
  outputAudioTokens: '`output_audio_tokens`, part of the output',
  serviceTier: '`service_tier`',
  costUsd: '`cost_usd`; takes precedence over prices, unless it is 0',
  inputCostUsd: '`cost_usd`, together with the cost of the output',
  outputCostUsd: '`cost_usd`, together with the cost of the input',
  responseId: 'tells whether two spans report one model call',
  ownAgentId: '`agent_id`',
  agentId: '`agent_id`, if an agent with this id is known or no name was sent',
  agentName: '`agent_name`, and `agent_id` otherwise',
  workflow: '`flow_id`',
  session: '`session_id`',
  user: '`user_id`',
  tool: '`tool_name` of the step',
  input: '`content` of a step, or else the question',
  output: '`content` of a step',
  errorType: '`error_type`',
  environment: '`environment`',
  serviceName: '`service_name`',
  serviceVersion: '`service_version`',
};

function otlp(): string {
  const roles = ['agent', 'workflow', 'chain', 'model', 'tool'].map((role) => [
    role,
    code(Object.entries(ROLES).flatMap(([name, its]) => (its === role ? [name] : []))),
  ]);
  const rows = [
    ...MAPPING.map(({ field, attributes }) => [DESTINATIONS[field], code(attributes)]),
    ['`query_preview`: the question in messages or objects', code(QUESTION_ATTRIBUTES)],
  ];
  const libraries = LIBRARIES.map(({ library, versions, arrives, missing }) => [
    library,
    versions,
    arrives,
    missing,
  ]);
  const emitters = EMITTERS.map(({ library, scope, having, provider, model, leavesOut }) => [
    library,
    [
      scope === undefined ? [] : `scope \`${scope}…\``,
      having === undefined ? [] : `attribute \`${having}${having.endsWith('.') ? '…' : ''}\``,
      provider === undefined ? [] : `provider \`${provider.source}\``,
      model === undefined ? [] : `model \`${model.source}\``,
    ]
      .flat()
      .join(', '),
    leavesOut.length === 0 ? 'nothing' : `${leavesOut.join(' and ')} tokens`,
  ]);
  return `<!-- Generated from exporter/src/ingest/otlp/mapping.ts by \`npm run generate\`; do not edit. -->
# OpenTelemetry

\`POST /v1/traces\` accepts OTLP over HTTP, as protobuf or JSON, optionally compressed with gzip. The token needs the scope
\`analytics:write\`:

\`\`\`sh
export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:3001/v1/traces
export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="authorization=Bearer $TOKEN"
\`\`\`

SDKs that also send logs or metrics, to \`/v1/logs\` and \`/v1/metrics\`, get a partial success that says that these are not
kept.

## From traces to executions

Each outermost GenAI span of a trace begins an execution, and each run of an agent below it is an execution of its own, with the id of its
caller in \`parent_execution_id\`. The first has the trace id as its id, each further one the UUIDv5 of trace and span id. The executions are
read again from all spans of the trace whenever new ones arrive, so batches can arrive in any order, more than once, or in parts. This
replaces anything that was sent for the same id to \`POST /api/v1/executions\`, and removes runs that have turned out to be part of another.

- **Runs.** Tokens, steps and cost are those of the run itself, not of the runs below it. Model calls become its token usages, tool calls its steps.
  A span that only wraps one agent is part of its run: an agent without a name, a workflow or chain that is called like it, a framework's
  inner span of the same agent. An agent that a tool calls again runs again.
- **Flow.** A workflow, graph or chain around agents is their flow, not an agent. If it calls models or tools itself, these are a run without an agent.
- **Agent.** The id is \`agentidp.agent.id\`, or \`gen_ai.agent.id\` if an agent of that id is known, or the agent's name, or \`gen_ai.agent.id\`. Without any
  of these, the agent is the service (\`service.name\`).
- **Model calls.** Spans that report the same call count once: those with one response id, and a span whose tokens are the sum of those inside it. The
  outer one adds what the inner one lacks. Calls that differ in their tokens or response are different calls.
- **Status.** A run fails if its span or a span around it fails, or if the last of its calls, steps or called runs failed. A failure that something
  followed was survived. A failure is a \`timeout\` if its error type or message says so. The error is taken from the last failed span below it: \`error.type\` and message, or an
  \`exception\` event. The status is never \`running\`: it is not known whether more spans will follow. It reflects the spans received so
  far, and later spans correct it.
- **Tokens** are counted once, on model calls. A span above them that repeats their sum adds nothing. An agent without model calls below it
  counts its own tokens. A model call that invoked tools or agents counts its own tokens in addition to theirs. Invalid values, such as negative
  counts, are ignored.
- **Counts that leave something out.** Input includes cached tokens, and output includes reasoning tokens. Where a library leaves them out,
  they are added. That is told by the total, by what is known of the library (see below), by attributes that count the rest, or because
  a part exceeds the whole.
- **Cost.** A model call that went well without usage is unpriced, and never $0. A call that failed without usage costs nothing. A reported
  cost of 0 is no report: libraries without a price report it. Where only an agent reports tokens, they are the sum of its calls: they have
  the rates of short calls, and \`cost_note\` says so.
- **Content** is stored for tool calls, up to 16 KiB. The preview is the question of the user: the text of the last message that a user wrote,
  in the form of any known library, in attributes or span events. It is never JSON, and it is empty if content was withheld.
  \`CAPTURE_CONTENT\`, \`REDACT\` and \`x-capture-content\` limit what is kept, see [Configuration](configuration.md#content).
- **Errors.** \`error_type\` is a class or a code, \`error_message\` has no traceback.
- **Names** that become ids have white space replaced by hyphens.

## Rejected spans

A span is rejected if it has no valid ids or times, ends before it starts, is too old or in the future, or exceeds a limit of
its trace: ${MAX_SPANS_PER_TRACE} spans, and ${MAX_TRACE_MIB} MiB of what is stored of them. The response reports it as a partial success, with the reason, and the other spans are stored. If two different spans have the same
id, the one that ends later is kept.

Traces without GenAI spans are accepted and ignored. Unknown fields are ignored. Logs and metrics that are sent to this route are refused.

## Limits

The exporter buffers at most ${MAX_BYTES / 1024 / 1024} MiB of request bodies (decompressed, not yet answered), of which at most ${MAX_BYTES_A_TENANT / 1024 / 1024} MiB per tenant. Events and
executions count as well. Beyond that, requests get a 503, which OTLP exporters retry. A request that needs more memory than the decoder
has, for example with millions of empty spans, gets a 413.

## Libraries

These libraries have been tried. What a library does not send cannot be shown. The attributes that are read from all of them are listed below.

${table(['Library', 'Versions', 'Arrives', 'Is not sent'], libraries)}

Some leave tokens out of their counts. The first row that fits a span decides:

${table(['Library', 'Recognized by', 'Leaves out'], emitters)}

## Span roles

The role of a span is determined by ${code([...ROLE_ATTRIBUTES, ...PRODUCT_ROLE_ATTRIBUTES])} (case-insensitive). Otherwise, it is
determined by the first word of the span's name, or because the span names a model or has token counts:

${table(['Role', 'Values'], roles)}

## Attributes

The first attribute that is present is used. Attributes of the resource are used if the span has none of its own.

${table(['Field', 'Attributes'], rows)}
`;
}

function write(file: string, text: string): void {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    const name = relative(fileURLToPath(new URL('../..', import.meta.url)), file);
    process.stderr.write(`${name} differs from what the code says: run npm run generate and commit it\n`);
    process.exitCode = 1;
  }
}

write(ROUTE_INDEX, await routeIndex());
write(CATALOG_KINDS, await catalogKinds());
write(AGGREGATE_KINDS, await aggregateKinds());
write(docs('openapi.yaml'), await openapi());
write(docs('configuration.md'), configuration());
write(docs('metrics.md'), await metrics());
write(docs('otlp.md'), otlp());
