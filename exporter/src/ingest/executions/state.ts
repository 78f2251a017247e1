/** The state of an execution: what was sent, merged with what is stored, and the tokens, model and cost that follow. */
import type { PriceList } from '../../costs/prices.js';
import type { CostSource } from '../../facts/execution/columns.js';
import {
  headerDigest,
  stepsDigest,
  stepText,
  usagesDigest,
  usageText,
} from '../../facts/execution/digests.js';
import type { Execution, Header, SentHeader, Step, Usage } from '../../facts/execution/execution.js';
import { addTokens, type Tokens } from '../../facts/tokens.js';
import { parseUsd, type Usd } from '../../money.js';

export interface Cost {
  /** Null where the source is unpriced: an unknown cost is not $0. */
  usd: Usd | null;
  source: CostSource;
}

/** An execution as it is stored, or is to be. */
export interface State {
  header: Header;
  stepCount: number;
  headerDigest: string;
  /** Null where none were ever sent. */
  stepsDigest: string | null;
  usagesDigest: string | null;
  /** Undefined: the stored rows stay as they are. */
  steps: readonly Step[] | undefined;
  usages: readonly Usage[] | undefined;
}

/**
 * The state after this execution was received, or undefined if it changes nothing: it is stored already, or it reports a
 * finished execution as running.
 */
export function merge(
  before: State | undefined,
  { header: sent, steps, usages }: Execution,
): State | undefined {
  const header = headerOf(sent, before?.header);
  const after: State = {
    header,
    stepCount: steps?.length ?? before?.stepCount ?? 0,
    headerDigest: headerDigest(header),
    stepsDigest: steps === undefined ? (before?.stepsDigest ?? null) : stepsDigest(steps),
    usagesDigest: usages === undefined ? (before?.usagesDigest ?? null) : usagesDigest(usages),
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

const headerOf = (sent: SentHeader, before: Header | undefined): Header => ({
  ...sent,
  tags: sent.tags ?? before?.tags ?? [],
});

/** The state with these steps in place of its own. */
export const withSteps = (state: State, steps: readonly Step[]): State => ({
  ...state,
  steps,
  stepCount: steps.length,
  stepsDigest: stepsDigest(steps),
});

/** The state with these usages in place of its own. */
export const withUsages = (state: State, usages: readonly Usage[]): State => ({
  ...state,
  usages,
  usagesDigest: usagesDigest(usages),
});

interface Appended<T> {
  items: T[];
  /** How many of those that were appended were new or changed something. */
  changed: number;
}

/** In the order of their numbers. */
export function appendSteps(before: readonly Step[], added: readonly Step[]): Appended<Step> {
  const { items, changed } = append(before, added, ({ step_number }) => step_number, stepText);
  return { items: items.sort((a, b) => a.step_number - b.step_number), changed };
}

/** In the order in which they came. */
export const appendUsages = (before: readonly Usage[], added: readonly Usage[]): Appended<Usage> =>
  append(before, added, ({ usage_key }) => usage_key, usageText);

function append<T>(
  before: readonly T[],
  added: readonly T[],
  keyOf: (item: T) => string | number,
  textOf: (item: T) => string,
): Appended<T> {
  const byKey = new Map(before.map((item) => [keyOf(item), item]));
  let changed = 0;
  for (const item of added) {
    const known = byKey.get(keyOf(item));
    if (known !== undefined && textOf(known) === textOf(item)) continue;
    byKey.set(keyOf(item), item);
    changed += 1;
  }
  return { items: [...byKey.values()], changed };
}

/** What follows from the header and the usages. */
export interface Derived {
  tokens: Tokens;
  provider: string | null;
  model_name: string | null;
  cost: Cost;
  /** Parallel to the usages. */
  usageCosts: readonly Cost[];
}

const UNPRICED: Cost = { usd: null, source: 'unpriced' };

export function derive(header: Header, usages: readonly Usage[], prices: PriceList): Derived {
  const main = header.own_model === null ? mainUsage(usages) : undefined;
  const provider = header.own_provider ?? main?.provider ?? null;
  const model_name = header.own_model ?? main?.model_name ?? null;
  const at = header.started_at;
  const usageCosts = usages.map((usage) =>
    costOf(usage.reported_cost_usd, usage, () =>
      prices.costOf(usage, usage.provider ?? provider, usage.model_name ?? model_name, at),
    ),
  );
  const { tokens } = header;
  return {
    tokens: tokens ?? addTokens(usages),
    provider,
    model_name,
    cost: totalCost(header, usageCosts, () =>
      tokens === null
        ? UNPRICED
        : costOf(null, tokens, () => prices.costOf(tokens, provider, model_name, at)),
    ),
    usageCosts,
  };
}

function totalCost(header: Header, usages: readonly Cost[], own: () => Cost): Cost {
  const { reported_cost_usd } = header;
  if (reported_cost_usd !== null) return { usd: parseUsd(reported_cost_usd), source: 'reported' };
  if (usages.length === 0) return own();
  let usd = 0n;
  for (const cost of usages) {
    // Without it the sum would look complete.
    if (cost.usd === null) return UNPRICED;
    usd += cost.usd;
  }
  return { usd, source: usages.every(({ source }) => source === 'reported') ? 'reported' : 'computed' };
}

function costOf(reported: string | null, tokens: Tokens, compute: () => Usd | null): Cost {
  if (reported !== null) return { usd: parseUsd(reported), source: 'reported' };
  // No tokens cost nothing, whatever the price.
  if (tokens.input_tokens === 0 && tokens.output_tokens === 0) return { usd: 0n, source: 'computed' };
  const usd = compute();
  return usd === null ? UNPRICED : { usd, source: 'computed' };
}

/** The usage with the most tokens, the first one among equals. Its model is that of an execution that names none. */
function mainUsage(usages: readonly Usage[]): Usage | undefined {
  const total = ({ input_tokens, output_tokens }: Usage): number => input_tokens + output_tokens;
  return usages
    .filter(({ model_name }) => model_name !== null)
    .reduce<Usage | undefined>(
      (most, usage) => (most === undefined || total(usage) > total(most) ? usage : most),
      undefined,
    );
}
