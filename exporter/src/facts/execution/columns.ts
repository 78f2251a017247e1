/** The columns of executions. */
import { column, derived, factTable } from '../column.js';
import { cutCharacters, PREVIEW_CHARACTERS } from '../cut.js';
import { TOKEN_COLUMNS, TOKEN_PART_COLUMNS, TOTAL_TOKENS } from '../tokens.js';
import {
  agentTags,
  boolean,
  count,
  decimal,
  id,
  MAX_NAME_LENGTH,
  milliseconds,
  oneOf,
  text,
  time,
  tokens,
  usd,
  uuid,
  word,
  words,
} from '../types.js';

export const STATUSES = ['running', 'success', 'failure', 'timeout', 'blocked'] as const;
export type ExecutionStatus = (typeof STATUSES)[number];
export const COST_SOURCES = ['reported', 'computed', 'unpriced'] as const;
export type CostSource = (typeof COST_SOURCES)[number];
/** Service tiers of providers, which have prices of their own. */
export const SERVICE_TIERS = ['standard', 'batch', 'flex', 'priority'] as const;
export type ServiceTier = (typeof SERVICE_TIERS)[number];
export const STANDARD_TIER: ServiceTier = 'standard';

export const MAX_MESSAGE = 16 * 1024;
const MAX_TAGS = 100;

/** What is accepted of the source of a cost. */
export const OWN_COST_SOURCE =
  'Source of the cost in an export that is imported again: `computed` and `unpriced` stay what they are until an own ' +
  'price covers the model. Default: a `cost_usd` that is sent is `reported`.';

/** The name of the agent of a row, null where it has none; $1 is the tenant. */
export const agentName = (row: string): string =>
  `(SELECT name FROM agents a WHERE a.tenant_id = $1 AND a.id = ${row}.agent_id)`;

const userName = (row: string): string =>
  `(SELECT name FROM users u WHERE u.tenant_id = $1 AND u.id = ${row}.user_id)`;

/**
 * A column that is sent and one that is shown may differ: `provider`, `model_name`, the tokens and `cost_usd` are worked
 * out of the execution and its token usages, and what was sent of them is kept beside.
 */
