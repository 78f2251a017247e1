/** What every kind of recommendation is made of. */
import type { ReadPool } from '../../db/read-shares.js';
import { uuidv5 } from '../../ids.js';
import type { Usd } from '../../money.js';
import { DAY } from '../../time.js';

/** Half-open, milliseconds. */
export interface Range {
  from: number;
  to: number;
}

/** The part of a period whose executions are looked at. */
export interface Window extends Range {
  /** How long it took to make what is found in it, milliseconds. */
  length: number;
}

/** Where evidence is looked for. */
export interface Search {
  pool: ReadPool;
  tenantId: string;
  /** The whole period. */
  period: Range;
  window: Window;
  /** The window of the period and of one of the same length before it. */
  history: Window;
  /** Milliseconds. */
  now: number;
}

/** Numbers and words of a finding; `executions` are the ids of those to look at. */
export interface Evidence {
  /** How the savings were worked out. */
  arithmetic: string;
  executions: string[];
  [figure: string]: unknown;
}

export interface Finding {
  agentId: string | null;
  model: string | null;
  /** What tells it from others of its kind, agent and model. */
  about?: readonly (string | null)[];
  /** In 30 days; null where it is not known. */
  savings: Usd | null;
  /** By what it is measured whether it has changed, in 30 days, where the savings are not known. */
  weight?: number | undefined;
  /** Full sentences. */
  words: (agent: string) => { title: string; action: string };
  caveat: string | null;
  evidence: Evidence;
}

export interface Kind {
  name: string;
  description: string;
  /** What it saves has been saved already. */
  isDone?: true;
  /** At most MAX_FINDINGS, the largest first. */
  find: (search: Search) => Promise<Finding[]>;
}

/** Findings of a kind. */
export const MAX_FINDINGS = 20;
/** Groups that a statement may answer. */
export const MAX_GROUPS = 1_000;
/** Executions that a finding names. */
const MAX_EXAMPLES = 5;

export const DAYS_OF_A_MONTH = 30;

/** An amount of the window, in 30 days. */
export const monthly = (amount: Usd, { length }: Window): Usd =>
  (amount * BigInt(DAYS_OF_A_MONTH * DAY)) / BigInt(length);

/** The same for a number of tokens. */
export const monthlyCount = (count: number, { length }: Window): number =>
  (count * DAYS_OF_A_MONTH * DAY) / length;

/** Savings below it are none. */
export const LEAST_SAVINGS: Usd = 10n ** 16n;

/** The largest savings first, those that are not known last. */
export const largest = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort(bySavings).slice(0, MAX_FINDINGS);

export function bySavings(a: Pick<Finding, 'savings'>, b: Pick<Finding, 'savings'>): number {
  const [x, y] = [a.savings ?? -1n, b.savings ?? -1n];
  return x < y ? 1 : x > y ? -1 : 0;
}

const NAMESPACE = '2f1c2a52-6a57-5e0c-9d53-1f6ed1a0b7c4';

/** The same whenever it is found. */
export const idOf = (kind: string, { agentId, model, about = [] }: Finding): string =>
  uuidv5(NAMESPACE, JSON.stringify([kind, agentId, model, ...about]));

/** Executions `e` of the tenant within the window: $1 to $3 are the values of `valuesOf`. */
export const IN_WINDOW = 'e.tenant_id = $1 AND e.started_at >= $2 AND e.started_at < $3';

export const valuesOf = (tenantId: string, { from, to }: Range): unknown[] => [
  tenantId,
  new Date(from),
  new Date(to),
];

/** The ids of a few executions, as an aggregate. */
export const examples = (order: string, where = 'true'): string =>
  `(array_agg(id ORDER BY ${order}, id) FILTER (WHERE ${where}))[1:${MAX_EXAMPLES}]`;
