/** How the sentences of recommendations write their figures. */
import { formatUsd, toWire, type Usd } from '../../money.js';
import { DAY, formatDate } from '../../time.js';
import { DAYS_OF_A_MONTH, type Range, type Window } from './finding.js';

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const ONE = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** With one decimal at most, and none where it says nothing. */
export const number = (value: number): string => (value < 100 ? NUMBER : WHOLE).format(value);
/** A number of things. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** In cents, amounts below a dollar to three digits. */
export function dollars(amount: Usd): string {
  const value = toWire(formatUsd(amount));
  const digits = Math.abs(value) > 0 && Math.abs(value) < 1 ? SMALL : CENTS;
  const text = digits.format(Math.abs(value));
  // A few cents read as an amount of money: 0.50, not 0.5.
  return `${value < 0 ? '−' : ''}$${/\.\d$/.test(text) ? `${text}0` : text}`;
}

/** Percent with one decimal. */
export const percent = (share: number): string => `${ONE.format(100 * share)} %`;
/** Percentage points with one decimal. */
export const points = (share: number): string => ONE.format(100 * share).replace('-', '−');

export const daysOf = ({ length }: Window): string => number(length / DAY);

/** An amount of the window, and what that is in 30 days. */
export const perMonth = (amount: Usd, monthly: Usd, window: Window): string =>
  `${dollars(amount)} in ${daysOf(window)} days; × ${DAYS_OF_A_MONTH} ÷ ${daysOf(window)} = ${dollars(monthly)} in ${DAYS_OF_A_MONTH} days`;

export const onDay = (at: number): string => formatDate(at);

/** The dates of a range whose end is not part of it. */
export const between = ({ from, to }: Range): string => `${formatDate(from)} to ${formatDate(to - 1)}`;

export const sentences = (parts: readonly (string | null | false)[]): string | null => {
  const given = parts.filter((part) => part !== null && part !== false);
  return given.length === 0 ? null : given.join(' ');
};
