/** What waits to be sent: one execution, event, step or token usage, in its JSON form already. */
import type { Event, SentExecution, Step, TokenUsage } from './types.js';

/** An item as `onError` gets it. */
export type SentItem =
  | { kind: 'execution'; item: SentExecution }
  | { kind: 'event'; item: Event }
  | { kind: 'step'; executionId: string; item: Step }
  | { kind: 'token_usage'; executionId: string; item: TokenUsage };

export type Kind = SentItem['kind'];

export interface Item {
  kind: Kind;
  /** Where items that belong to one execution meet; undefined for an event. */
  executionId: string | undefined;
  /** Twice in one request it would be refused, though twice in two it is a change. */
  key: string | number | undefined;
  json: string;
  /** Of the JSON in UTF-8. */
  bytes: number;
  /** Rises with every item. */
  sequence: number;
}

/** Where a kind of item goes, and as what. */
export const TARGETS: Record<Kind, { path: (executionId: string) => string; field: string }> = {
  execution: { path: () => '/api/v1/executions', field: 'executions' },
  event: { path: () => '/api/v1/events', field: 'events' },
  step: { path: (id) => `/api/v1/executions/${encodeURIComponent(id)}/steps`, field: 'steps' },
  token_usage: {
    path: (id) => `/api/v1/executions/${encodeURIComponent(id)}/token-usages`,
    field: 'token_usages',
  },
};

/** As it was given, from its JSON: an object kept beside it would take its memory twice. */
export function sentItemOf({ kind, executionId, json }: Item): SentItem {
  const item: unknown = JSON.parse(json);
  return { kind, item, ...(kind === 'step' || kind === 'token_usage' ? { executionId } : {}) } as SentItem;
}
