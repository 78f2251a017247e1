/** A tenant's own prices of models as they are stored: those of the standard tier, and those of the others. */
import { type ServiceTier, STANDARD_TIER } from '../facts/execution/columns.js';
import { parseUsd } from '../money.js';
import type { OwnRates } from './own-list.js';
import type { Rate } from './rates.js';

/** Rates that the first release did not have. */
export const LATER_RATES = [
  'cache_write_1h_usd_per_mtok',
  'input_audio_usd_per_mtok',
  'output_audio_usd_per_mtok',
] as const;
/** Columns of the rates, which are also the fields of the wire. */
export const RATE_FIELDS = [
  'input_usd_per_mtok',
  'output_usd_per_mtok',
  'cached_input_usd_per_mtok',
  'cache_write_usd_per_mtok',
  ...LATER_RATES,
] as const;
export type RateField = (typeof RATE_FIELDS)[number];

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
  const rate = (field: RateField): Rate | undefined => {
    const usd = row[field];
    return usd === null ? undefined : { usd: parseUsd(usd) };
  };
  const input = { usd: parseUsd(row.input_usd_per_mtok) };
  return {
    id: row.id,
    provider: row.provider,
    model: row.model_name,
    tier: row.service_tier,
    from: row.effective_from.getTime(),
    rates: {
      input,
      output: { usd: parseUsd(row.output_usd_per_mtok) },
      // Without a price for cached tokens, they cost as much as input.
      cachedInput: rate('cached_input_usd_per_mtok') ?? input,
      cacheWrite: rate('cache_write_usd_per_mtok') ?? input,
      cacheWrite1h: rate('cache_write_1h_usd_per_mtok'),
      inputAudio: rate('input_audio_usd_per_mtok'),
      outputAudio: rate('output_audio_usd_per_mtok'),
    },
  };
}
