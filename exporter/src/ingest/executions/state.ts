/** What is kept of an execution: what was sent, merged with what was there, with tokens, model and cost worked out. */
import { hash } from 'node:crypto';
import { parseUsd, type Usd } from '../../costs/money.js';
import type { PriceList } from '../../costs/prices.js';
import { addTokens, type Tokens } from '../../costs/tokens.js';
import { uuidOfHex } from '../../ids.js';
import type { Execution, Header, Step, Usage } from './execution.js';

export type CostSource = 'reported' | 'computed' | 'unpriced';

export interface Cost {
  /** Null where the source is unpriced: an unknown cost is not $0. */
  usd: Usd | null;
  source: CostSource;
}

/** An execution as it is there, or is to be. */
export interface State {
  header: Header;
  stepCount: number;
  headerDigest: string;
  /** Null where none were ever sent. */
  stepsDigest: string | null;
  usagesDigest: string | null;
  /** Undefined: the rows that are there stay as they are. */
  steps: readonly Step[] | undefined;
  usages: readonly Usage[] | undefined;
}

const DIGEST_DIGITS = 32;

/** Of an object that was sent, in the form of a UUID; objects of one kind have the same keys in the same order. */
export function digestOf(value: object): string {
  // With the processor's help in less time than the older and shorter ones.
  return uuidOfHex(hash('sha256', textOf(value)).slice(0, DIGEST_DIGITS));
}

/** Different texts for different values: lengths tell where one ends, with less work than JSON's escapes. */
function textOf(value: object): string {
  let text = '[';
  if (Array.isArray(value)) for (const item of value) text += partOf(item);
  else for (const key in value) text += partOf((value as Record<string, unknown>)[key]);
  return `${text}]`;
}

function partOf(value: unknown): string {
  if (value === null) return '~';
  if (typeof value === 'string') return `${value.length}:${value}`;
  return typeof value === 'object' ? textOf(value) : `${String(value)};`;
}

/**
 * The state after this execution has come in, or undefined where it changes nothing: it is there already, or it says that
 * one still runs which has finished.
 */
export function merge(
  before: State | undefined,
  { header: sent, steps, usages }: Execution,
): State | undefined {
  const header: Header = { ...sent, tags: sent.tags ?? before?.header.tags ?? [] };
  const after: State = {
    header,
    stepCount: steps?.length ?? before?.stepCount ?? 0,
    headerDigest: digestOf(header),
    stepsDigest: steps === undefined ? (before?.stepsDigest ?? null) : digestOf(steps),
    usagesDigest: usages === undefined ? (before?.usagesDigest ?? null) : digestOf(usages),
    steps: steps ?? before?.steps,
    usages: usages ?? before?.usages,
  };
  if (before === undefined) return after;
  if (header.status === 'running' && before.header.status !== 'running') return undefined;
  const same =
    after.headerDigest === before.headerDigest &&
    after.stepsDigest === before.stepsDigest &&
    after.usagesDigest === before.usagesDigest;
  return same ? undefined : after;
}

/** Steps with those appended, and how many of these were new or changed. */
export function appendSteps(
  before: readonly Step[],
  added: readonly Step[],
): { steps: Step[]; changed: number } {
  return append(
    before,
    added,
    ({ stepNumber }) => stepNumber,
    (a, b) => a.stepNumber - b.stepNumber,
  );
}

/** Usages with those appended, in the order in which they came. */
export function appendUsages(
  before: readonly Usage[],
  added: readonly Usage[],
): { usages: Usage[]; changed: number } {
  const { steps: usages, changed } = append(before, added, ({ key }) => key);
  return { usages, changed };
}

function append<T extends object>(
  before: readonly T[],
  added: readonly T[],
  keyOf: (item: T) => string | number,
  order?: (a: T, b: T) => number,
): { steps: T[]; changed: number } {
  const byKey = new Map(before.map((item) => [keyOf(item), item]));
  let changed = 0;
  for (const item of added) {
    const known = byKey.get(keyOf(item));
    if (known !== undefined && digestOf(known) === digestOf(item)) continue;
    byKey.set(keyOf(item), item);
    changed += 1;
  }
  const steps = [...byKey.values()];
  return { steps: order === undefined ? steps : steps.sort(order), changed };
}

/** What is worked out of header and usages. */
export interface Derived {
  tokens: Tokens;
  provider: string | null;
  model: string | null;
  cost: Cost;
  /** Parallel to the usages. */
  usageCosts: readonly Cost[];
}

const UNPRICED: Cost = { usd: null, source: 'unpriced' };

export function derive(header: Header, usages: readonly Usage[], prices: PriceList): Derived {
  const main = header.model === null ? mainUsage(usages) : undefined;
  const provider = header.provider ?? main?.provider ?? null;
  const model = header.model ?? main?.model ?? null;
  const at = header.startedAt;
  const usageCosts = usages.map((usage) =>
    costOf(usage.reportedCost, usage.tokens, () =>
      prices.costOf(usage.tokens, usage.provider ?? provider, usage.model ?? model, at),
    ),
  );
  return {
    tokens: header.tokens ?? addTokens(usages.map(({ tokens }) => tokens)),
    provider,
    model,
    cost: totalCost(header, usageCosts, () =>
      header.tokens === null
        ? UNPRICED
        : costOf(null, header.tokens, () => prices.costOf(header.tokens!, provider, model, at)),
    ),
    usageCosts,
  };
}

function totalCost(header: Header, usages: readonly Cost[], own: () => Cost): Cost {
  if (header.reportedCost !== null) return { usd: parseUsd(header.reportedCost), source: 'reported' };
  if (usages.length === 0) return own();
  let usd = 0n;
  for (const cost of usages) {
    // The rest alone would pass for the whole.
    if (cost.usd === null) return UNPRICED;
    usd += cost.usd;
  }
  return { usd, source: usages.every(({ source }) => source === 'reported') ? 'reported' : 'computed' };
}

function costOf(reported: string | null, tokens: Tokens, compute: () => Usd | null): Cost {
  if (reported !== null) return { usd: parseUsd(reported), source: 'reported' };
  // Nothing costs nothing, whoever would have charged for it.
  if (tokens.input === 0 && tokens.output === 0) return { usd: 0n, source: 'computed' };
  const usd = compute();
  return usd === null ? UNPRICED : { usd, source: 'computed' };
}

/** The usage with the most tokens, the first of equals: its model stands for an execution that names none. */
function mainUsage(usages: readonly Usage[]): Usage | undefined {
  const total = ({ tokens }: Usage): number => tokens.input + tokens.output;
  return usages
    .filter(({ model }) => model !== null)
    .reduce<Usage | undefined>(
      (most, usage) => (most === undefined || total(usage) > total(most) ? usage : most),
      undefined,
    );
}
