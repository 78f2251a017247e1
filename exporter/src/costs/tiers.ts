/** Service tiers of the providers of the price book, which itself knows only the standard one. */
import type { ServiceTier } from '../facts/execution/columns.js';
import type { BookPrice } from './book.js';
import type { Usd } from '../money.js';
import type { Rate, Rates } from './rates.js';

type OtherTier = Exclude<ServiceTier, 'standard'>;

/** What a tier costs, in thousandths of the standard price. */
interface Share {
  of: number;
  /** Whether the discount for cached tokens comes on top. Default: it does. */
  cached?: 'unknown';
}

/** By what the providers publish. A tier that is left out has a price that is not known. */
const SHARES: Readonly<Record<string, Partial<Record<OtherTier, Share>>>> = {
  openai: { batch: { of: 500 }, flex: { of: 500 } },
  azure: { batch: { of: 500 }, flex: { of: 500 } },
  anthropic: { batch: { of: 500 } },
  google: { batch: { of: 500, cached: 'unknown' }, flex: { of: 500, cached: 'unknown' } },
  aws: { batch: { of: 500, cached: 'unknown' } },
  mistral: { batch: { of: 500, cached: 'unknown' } },
  groq: { batch: { of: 500, cached: 'unknown' }, flex: { of: 1_000 } },
};

/** OpenAI's priority processing has a price by model. */
const OPENAI_PRIORITY: Readonly<Record<string, number>> = {
  'gpt-4.1': 1_750,
  'gpt-4.1-mini': 1_750,
  'gpt-4.1-nano': 2_000,
  'gpt-4o': 1_700,
  'gpt-5': 2_000,
  'gpt-5-mini': 1_800,
  'gpt-5.1': 2_000,
  'gpt-5.2': 2_000,
  'gpt-5.4': 2_000,
  'gpt-5.4-mini': 2_000,
  o3: 1_750,
};

function shareOf({ provider, model }: BookPrice, tier: OtherTier): Share | undefined {
  const share = SHARES[provider]?.[tier];
  if (share !== undefined || provider !== 'openai' || tier !== 'priority') return share;
  const of = OPENAI_PRIORITY[model];
  return of === undefined ? undefined : { of };
}

/** Null where the price of the tier is not known. */
export function atTier(price: BookPrice, tier: ServiceTier): Rates | null {
  if (tier === 'standard' || price.rates.isFree) return price.rates;
  const known = shareOf(price, tier);
  if (known === undefined) return null;
  const {
    input,
    output,
    cachedInput,
    cacheWrite,
    cacheWrite1h,
    inputAudio,
    cachedAudio,
    outputAudio,
    reasoning,
  } = price.rates;
  const scaled = (rate: Rate | undefined): Rate | undefined => rate && scale(rate, known.of);
  const ofCache = known.cached === 'unknown' ? () => undefined : scaled;
  return {
    input: scale(input, known.of),
    output: scale(output, known.of),
    cachedInput: ofCache(cachedInput),
    cacheWrite: ofCache(cacheWrite),
    cacheWrite1h: ofCache(cacheWrite1h),
    inputAudio: scaled(inputAudio),
    cachedAudio: ofCache(cachedAudio),
    outputAudio: scaled(outputAudio),
    reasoning: scaled(reasoning),
  };
}

const scale = ({ usd, above }: Rate, thousandths: number): Rate => ({
  usd: share(usd, thousandths),
  ...(above !== undefined && {
    above: above.map((step) => ({ tokens: step.tokens, usd: share(step.usd, thousandths) })),
  }),
});

const share = (usd: Usd, thousandths: number): Usd => (usd * BigInt(thousandths)) / 1_000n;
