/** What the demo's agents execute, session by session, and with which models. */
import type { MODELS } from './models.js';

/** One execution of a session. */
export interface Turn {
  ask: string;
  /** The tools that it calls, in this order. */
  tools: readonly string[];
  /** Probability that the user leaves while it waits for the last tool, which ends the session. */
  leaves?: number;
}

export interface Script {
  weight: number;
  turns: readonly Turn[];
}

export interface Work {
  model: keyof typeof MODELS;
  /** A model that some of its sessions use instead. */
  alternative?: { model: keyof typeof MODELS; share: number; failing: number };
  /** Sessions in a busy hour. */
  busyHour: number;
  flow: string;
  /** How its users reach it, as the executions' tags. */
  channels: readonly string[];
  scripts: readonly Script[];
  /** Agents that it lets do a part of the work. */
  calls?: readonly string[];
  /** How it uses the provider's cache of prompts. Default: `cached`. */
  prompt?: 'cached' | 'uncached' | 'growing';
  /** Share of its executions that fail. */
  failing?: number;
  /** Something that it runs again and again after a failure, and how often that happens in a busy hour. */
  retries?: { turn: Turn; busyHour: number };
}

/** What each agent executes. Agents that are not listed only call APIs. */
export const WORK: Record<string, Work> = {
  // Some sessions show that a model at a fraction of the price does the same work as well.
  'support-triage': {
    model: 'gpt4o',
    alternative: { model: 'gpt4oMini', share: 0.45, failing: 0.04 },
    failing: 0.07,
    busyHour: 1.9,
    flow: 'support',
    channels: ['email', 'web'],
    scripts: [
      {
        weight: 6,
        turns: [
          {
            ask: 'Which of the new tickets is urgent?',
            tools: ['search_tickets', 'lookup_contact', 'set_priority'],
          },
        ],
      },
      { weight: 3, turns: [{ ask: 'Is this a duplicate?', tools: ['search_tickets', 'link_tickets'] }] },
      {
        weight: 2,
        turns: [
          { ask: 'Sort the backlog of the night', tools: ['search_tickets', 'set_priority'] },
          { ask: 'Who is free to take it?', tools: ['lookup_shift', 'assign_ticket'] },
        ],
      },
    ],
  },
  'chat-concierge': {
    model: 'gpt4o',
    busyHour: 1.3,
    flow: 'support',
    channels: ['web', 'mobile'],
    calls: ['ticket-summarizer', 'refund-assistant'],
    scripts: [
      {
        weight: 5,
        turns: [
          { ask: 'Where is my parcel?', tools: ['read_order', 'track_parcel'] },
          { ask: 'Can I change the delivery address?', tools: ['change_address'] },
        ],
      },
      { weight: 3, turns: [{ ask: 'The voucher does not work', tools: ['search_help', 'check_voucher'] }] },
      {
        weight: 3,
        turns: [
          { ask: 'Which size fits me?', tools: ['search_help', 'read_product'] },
          { ask: 'Is it in stock near me?', tools: ['read_stock'] },
          { ask: 'Reserve it for me', tools: ['reserve_item'] },
        ],
      },
    ],
  },
  // Many give up when they are asked for photographs.
  'refund-assistant': {
    model: 'gpt4o',
    busyHour: 0.9,
    flow: 'refunds',
    channels: ['web', 'mobile'],
    scripts: [
      {
        weight: 7,
        turns: [
          { ask: 'The parcel arrived damaged', tools: ['read_order', 'check_policy'] },
          { ask: 'What do you need from me?', tools: ['request_photos'], leaves: 0.4 },
          { ask: 'Here are the photographs', tools: ['inspect_photos', 'create_refund'] },
        ],
      },
      {
        weight: 4,
        turns: [
          { ask: 'Charged twice for one order', tools: ['read_order', 'check_policy'] },
          { ask: 'Yes, refund the second charge', tools: ['create_refund'] },
        ],
      },
    ],
  },
  'ticket-summarizer': {
    model: 'haiku',
    busyHour: 1,
    flow: 'support',
    channels: ['internal'],
    scripts: [
      {
        weight: 3,
        turns: [{ ask: 'Summarise the thread for the shift that follows', tools: ['read_ticket'] }],
      },
      { weight: 1, turns: [{ ask: 'What has been tried already?', tools: ['read_ticket', 'search_help'] }] },
    ],
  },
  // Long documents, of which some do not fit into the context.
  'contract-reviewer': {
    model: 'sonnet',
    busyHour: 0.6,
    flow: 'contracts',
    channels: ['internal'],
    failing: 0.13,
    scripts: [
      {
        weight: 2,
        turns: [
          {
            ask: 'Compare the liability clauses with our template',
            tools: ['parse_document', 'compare_clauses'],
          },
        ],
      },
      { weight: 1, turns: [{ ask: 'Which deadlines does this contract set?', tools: ['parse_document'] }] },
    ],
  },
  // Sends the whole change with every call, and never marks it for the cache.
  'code-reviewer': {
    model: 'sonnet',
    busyHour: 1.2,
    flow: 'engineering',
    channels: ['pull-request'],
    prompt: 'uncached',
    scripts: [
      {
        weight: 4,
        turns: [
          {
            ask: 'Review the change of the retry logic',
            tools: ['read_pull_request', 'search_code', 'run_tests', 'post_review'],
          },
        ],
      },
      {
        weight: 1,
        turns: [{ ask: 'Why does this test fail on main?', tools: ['search_code', 'run_tests'] }],
      },
    ],
  },
  'email-drafter': {
    model: 'gpt4oMini',
    busyHour: 0.8,
    flow: 'sales',
    channels: ['email'],
    scripts: [
      {
        weight: 3,
        turns: [{ ask: 'Answer the question about volume prices', tools: ['read_contact', 'draft_email'] }],
      },
      {
        weight: 2,
        turns: [
          { ask: 'Follow up on the demo of last week', tools: ['read_contact', 'draft_email'] },
          { ask: 'Make it shorter', tools: ['draft_email'] },
        ],
      },
    ],
  },
  'incident-responder': {
    model: 'flash',
    busyHour: 0.4,
    flow: 'operations',
    channels: ['alert'],
    scripts: [
      {
        weight: 2,
        turns: [{ ask: 'Latency of checkout is above its target', tools: ['query_metrics', 'query_logs'] }],
      },
      {
        weight: 1,
        turns: [
          {
            ask: 'Errors after the deployment of orders',
            tools: ['query_metrics', 'query_logs', 'open_incident'],
          },
        ],
      },
    ],
  },
  // Keeps every line that it has read in its context.
  'log-analyst': {
    model: 'flash',
    busyHour: 0.5,
    flow: 'operations',
    channels: ['alert'],
    prompt: 'growing',
    scripts: [
      {
        weight: 1,
        turns: [
          {
            ask: 'Find what the slow requests of today have in common',
            tools: ['query_logs', 'query_traces', 'query_logs', 'query_metrics', 'query_logs'],
          },
        ],
      },
    ],
  },
  // One invoice in many is of a supplier that it cannot find, and it does not give up.
  'invoice-matcher': {
    model: 'gpt4o',
    busyHour: 0.8,
    flow: 'invoices',
    channels: ['batch'],
    scripts: [
      {
        weight: 1,
        turns: [
          { ask: 'Match the invoices of today', tools: ['read_invoice', 'find_supplier', 'match_payment'] },
        ],
      },
    ],
    retries: {
      turn: {
        ask: 'Match the invoice of a supplier with two accounts',
        tools: ['read_invoice', 'find_supplier'],
      },
      busyHour: 0.05,
    },
  },
  'catalog-enricher': {
    model: 'house',
    busyHour: 1.1,
    flow: 'catalog',
    channels: ['batch'],
    scripts: [
      {
        weight: 2,
        turns: [
          {
            ask: 'Fill in the missing attributes of the new shoes',
            tools: ['read_product', 'write_attributes'],
          },
        ],
      },
      {
        weight: 1,
        turns: [
          {
            ask: 'Translate the descriptions of the spring range',
            tools: ['read_product', 'translate', 'write_attributes'],
          },
        ],
      },
    ],
  },
};