export const EXECUTION = factTable('executions', {
  id: column(uuid, {
    required: true,
    isExecution: true,
    accepted: 'UUID. Sending it again replaces the execution.',
    shown: true,
    exported: 1,
  }),
  request_id: column(id, {
    accepted: 'Id of the request that started the execution.',
    shown: true,
    exported: 11,
  }),
  session_id: column(id, {
    accepted: 'Session or conversation.',
    shown: true,
    exported: 10,
    filter: { at: 4, description: 'Only of these sessions.' },
  }),
  agent_id: column(id, {
    accepted: 'The agent; null for the tenant itself.',
    shown: true,
    exported: 5,
    filter: { at: 2, description: 'Only of these agents.' },
  }),
  agent_name: column(text({ maxLength: MAX_NAME_LENGTH }), {
    accepted: 'Renames the agent.',
    shown: true,
    exported: 6,
    expression: agentName,
  }),
  agent_tags: column(agentTags, {
    accepted: 'Replaces the tags of the agent. Left out, they stay.',
    expression: (row) => `(SELECT tags FROM agents a WHERE a.tenant_id = $1 AND a.id = ${row}.agent_id)`,
  }),
  agent_type: column(word, { accepted: 'Such as `react`.', shown: true, exported: 7 }),
  flow_id: column(id, {
    accepted: 'Flow or workflow.',
    shown: true,
    exported: 8,
    filter: { at: 5, description: 'Only of these flows.' },
  }),
  user_id: column(id, {
    accepted: 'User on whose behalf the execution ran.',
    shown: true,
    exported: 9,
    filter: { at: 3, description: 'Only of these users.' },
  }),
  user_name: column(text({ maxLength: MAX_NAME_LENGTH }), {
    accepted: 'Renames the user.',
    shown: true,
    exported: 46,
    expression: userName,
  }),
  own_provider: column(word, { wire: 'provider', accepted: 'Such as `openai`.' }),
  provider: derived(word, { shown: true, exported: 12 }),
  own_model: column(word, { wire: 'model_name', accepted: 'Such as `gpt-4o`.' }),
  model_name: derived(word, {
    shown: true,
    exported: 13,
    filter: { at: 6, description: 'Only of these models.' },
  }),
  status: column(oneOf(STATUSES), {
    required: true,
    accepted: true,
    shown: true,
    exported: 4,
    filter: { at: 1, description: 'Only these statuses. Every filter may be repeated.' },
  }),
  started_at: column(time, {
    required: true,
    accepted: 'RFC 3339. Determines the hour to which the execution belongs.',
    shown: 'Start of the execution.',
    exported: 2,
  }),
  completed_at: column(time, { accepted: 'RFC 3339.', shown: 'End of the execution.', exported: 3 }),
  execution_time_ms: column(milliseconds, {
    accepted: 'Default: the time from started_at to completed_at.',
    shown: true,
    exported: 14,
  }),
  llm_time_ms: column(milliseconds, {
    accepted: 'Part of the duration that model calls took.',
    shown: true,
    exported: 15,
  }),
  ...TOKEN_COLUMNS,
  total_tokens: column(tokens, { ...TOTAL_TOKENS, exported: 18, unwritten: true }),
  ...TOKEN_PART_COLUMNS,
  own_service_tier: column(oneOf(SERVICE_TIERS), {
    wire: 'service_tier',
    absent: STANDARD_TIER,
    accepted: 'Service tier of the provider, which decides the price. Default: `standard`.',
  }),
  /** That of the usages where they share one and none was sent. */
  service_tier: derived(oneOf(SERVICE_TIERS), { required: true, shown: true, exported: 44 }),
  /** Whether tokens were sent with the execution itself. */
  own_tokens: derived(boolean, { required: true }),
  reported_cost_usd: column(decimal, {
    wire: 'cost_usd',
    accepted: 'USD. Takes precedence over prices.',
  }),
  own_cost_source: column(oneOf(COST_SOURCES), { wire: 'cost_source', accepted: OWN_COST_SOURCE }),
  cost_usd: derived(usd, { shown: 'Null if it is unpriced.', exported: 22 }),
  cost_source: derived(oneOf(COST_SOURCES), { required: true, shown: true, exported: 23 }),
  cost_note: derived(text(), {
    shown: 'What has to be known about the cost, such as why there is none; null where it is plain.',
    exported: 45,
  }),
  /** What an unpriced execution has cost a budget: the estimate of its reservation. */
  held_usd: derived(usd, {}),
  query_preview: column(text({}, cutCharacters), {
    accepted: `Truncated to ${PREVIEW_CHARACTERS} characters.`,
    shown: true,
    exported: 27,
  }),
  error_type: column(word, {
    accepted: 'Kind of failure.',
    shown: true,
    exported: 25,
    filter: { at: 7, description: 'Only with these kinds of error.' },
  }),
  error_message: column(text({ maxLength: MAX_MESSAGE }), { accepted: true, shown: true, exported: 26 }),
  tags: column(words(MAX_TAGS), { kept: [], accepted: true, shown: true, exported: 28 }),
  reservation_id: column(uuid, { accepted: 'Reservation that the execution settles.', shown: true }),
  environment: column(word, {
    accepted: 'Deployment environment, such as `production`.',
    shown: true,
    exported: 30,
    filter: { at: 9, description: 'Only of these environments.' },
  }),
  trace_id: column(id, {
    accepted: 'Trace of the execution, such as a W3C trace id.',
    shown: true,
    exported: 29,
    filter: { at: 8, description: 'Only of these traces.' },
  }),
  parent_execution_id: column(uuid, {
    isExecution: true,
    accepted: 'Execution that called this one. Without it, the execution is at the top level.',
    shown: true,
    exported: 31,
    filter: { at: 10, description: 'Only called by these executions.' },
  }),
  service_name: column(word, {
    accepted: 'Service that ran it, as `service.name` of OpenTelemetry.',
    shown: true,
    exported: 32,
    filter: { at: 11, description: 'Only of these services.' },
  }),
  service_version: column(word, {
    accepted: 'Version of the service.',
    shown: true,
    exported: 33,
    filter: { at: 12, description: 'Only of these versions of a service.' },
  }),
  steps: derived(count, { wire: 'step_count', required: true, shown: 'Number of steps.', exported: 24 }),
  header_digest: derived(uuid, { required: true }),
  /** Null where no steps were ever sent. */
  steps_digest: derived(uuid, {}),
  /** Null where no usages were ever sent. */
  usages_digest: derived(uuid, {}),
});
