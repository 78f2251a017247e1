/**
 * US dollars without rounding errors: an integer number of 10⁻¹⁸ USD in memory, `numeric` in the database, a JSON number
 * on the wire, with at most 6 decimals for totals and 12 for what they are made of.
 */
export type Usd = bigint;

const DECIMALS = 18;
const ONE = 10n ** BigInt(DECIMALS);
const WIRE_DECIMALS = 6;
/** Of a single execution, step or usage: the cost of one token is not rounded away. */
const DECIMALS_OF_ONE = 12;
/** The smallest amount on the wire. */
export const WIRE_UNIT: Usd = ONE / 10n ** BigInt(WIRE_DECIMALS);

const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** Parses a decimal such as `"0.00125"` or 1.25e-3. Decimals after the eighteenth are cut off. */
export function parseUsd(value: string | number): Usd {
  const match = DECIMAL.exec(String(value));
  if (match === null) throw new Error(`not an amount of money: ${value}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = DECIMALS + Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const amount = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -amount : amount;
}

/** Formats an amount for `numeric`, without trailing zeros. */
export function formatUsd(amount: Usd): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  const whole = digits.slice(0, -DECIMALS);
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** As a float, for arithmetic that may be inexact. */
export function usdToNumber(amount: Usd): number {
  return Number(amount) / 10 ** DECIMALS;
}

/** The cost of tokens at a price per million tokens. */
export function perMillion(tokens: number, price: Usd): Usd {
  return (BigInt(tokens) * price) / 1_000_000n;
}

/** Rounded half away from zero. The digits decide which number it is, so that it is written as they are. */
function roundedTo(decimals: number, numeric: string): number {
  const unit = ONE / 10n ** BigInt(decimals);
  const amount = parseUsd(numeric);
  const half = amount < 0n ? -unit / 2n : unit / 2n;
  return Number(formatUsd(((amount + half) / unit) * unit));
}

/** Converts the `numeric` of a total to a JSON number, with at most 6 decimals. */
export function toWire(numeric: string): number;
export function toWire(numeric: string | null): number | null;
export function toWire(numeric: string | null): number | null {
  return numeric === null ? null : roundedTo(WIRE_DECIMALS, numeric);
}

/** Converts the `numeric` of a single execution, step or usage to a JSON number, with at most 12 decimals. */
export const toWireOfOne = (numeric: string): number => roundedTo(DECIMALS_OF_ONE, numeric);

/** A number in digits alone: a small one otherwise has an exponent, which not every reader of a file takes. */
export function plainNumber(value: number): string {
  const text = String(value);
  return text.includes('e-') ? formatUsd(parseUsd(text)) : text;
}

/** Decimals of an amount as a decimal of other stores. */
export const MONEY_DECIMALS = DECIMALS_OF_ONE;

/** An amount as a whole number of its last decimal. */
export const scaledUsd = (value: number | string): bigint =>
  parseUsd(value) / 10n ** BigInt(DECIMALS - DECIMALS_OF_ONE);
