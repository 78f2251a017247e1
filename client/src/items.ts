/** Items of the queue: executions, events, steps and token usages, already serialized to JSON. */
import type { Event, SentExecution, Step, TokenUsage } from './types.js';

/** An item as it is passed to `onError`. */
export type SentItem =
  | { kind: 'execution'; item: SentExecution }
  | { kind: 'event'; item: Event }
  | { kind: 'step'; executionId: string; item: Step }
  | { kind: 'token_usage'; executionId: string; item: TokenUsage };

export type Kind = SentItem['kind'];

export interface Item {
  kind: Kind;
  /** The execution that the item belongs to; undefined for an event. */
  executionId: string | undefined;
  /** The service rejects duplicate keys within a request. In a later request, the key changes the item. */
  key: string | number | undefined;
  json: string;
  /** Size of the JSON in UTF-8. */
  bytes: number;
  /** Increases with every item. */
  sequence: number;
}

/** Path and request field by kind of item. */
export const TARGETS: Record<Kind, { path: (executionId: string) => string; field: string }> = {
  execution: { path: () => '/api/v1/executions', field: 'executions' },
  event: { path: () => '/api/v1/events', field: 'events' },
  step: { path: (id) => `/api/v1/executions/${encodeURIComponent(id)}/steps`, field: 'steps' },
  token_usage: {
    path: (id) => `/api/v1/executions/${encodeURIComponent(id)}/token-usages`,
    field: 'token_usages',
  },
};

/** Restores the item from its JSON, because keeping the object too would double the memory. */
export function sentItemOf({ kind, executionId, json }: Item): SentItem {
  const item: unknown = JSON.parse(json);
  return { kind, item, ...(kind === 'step' || kind === 'token_usage' ? { executionId } : {}) } as SentItem;
}
