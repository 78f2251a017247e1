/** The columns of the token usages of executions. */
import { column, DEFAULT_PLACE, derived, factTable } from '../column.js';
import { COST_SOURCES, OWN_COST_SOURCE, SERVICE_TIERS } from '../execution/columns.js';
import { TOKEN_COLUMNS, TOKEN_PART_COLUMNS, TOTAL_TOKENS } from '../tokens.js';
import { boolean, decimal, id, integer, oneOf, storableWord, tokens, usd, uuid } from '../types.js';

export const USAGE = factTable('token_usages', {
  execution_id: derived(uuid, { required: true, isExecution: true }),
  /** What makes it the same usage when it is sent again. */
  usage_key: derived(id, { required: true }),
  usage_id: column(id, {
    wire: 'id',
    accepted:
      'Makes appending it again harmless. Default: component, model, step_number and the place among equals.',
    shown: true,
  }),
  /** Its place among the usages of its execution, in the order in which they came. */
  position: derived(integer, { required: true }),
  component: column(storableWord, {
    required: true,
    accepted: '`main_agent`, `sub_agent`, `tool_call` or any other word.',
    shown: true,
    exported: 1,
  }),
  provider: column(storableWord, { accepted: 'Such as `openai`.', shown: true, exported: 2 }),
  model_name: column(storableWord, {
    wire: 'model',
    accepted: 'Such as `gpt-4o`.',
    shown: true,
    exported: 3,
  }),
  step_number: column(integer, {
    accepted: { at: DEFAULT_PLACE + 1, description: 'The step that used the tokens.' },
    shown: true,
    exported: 4,
  }),
  ...TOKEN_COLUMNS,
  total_tokens: column(tokens, {
    ...TOTAL_TOKENS,
    expression: (row) => `${row}.input_tokens + ${row}.output_tokens`,
  }),
  ...TOKEN_PART_COLUMNS,
  /** Whether token counts were sent with it: a call without them is not one that used none. */
  has_tokens: derived(boolean, { required: true }),
  own_service_tier: column(oneOf(SERVICE_TIERS), {
    wire: 'service_tier',
    accepted: 'Service tier of the provider, which decides the price. Default: that of the execution.',
  }),
  service_tier: derived(oneOf(SERVICE_TIERS), { required: true, shown: true, exported: 44 }),
  reported_cost_usd: column(decimal, {
    wire: 'cost_usd',
    accepted: 'USD. Takes precedence over prices.',
  }),
  own_cost_source: column(oneOf(COST_SOURCES), { wire: 'cost_source', accepted: OWN_COST_SOURCE }),
  cost_usd: derived(usd, { shown: 'Null if it is unpriced.', exported: 22 }),
  cost_source: derived(oneOf(COST_SOURCES), { required: true, shown: true, exported: 23 }),
});
