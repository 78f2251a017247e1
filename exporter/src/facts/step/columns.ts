/** The columns of the steps of executions. */
import { column, derived, factTable } from '../column.js';
import { CONTENT_BYTES, cutBytes } from '../cut.js';
import { STATUSES } from '../execution/columns.js';
import { decimal, integer, milliseconds, oneOf, storableWord, text, time, tokens, uuid } from '../types.js';

const STEP_TYPES = ['thought', 'action', 'observation', 'tool_call', 'final_answer'] as const;

export const STEP = factTable('execution_steps', {
  execution_id: derived(uuid, { required: true, isExecution: true }),
  step_number: column(integer, {
    required: true,
    accepted: 'Position of the step, which identifies it.',
    shown: true,
    exported: true,
  }),
  step_type: column(oneOf(STEP_TYPES), { required: true, accepted: true, shown: true, exported: true }),
  content: column(text({}, cutBytes), {
    accepted: `Truncated to ${CONTENT_BYTES / 1024} KiB.`,
    shown: true,
    // The longest, and so behind the others.
    exported: 200,
  }),
  tool_name: column(storableWord, { accepted: 'Tool that was called.', shown: true, exported: true }),
  status: column(oneOf(STATUSES), { accepted: true, shown: true, exported: true }),
  input_tokens: column(tokens, {
    absent: 0,
    accepted: 'Including tokens read from and written to a cache.',
    shown: 'Input tokens.',
    exported: true,
  }),
  output_tokens: column(tokens, {
    absent: 0,
    accepted: 'Including reasoning tokens.',
    shown: 'Output tokens.',
    exported: true,
  }),
  duration_ms: column(milliseconds, { accepted: 'Duration.', shown: true, exported: true }),
  reported_cost_usd: column(decimal, {
    wire: 'cost_usd',
    accepted: 'What the call of a tool has cost, USD. Takes precedence over the price of the tool.',
    shown: 'As reported, USD; null where nothing was.',
    exported: true,
  }),
  occurred_at: column(time, {
    wire: 'timestamp',
    accepted: 'Start of the step.',
    shown: 'Start of the step.',
    exported: true,
  }),
});
