/** The columns of the three tables of executions, each with how it is written: the statements follow from them. */
import { formatUsd, type Usd } from '../../costs/money.js';
import {
  bigintArray,
  booleanArray,
  doubleArray,
  integerArray,
  textArray,
  timestampArray,
  uuidArray,
} from '../arrays.js';
import type { Header, Step, Usage } from './execution.js';
import type { Cost, Derived, State } from './state.js';

interface Column<Row> {
  name: string;
  type: string;
  /** All values of the column, as a statement's parameter. */
  write: (rows: readonly Row[]) => Buffer;
}

const column =
  <V>(type: string, array: (values: readonly V[]) => Buffer) =>
  <Row>(name: string, value: (row: Row) => V): Column<Row> => ({
    name,
    type,
    write: (rows) => array(rows.map(value)),
  });

const text = column('text', textArray);
const uuid = column('uuid', uuidArray);
const bigint = column('bigint', bigintArray);
const integer = column('integer', integerArray);
const double = column('double precision', doubleArray);
const time = column('timestamptz', timestampArray);
const boolean = column('boolean', booleanArray);
/** Arrays of arrays have to be rectangular: these travel as text. */
const texts = column('text[]', (values: readonly (readonly string[])[]) => textArray(values.map(arrayText)));
const money = column('numeric', (values: readonly (Usd | null)[]) =>
  textArray(values.map((value) => (value === null ? null : formatUsd(value)))),
);
/** Amounts that are decimal text already. */
const amount = column('numeric', textArray);
/** Types that are cast from text. */
const CAST_FROM_TEXT = ['text[]', 'numeric'];

function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

export interface ExecutionRow {
  id: string;
  state: State;
  derived: Derived;
  /** What it has cost a budget though its cost is not known. */
  held: Usd | null;
}

const header =
  <V>(pick: (header: Header) => V) =>
  ({ state }: ExecutionRow): V =>
    pick(state.header);

export const EXECUTION_COLUMNS: readonly Column<ExecutionRow>[] = [
  uuid('id', ({ id }) => id),
  text(
    'request_id',
    header(({ requestId }) => requestId),
  ),
  text(
    'session_id',
    header(({ sessionId }) => sessionId),
  ),
  text(
    'agent_id',
    header(({ agentId }) => agentId),
  ),
  text(
    'agent_type',
    header(({ agentType }) => agentType),
  ),
  text(
    'flow_id',
    header(({ flowId }) => flowId),
  ),
  text(
    'user_id',
    header(({ userId }) => userId),
  ),
  text('provider', ({ derived }) => derived.provider),
  text('model_name', ({ derived }) => derived.model),
  text(
    'status',
    header(({ status }) => status),
  ),
  time(
    'started_at',
    header(({ startedAt }) => startedAt),
  ),
  time(
    'completed_at',
    header(({ completedAt }) => completedAt),
  ),
  double(
    'execution_time_ms',
    header(({ executionTimeMs }) => executionTimeMs),
  ),
  double(
    'llm_time_ms',
    header(({ llmTimeMs }) => llmTimeMs),
  ),
  bigint('input_tokens', ({ derived }) => derived.tokens.input),
  bigint('output_tokens', ({ derived }) => derived.tokens.output),
  bigint('cached_input_tokens', ({ derived }) => derived.tokens.cachedInput),
  bigint('cache_write_tokens', ({ derived }) => derived.tokens.cacheWrite),
  bigint('reasoning_tokens', ({ derived }) => derived.tokens.reasoning),
  money('cost_usd', ({ derived }) => derived.cost.usd),
  text('cost_source', ({ derived }) => derived.cost.source),
  amount(
    'reported_cost_usd',
    header(({ reportedCost }) => reportedCost),
  ),
  money('held_usd', ({ held }) => held),
  text(
    'query_preview',
    header(({ queryPreview }) => queryPreview),
  ),
  text(
    'error_type',
    header(({ errorType }) => errorType),
  ),
  text(
    'error_message',
    header(({ errorMessage }) => errorMessage),
  ),
  texts(
    'tags',
    header(({ tags }) => tags),
  ),
  uuid(
    'reservation_id',
    header(({ reservationId }) => reservationId),
  ),
  integer('steps', ({ state }) => state.stepCount),
  boolean(
    'own_tokens',
    header(({ tokens }) => tokens !== null),
  ),
  text(
    'own_provider',
    header(({ provider }) => provider),
  ),
  text(
    'own_model',
    header(({ model }) => model),
  ),
  uuid('header_digest', ({ state }) => state.headerDigest),
  uuid('steps_digest', ({ state }) => state.stepsDigest),
  uuid('usages_digest', ({ state }) => state.usagesDigest),
];

