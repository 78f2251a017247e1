/** The state of an execution: what was sent, merged with what is stored, and the tokens, model and cost that follow. */
import type { Call, PriceList } from '../../costs/prices.js';
import type { Scope } from '../../costs/rates.js';
import {
  type CostSource,
  type ExecutionStatus,
  type ServiceTier,
  STANDARD_TIER,
} from '../../facts/execution/columns.js';
import {
  headerDigest,
  stepsDigest,
  stepText,
  usagesDigest,
  usageText,
} from '../../facts/execution/digests.js';
import {
  type Execution,
  type Header,
  isSum,
  type SentHeader,
  type Step,
  type Usage,
} from '../../facts/execution/execution.js';
import { addTokens, NO_TOKENS, type Tokens } from '../../facts/tokens.js';
import { parseUsd, type Usd } from '../../money.js';
import type { Counted } from '../arrivals.js';

export interface Cost {
  /** Null where the source is unpriced: an unknown cost is not $0. */
  usd: Usd | null;
  source: CostSource;
  /** What has to be known about it. */
  note: string | null;
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
  /** Of one that is stored, how its arrival has counted. */
  counted?: Counted;
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
  service_tier: ServiceTier;
  cost: Cost;
  /** Parallel to the usages. */
  usageCosts: readonly Cost[];
}

const unpriced = (note: string | null): Cost => ({ usd: null, source: 'unpriced', note });
const reported = (usd: string): Cost => ({ usd: parseUsd(usd), source: 'reported', note: null });
/** Of what has used nothing, whatever the price. */
const NOTHING: Cost = { usd: 0n, source: 'computed', note: null };
const computed = (usd: Usd, note: string | null = null): Cost => ({ usd, source: 'computed', note });

/** What the price of an execution without usages is that of. */
function ownCall(header: Header, usages: readonly Usage[]): Call {
  const main = header.own_model === null ? mainUsage(usages) : undefined;
  const provider = header.own_provider ?? main?.provider ?? null;
  const model = header.own_model ?? main?.model_name ?? null;
  return { provider, model, tier: header.own_service_tier, at: header.started_at };
}

const usageCall = (usage: Usage, header: Header, own: Call): Call => ({
  provider: usage.provider ?? own.provider,
  model: usage.model_name ?? own.model,
  tier: usageTier(usage, header),
  at: own.at,
});

/** What the price list is asked for to derive the costs. */
export function* callsOf(header: Header, usages: readonly Usage[]): Generator<Call> {
  const own = ownCall(header, usages);
  if (usages.length === 0) yield own;
  for (const usage of usages) yield usageCall(usage, header, own);
}

/** Ask the price list to `prepare` for many of them before. */
export function derive(header: Header, usages: readonly Usage[], prices: PriceList): Derived {
  const own = ownCall(header, usages);
  const { provider, model: model_name } = own;
  const usageCosts = usages.map((usage) =>
    costOf(
      prices,
      usage,
      usage.has_tokens ? usage : null,
      isSum(usage) ? 'sum' : 'call',
      usageCall(usage, header, own),
    ),
  );
  const tokens = header.tokens ?? addTokens(usages);
  return {
    tokens,
    provider,
    model_name,
    service_tier: tierOf(header, usages),
    cost:
      reportedCost(header, tokens) ??
      (usages.length > 0 ? sumOf(usageCosts) : costOf(prices, header, tokensUsed(header), 'sum', own)),
    usageCosts,
  };
}

const FAILED: ReadonlySet<ExecutionStatus> = new Set(['failure', 'timeout', 'blocked']);

/** Null where they are not known. What failed without saying that it has used any has used none. */
const tokensUsed = ({ tokens, status }: Header): Tokens | null =>
  tokens ?? (FAILED.has(status) ? NO_TOKENS : null);

/** The tier of a usage is that of its execution where it has none of its own. */
export const usageTier = (usage: Usage, header: Header): ServiceTier =>
  usage.own_service_tier ?? header.own_service_tier;

/** That of the usages, where none was sent and they all have the same. */
function tierOf(header: Header, usages: readonly Usage[]): ServiceTier {
  const tiers = new Set(usages.map((usage) => usageTier(usage, header)));
  const [tier = header.own_service_tier] = tiers;
  return tiers.size === 1 && header.own_service_tier === STANDARD_TIER ? tier : header.own_service_tier;
}

/** What was sent of a cost. */
type SentCost = Pick<Usage, 'reported_cost_usd' | 'own_cost_source'>;

function sumOf(usages: readonly Cost[]): Cost {
  let usd = 0n;
  for (const cost of usages) {
    // Without it the sum would look complete.
    if (cost.usd === null) return unpriced(cost.note);
    usd += cost.usd;
  }
  // What has used nothing has no price, and says nothing of where the others have theirs from.
  const priced = usages.filter((cost) => cost !== NOTHING);
  if (priced.length === 0) return NOTHING;
  return priced.every(({ source }) => source === 'reported')
    ? { usd, source: 'reported', note: null }
    : computed(usd, usages.find(({ note }) => note !== null)?.note ?? null);
}

/** @param tokens null where none were sent */
function costOf(prices: PriceList, sent: SentCost, tokens: Tokens | null, scope: Scope, call: Call): Cost {
  const known = reportedCost(sent, tokens) ?? exportedCost(sent, () => prices.hasOwn(call));
  if (known !== undefined) return known;
  if (tokens === null) return unpriced('no tokens were sent');
  if (isEmpty(tokens)) return NOTHING;
  const { usd, note } = prices.costOf(tokens, call, scope);
  return usd === null ? unpriced(note) : computed(usd, note);
}

/** What an export says of a cost that was computed, which stands until a price of the tenant's own covers it. */
function exportedCost(
  { reported_cost_usd: usd, own_cost_source: source }: SentCost,
  hasOwnPrice: () => boolean,
): Cost | undefined {
  if (source === 'unpriced') return hasOwnPrice() ? undefined : unpriced('unpriced where it was exported');
  if (source !== 'computed' || usd === null || hasOwnPrice()) return undefined;
  return computed(parseUsd(usd), 'computed where it was exported');
}

/** A cost of 0 beside tokens is what emitters report that know no price: it is no report. */
function reportedCost(
  { reported_cost_usd: cost, own_cost_source: source }: SentCost,
  tokens: Tokens | null,
): Cost | undefined {
  if (cost === null || (source !== null && source !== 'reported')) return undefined;
  return cost === '0' && tokens !== null && !isEmpty(tokens) ? undefined : reported(cost);
}

const isEmpty = ({ input_tokens, output_tokens }: Tokens): boolean =>
  input_tokens === 0 && output_tokens === 0;

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
