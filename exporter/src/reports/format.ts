/** Numbers for people, with their units. */

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: 0 });

/** Above this, a number is shown in millions. */
const MILLION = 1_000_000;

function count(value: number): string {
  if (Math.abs(value) >= 1000 * MILLION) return `${number(value / (1000 * MILLION), 2)} billion`;
  if (Math.abs(value) >= MILLION) return `${number(value / MILLION, 2)} million`;
  return number(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1);
}

function usd(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size >= MILLION) return `${sign}$${count(size)}`;
  // Small amounts keep digits that say something.
  const digits =
    size === 0 || size >= 1
      ? { minimumFractionDigits: 2, maximumFractionDigits: 2 }
      : size >= 0.01
        ? { minimumFractionDigits: 2, maximumFractionDigits: 4 }
        : { maximumSignificantDigits: 3 };
  return `${sign}$${size.toLocaleString('en', digits)}`;
}

function seconds(value: number): string {
  if (Math.abs(value) < 120) return `${number(value, 1)} s`;
  if (Math.abs(value) < 7_200) return `${number(value / 60, 1)} min`;
  return `${number(value / 3_600, 1)} h`;
}

const milliseconds = (value: number): string =>
  Math.abs(value) < 10_000 ? `${number(value, Math.abs(value) < 10 ? 1 : 0)} ms` : seconds(value / 1000);

const BY_UNIT: Readonly<Record<string, (value: number) => string>> = {
  currencyUSD: usd,
  percent: (value) => `${number(value, 1)} %`,
  ms: milliseconds,
  s: seconds,
  d: (value) => `${number(value, 1)} days`,
  dateTimeAsIso: (value) => new Date(value).toISOString().slice(0, 16).replace('T', ' '),
};

/** What is counted, where the number alone does not say it. */
const COUNTED: readonly [RegExp, string][] = [[/tokens/, 'tokens']];

const NOTHING = '–';

/** @param metric of the catalog, for what is counted */
export function formatValue(value: number | null, unit: string, metric = ''): string {
  if (value === null) return NOTHING;
  const byUnit = BY_UNIT[unit];
  if (byUnit !== undefined) return byUnit(value);
  const counted = COUNTED.find(([pattern]) => pattern.test(metric))?.[1];
  return counted === undefined ? count(value) : `${count(value)} ${counted}`;
}

/** A difference with its sign. */
export function formatDifference(value: number, unit: string, metric = ''): string {
  return `${value < 0 ? '−' : '+'}${formatValue(Math.abs(value), unit, metric)}`;
}

/** Percent, or points of a rate. */
export function formatChange(change: number, unit: string): string {
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±';
  const size = Math.abs(change);
  if (unit === 'percent') return `${sign}${number(size, 1)} points`;
  return `${sign}${number(size, size < 100 ? 1 : 0)} %`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026-03-06` as `6 Mar 2026`. */
export function formatDay(day: string, withYear = true): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return `${date} ${MONTHS[month - 1]!}${withYear ? ` ${year}` : ''}`;
}

export function formatDays(first: string, last: string): string {
  if (first === last) return formatDay(first);
  return `${formatDay(first, first.slice(0, 4) !== last.slice(0, 4))} – ${formatDay(last)}`;
}
