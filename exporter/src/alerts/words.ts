/** How values and conditions are said. */
import { type Measure, measuresOf, type Metric } from '../catalog/index.js';
import { spokenDuration } from './duration.js';
import type { Reading } from './reading.js';
import type { Comparison, Condition } from './rule.js';

const UNITS: Record<string, (text: string) => string> = {
  percent: (text) => `${text} %`,
  currencyUSD: (text) => `$${text}`,
  ms: (text) => `${text} ms`,
  s: (text) => `${text} s`,
  d: (text) => `${text} days`,
};

/** With at most two decimals, or two significant digits if it is smaller. */
function numberText(value: number): string {
  const small = value !== 0 && Math.abs(value) < 0.01;
  return value.toLocaleString('en', small ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 });
}

export function valueText(value: number | null, metric: Metric, { compare }: Condition): string {
  if (value === null) return 'no data';
  if (compare !== undefined) return `${value > 0 ? '+' : ''}${numberText(value)} %`;
  if (metric.unit === 'dateTimeAsIso') return new Date(value).toISOString();
  return UNITS[metric.unit]?.(numberText(value)) ?? numberText(value);
}

const COMPARISON_WORDS: Record<Exclude<Comparison, 'no_data'>, string> = {
  greater_than: 'above',
  greater_or_equal: 'at or above',
  less_than: 'below',
  less_or_equal: 'at or below',
  equal: 'equal to',
};

/** Such as `above 5 %`. */
export function limitText(condition: Condition, metric: Metric): string {
  const { operator, threshold = null } = condition;
  if (operator === 'no_data') return 'nothing counted';
  return `${COMPARISON_WORDS[operator]} ${valueText(threshold, metric, condition)}`;
}

export function periodText({ window }: Reading, { compare }: Condition): string {
  const last = `over the last ${spokenDuration(window)}`;
  if (compare === undefined) return last;
  return `${last}, compared with ${compare === 'previous' ? 'the period before' : 'the same time last week'}`;
}

/** What the measures count that rates, means and percentiles are made of. */
const COUNTED: Partial<Record<Measure, string>> = {
  calls: 'calls',
  durationCount: 'calls',
  durations: 'calls',
  issuances: 'token requests',
  finished: 'executions',
  executionDurationCount: 'executions',
  executionDurations: 'executions',
  priced: 'executions',
  inputTokens: 'input tokens',
  toolRated: 'tool calls',
  toolDurationCount: 'tool calls',
  toolDurations: 'tool calls',
  sessions: 'sessions',
  endedSessions: 'sessions',
};

/** Such as `3 calls`; undefined for a metric that is itself a count. */
export function samplesText(samples: number | null, { formula }: Metric): string | undefined {
  if (samples === null) return undefined;
  const word = measuresOf(formula).flatMap((measure) => COUNTED[measure] ?? [])[0] ?? 'values';
  return `${samples.toLocaleString('en')} ${samples === 1 ? word.replace(/s$/, '') : word}`;
}
