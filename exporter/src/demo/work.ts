/** What the demo's agents execute, and with which models. */

export interface Model {
  provider: string;
  name: string;
  /** Median duration of a call, in milliseconds. */
  medianMs: number;
  /** Median tokens per call. */
  input: number;
  output: number;
}

export const MODELS = {
  gpt4o: { provider: 'openai', name: 'gpt-4o', medianMs: 1_900, input: 5_200, output: 420 },
  gpt4oMini: { provider: 'openai', name: 'gpt-4o-mini', medianMs: 900, input: 3_800, output: 260 },
  sonnet: { provider: 'anthropic', name: 'claude-sonnet-4-0', medianMs: 3_400, input: 9_500, output: 900 },
  haiku: {
    provider: 'anthropic',
    name: 'claude-3-5-haiku-latest',
    medianMs: 1_100,
    input: 4_100,
    output: 350,
  },
  flash: { provider: 'google', name: 'gemini-2.5-flash', medianMs: 800, input: 6_000, output: 380 },
  // A self-hosted model without a list price, so its executions are unpriced until someone sets one.
  house: { provider: 'in-house', name: 'house-7b', medianMs: 2_600, input: 2_900, output: 300 },
} as const satisfies Record<string, Model>;

export interface Work {
  model: keyof typeof MODELS;
  /** Executions in a busy hour. */
  busyHour: number;
  flow: string;
  tools: readonly string[];
  asks: readonly string[];
  /** Agents that it lets do a part of the work. */
  calls?: readonly string[];
}

/** What each agent executes. Agents that are not listed only call APIs. */
export const WORK: Record<string, Work> = {
  'support-triage': {
    model: 'gpt4oMini',
    busyHour: 2.2,
    flow: 'support',
    tools: ['search_tickets', 'lookup_contact', 'set_priority'],
    asks: ['Which of the new tickets is urgent?', 'Sort the backlog of the night', 'Is this a duplicate?'],
  },
  'chat-concierge': {
    model: 'gpt4o',
    busyHour: 2.6,
    flow: 'support',
    tools: ['search_help', 'read_order', 'lookup_contact'],
    calls: ['ticket-summarizer', 'refund-assistant'],
    asks: ['Where is my parcel?', 'Can I change the delivery address?', 'The voucher does not work'],
  },
  'refund-assistant': {
    model: 'gpt4o',
    busyHour: 0.8,
    flow: 'refunds',
    tools: ['read_order', 'check_policy', 'create_refund'],
    asks: ['Refund one of two items', 'The parcel arrived damaged', 'Charged twice for one order'],
  },
  'ticket-summarizer': {
    model: 'haiku',
    busyHour: 1.2,
    flow: 'support',
    tools: ['read_ticket'],
    asks: ['Summarise the thread for the shift that follows', 'What has been tried already?'],
  },
  'contract-reviewer': {
    model: 'sonnet',
    busyHour: 0.7,
    flow: 'contracts',
    tools: ['parse_document', 'compare_clauses'],
    asks: ['Compare the liability clauses with our template', 'Which deadlines does this contract set?'],
  },
  'code-reviewer': {
    model: 'sonnet',
    busyHour: 1.4,
    flow: 'engineering',
    tools: ['read_pull_request', 'run_tests', 'search_code'],
    asks: ['Review the change of the retry logic', 'Why does this test fail on main?'],
  },
  'email-drafter': {
    model: 'gpt4oMini',
    busyHour: 0.9,
    flow: 'sales',
    tools: ['read_contact', 'draft_email'],
    asks: ['Answer the question about volume prices', 'Follow up on the demo of last week'],
  },
  'incident-responder': {
    model: 'flash',
    busyHour: 0.4,
    flow: 'operations',
    tools: ['query_metrics', 'query_logs', 'open_incident'],
    asks: ['Latency of checkout is above its target', 'Errors after the deployment of orders'],
  },
  'catalog-enricher': {
    model: 'house',
    busyHour: 1.1,
    flow: 'catalog',
    tools: ['read_product', 'write_attributes'],
    asks: [
      'Fill in the missing attributes of the new shoes',
      'Translate the descriptions of the spring range',
    ],
  },
};
