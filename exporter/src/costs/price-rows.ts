/** A tenant's own prices of models as they are stored: those of the standard tier, and those of the others. */
import { type ServiceTier, STANDARD_TIER } from '../facts/execution/columns.js';
import { parseUsd } from '../money.js';
import type { OwnRates } from './own-list.js';
import type { Rate, Rates } from './rates.js';

/** The rate in each column; the columns are also the fields of the wire. */
const FIRST_RATES = {
  input_usd_per_mtok: 'input',
  output_usd_per_mtok: 'output',
  cached_input_usd_per_mtok: 'cachedInput',
  cache_write_usd_per_mtok: 'cacheWrite',
} as const;
/** Those that the first release did not have. */
const LATER = {
  cache_write_1h_usd_per_mtok: 'cacheWrite1h',
  input_audio_usd_per_mtok: 'inputAudio',
  output_audio_usd_per_mtok: 'outputAudio',
} as const;
const RATE_NAMES = { ...FIRST_RATES, ...LATER } satisfies Record<string, Exclude<keyof Rates, 'isFree'>>;

export type RateField = keyof typeof RATE_NAMES;
export const RATE_FIELDS = Object.keys(RATE_NAMES) as RateField[];
export const LATER_RATES = Object.keys(LATER) as (keyof typeof LATER)[];

/** A rate by its field. */
export const rateOf = (rates: Rates, field: RateField): Rate | undefined => rates[RATE_NAMES[field]];

export type PriceRow = Record<RateField, string | null> & {
  id: string;
  provider: string;
  model_name: string;
  service_tier: ServiceTier;
  effective_from: Date;
  input_usd_per_mtok: string;
  output_usd_per_mtok: string;
};

const select = (table: string, tier: string): string =>
  `SELECT id, provider, model_name, ${tier} AS service_tier, effective_from, ${RATE_FIELDS.join(', ')}
   FROM ${table} WHERE tenant_id = $1`;

/** All of a tenant. */
export const READ_PRICES = `${select('model_prices', `'${STANDARD_TIER}'`)}
  UNION ALL ${select('model_tier_prices', 'service_tier')}`;

export function ownRates(row: PriceRow): OwnRates {
  const rates = Object.fromEntries(
    RATE_FIELDS.flatMap((field): [string, Rate][] => {
      const usd = row[field];
      return usd === null ? [] : [[RATE_NAMES[field], { usd: parseUsd(usd) }]];
    }),
  ) as unknown as Rates;
  const { input } = rates;
  return {
    id: row.id,
    provider: row.provider,
    model: row.model_name,
    tier: row.service_tier,
    from: row.effective_from.getTime(),
    // Without a price for cached tokens, they cost as much as input.
    rates: { cachedInput: input, cacheWrite: input, ...rates },
  };
}