export interface StepRow {
  executionId: string;
  step: Step;
}

const step =
  <V>(pick: (step: Step) => V) =>
  (row: StepRow): V =>
    pick(row.step);

export const STEP_COLUMNS: readonly Column<StepRow>[] = [
  uuid('execution_id', ({ executionId }) => executionId),
  integer(
    'step_number',
    step(({ stepNumber }) => stepNumber),
  ),
  text(
    'step_type',
    step(({ stepType }) => stepType),
  ),
  text(
    'content',
    step(({ content }) => content),
  ),
  text(
    'tool_name',
    step(({ toolName }) => toolName),
  ),
  text(
    'status',
    step(({ status }) => status),
  ),
  bigint(
    'input_tokens',
    step(({ inputTokens }) => inputTokens),
  ),
  bigint(
    'output_tokens',
    step(({ outputTokens }) => outputTokens),
  ),
  double(
    'duration_ms',
    step(({ durationMs }) => durationMs),
  ),
  time(
    'occurred_at',
    step(({ occurredAt }) => occurredAt),
  ),
];

export interface UsageRow {
  executionId: string;
  usage: Usage;
  cost: Cost;
  position: number;
}

const usage =
  <V>(pick: (usage: Usage) => V) =>
  (row: UsageRow): V =>
    pick(row.usage);

export const USAGE_COLUMNS: readonly Column<UsageRow>[] = [
  uuid('execution_id', ({ executionId }) => executionId),
  text(
    'usage_key',
    usage(({ key }) => key),
  ),
  text(
    'usage_id',
    usage(({ usageId }) => usageId),
  ),
  integer('position', ({ position }) => position),
  text(
    'component',
    usage(({ component }) => component),
  ),
  text(
    'provider',
    usage(({ provider }) => provider),
  ),
  text(
    'model_name',
    usage(({ model }) => model),
  ),
  integer(
    'step_number',
    usage(({ stepNumber }) => stepNumber),
  ),
  bigint(
    'input_tokens',
    usage(({ tokens }) => tokens.input),
  ),
  bigint(
    'output_tokens',
    usage(({ tokens }) => tokens.output),
  ),
  bigint(
    'cached_input_tokens',
    usage(({ tokens }) => tokens.cachedInput),
  ),
  bigint(
    'cache_write_tokens',
    usage(({ tokens }) => tokens.cacheWrite),
  ),
  bigint(
    'reasoning_tokens',
    usage(({ tokens }) => tokens.reasoning),
  ),
  money('cost_usd', ({ cost }) => cost.usd),
  text('cost_source', ({ cost }) => cost.source),
  amount(
    'reported_cost_usd',
    usage(({ reportedCost }) => reportedCost),
  ),
];

/** The sent rows as a table `sent`, a parameter a column from $`first` on. */
function sentSql<Row>(columns: readonly Column<Row>[], first: number): string {
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(
    ({ type }, i) => `$${i + first}::${CAST_FROM_TEXT.includes(type) ? 'text' : type}[]`,
  );
  return `unnest(${arrays.join(', ')}) AS sent (${names})`;
}

const valueSql = <Row>({ name, type }: Column<Row>): string =>
  CAST_FROM_TEXT.includes(type) ? `sent.${name}::${type}` : `sent.${name}`;

/** `INSERT` of any number of rows of one tenant: $1 the tenant, and from $`first` on a parameter a column. */
export function insertSql<Row>(table: string, columns: readonly Column<Row>[], first = 2): string {
  const names = columns.map(({ name }) => name).join(', ');
  return `INSERT INTO ${table} (tenant_id, ${names})
    SELECT $1, ${columns.map(valueSql).join(', ')} FROM ${sentSql(columns, first)}`;
}

/** `UPDATE` of rows by their id, with the same parameters: in place, so that whoever waits for a row finds it. */
export function updateSql<Row>(table: string, columns: readonly Column<Row>[], first = 2): string {
  const changed = columns.filter(({ name }) => name !== 'id');
  return `UPDATE ${table} AS kept SET ${changed.map((column) => `${column.name} = ${valueSql(column)}`).join(', ')}
    FROM ${sentSql(columns, first)} WHERE kept.tenant_id = $1 AND kept.id = sent.id`;
}

export const parametersOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] =>
  columns.map(({ write }) => write(rows));
