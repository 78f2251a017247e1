/** What tokens cost without prices of one's own. */
import { PriceList } from '../../src/costs/prices.js';
import { STANDARD_TIER } from '../../src/facts/execution/columns.js';
import type { Tokens } from '../../src/facts/tokens.js';
import type { Usd } from '../../src/money.js';

const BOOK = new PriceList();

export const bookCost = (tokens: Tokens, provider: string | null, model: string, at: number): Usd | null =>
  BOOK.costOf(tokens, { provider, model, tier: STANDARD_TIER, at }, 'call').usd;
