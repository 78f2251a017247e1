/** Which price answers for a provider and a model, and how it was found. */
import type { ReadPool } from '../db/read-shares.js';
import { formatTime } from '../time.js';
import { formatUsd, type Usd } from '../money.js';
import { pairsOf } from './lookup.js';
import { candidatesOf, PRICING_VERSION } from './models/candidates.js';
import { type Call, keysOf, readList, type Resolved, type Source } from './prices.js';
import { RATE_FIELDS, type RateField, rateOf } from './price-rows.js';
import type { Rates } from './rates.js';

interface Step {
  source: Exclude<Source, 'none'>;
  /** Null: any. */
  provider: string | null;
  model_name: string;
  found: boolean;
}

interface LongCallRate {
  rate: RateField;
  above_input_tokens: number;
  usd_per_mtok: number;
}

type ShownRates = Record<RateField, number | null> & { long_calls: LongCallRate[] };

export interface Resolution {
  provider: string | null;
  model_name: string;
  service_tier: Call['tier'];
  at: string;
  normalised: { provider: string | null; model_name: string };
  source: Source;
  price_id: string | null;
  reason: string;
  rates: ShownRates | null;
  steps: Step[];
  pricing_version: number;
}

export async function resolvePrice(
  pool: ReadPool,
  tenantId: string,
  call: Call & { model: string },
): Promise<Resolution> {
  const { provider, model, tier, at } = call;
  const list = await readList(pool, tenantId);
  const resolved = list.resolve(call);
  return {
    provider,
    model_name: model,
    service_tier: tier,
    at: formatTime(at),
    normalised: normalised(call, resolved),
    source: resolved.source,
    price_id: resolved.source === 'own' ? resolved.own.id : null,
    reason: reasonOf(resolved),
    rates: resolved.rates === null ? null : shownRates(resolved.rates),
    steps: stepsOf(call, resolved),
    pricing_version: PRICING_VERSION,
  };
}

/** The pair under which a price was found; without one, what the names were read as. */
function normalised(
  { provider, model }: Call & { model: string },
  resolved: Resolved,
): Resolution['normalised'] {
  const { provider: read, names } = candidatesOf(provider, model);
  if (resolved.source === 'own') {
    const { key } = resolved;
    return { provider: key.provider ?? (read.id || null), model_name: key.model };
  }
  if (resolved.hit !== null) return { provider: resolved.hit.provider, model_name: resolved.hit.name };
  return { provider: read.id || null, model_name: names[0]! };
}

function reasonOf(resolved: Resolved): string {
  if (resolved.source === 'none') return resolved.note;
  if (resolved.source === 'book') {
    return `the price book has ${resolved.hit.name} of ${resolved.hit.provider}, and no own price covers it`;
  }
  const { provider, model, from } = resolved.own;
  return `the own price of ${model} of ${provider} is in effect since ${formatTime(from)}`;
}

/** What was asked for, up to what was found. */
function stepsOf({ provider, model }: Call & { model: string }, resolved: Resolved): Step[] {
  const hit = resolved.source === 'own' ? null : resolved.hit;
  const keys = keysOf(provider, model, hit);
  const own = keys.map((key): Step => ({
    source: 'own',
    provider: key.provider,
    model_name: key.model,
    found: resolved.source === 'own' && key.key === resolved.key.key,
  }));
  if (resolved.source === 'own') return upToFound(own);
  const book = pairsOf(candidatesOf(provider, model)).map((pair): Step => ({
    source: 'book',
    provider: pair.provider,
    model_name: pair.name,
    found: pair.provider === hit?.provider && pair.name === hit.name,
  }));
  return [...own, ...upToFound(book)];
}

function upToFound(steps: Step[]): Step[] {
  const found = steps.findIndex((step) => step.found);
  return found < 0 ? steps : steps.slice(0, found + 1);
}

const numberOf = (usd: Usd): number => Number(formatUsd(usd));

function shownRates(rates: Rates): ShownRates {
  const shown = RATE_FIELDS.map((field) => {
    const rate = rateOf(rates, field);
    return [field, rate === undefined ? null : numberOf(rate.usd)];
  });
  const longCalls = RATE_FIELDS.flatMap((field) =>
    (rateOf(rates, field)?.above ?? []).map(({ tokens, usd }) => ({
      rate: field,
      above_input_tokens: tokens,
      usd_per_mtok: numberOf(usd),
    })),
  );
  return { ...(Object.fromEntries(shown) as Record<RateField, number | null>), long_calls: longCalls };
}
