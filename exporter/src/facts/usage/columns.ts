/** The columns of the token usages of executions. */
import { column, DEFAULT_PLACE, derived, factTable } from '../column.js';
import { COST_SOURCES } from '../execution/columns.js';
import { TOKEN_COLUMNS, TOKEN_PART_COLUMNS, TOTAL_TOKENS } from '../tokens.js';
import { decimal, id, integer, oneOf, storableWord, tokens, usd, uuid } from '../types.js';

export const USAGE = factTable('token_usages', {
  execution_id: derived(uuid, { required: true }),
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
  reported_cost_usd: column(decimal, {
    wire: 'cost_usd',
    accepted: 'USD. Takes precedence over prices.',
  }),
  cost_usd: derived(usd, { shown: 'Null if it is unpriced.', exported: 22 }),
  cost_source: derived(oneOf(COST_SOURCES), { required: true, shown: true, exported: 23 }),
});
