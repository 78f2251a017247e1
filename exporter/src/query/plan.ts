/** A catalog query, validated and resolved: which aggregate, which parts of the range from which level, and which buckets. */
import {
  type Aggregate,
  dimensionsIn,
  dimensionsOf,
  intervalsOf,
  type Level,
  sourceFor,
  sourcesOf,
} from '../aggregates/index.js';
import {
  type Dimension,
  type DimensionName,
  findDimension,
  findMetric,
  type Interval,
  INTERVALS,
  isStored,
  type Metric,
  needsMinutes,
} from '../catalog/index.js';
import { AppError } from '../errors.js';
import { DAY, formatTime, HOUR, MINUTE } from '../time.js';
import { eachOf } from './each.js';
import { type Range, type Segment, segmentsByMinutes, segmentsOf, widen, widenToHours } from './segments.js';
import { zoneWithin } from './zone.js';

export const OPERATORS = ['in', 'notIn', 'matches'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  dimension: string;
  operator: string;
  values: readonly (string | number)[];
}

/** The wire form; only its shape has been validated. */
export interface CatalogQuery {
  refId: string;
  metric: string;
  groupBy?: readonly string[];
  filters?: readonly Filter[];
  interval?: string;
  orderBy?: { by: string; direction?: string };
  limit?: number;
}

export interface QueryContext {
  tenantId: string;
  range: Range;
  timeZone: string;
  /** First instant with minute aggregates. */
  minutesFrom: number;
  now: number;
  /** Read minutes alone, where no coarser aggregate has the dimensions together with minutes of its own. Default false. */
  minutesOnly?: boolean;
}

export interface PlannedFilter {
  dimension: DimensionName;
  operator: Operator;
  values: readonly (string | number)[];
}

export interface OrderBy {
  by: 'time' | 'value' | DimensionName;
  direction: 'asc' | 'desc';
}

export interface Plan {
  tenantId: string;
  now: number;
  metric: Metric;
  source: Aggregate;
  /** As widened: exactly the rows within are read. */
  range: Range;
  segments: readonly Segment[];
  interval: Interval;
  timeZone: string;
  /** An hour counts where its middle lies: the zone's days begin within hours, and minutes are no longer kept. */
  roundHours: boolean;
  groupBy: readonly Dimension[];
  filters: readonly PlannedFilter[];
  orderBy: OrderBy | undefined;
  limit: number | undefined;
  notices: string[];
}

export const MAX_LIMIT = 10_000;
const MAX_FILTERS = 50;
const MAX_FILTER_VALUES = 1_000;
/** Patterns of a query, and their characters: each pattern is compared with each row. */
const MAX_PATTERNS = 100;
const MAX_PATTERN_CHARACTERS = 4_096;

const invalid = (message: string, details?: object): AppError =>
  new AppError('VALIDATION_ERROR', message, { details });
const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** @throws AppError VALIDATION_ERROR that says what would be right */
export function planQuery(query: CatalogQuery, context: QueryContext): Plan {
  const metric = findMetric(query.metric);
  if (metric === undefined) {
    throw invalid(
      `there is no metric "${query.metric}"; GET /api/v1/analytics/catalog lists those there are`,
    );
  }
  const interval = plannedInterval(metric, query.interval ?? 'none', context);
  const groupBy = (query.groupBy ?? []).map((name) => plannedDimension(metric, name, 'grouped'));
  if (new Set(groupBy).size !== groupBy.length) throw invalid('groupBy names a dimension twice');
  const filters = plannedFilters(metric, query.filters ?? []);
  const used = [...groupBy.map(({ name }) => name), ...filters.map(({ dimension }) => dimension)];
  const finest = needsMinutes(interval) || context.minutesOnly === true ? 'minute' : 'hour';
  const source = plannedSource(metric, used, interval, finest);
  const said = source.notice === undefined ? [] : [source.notice];
  const notices = [...said, ...groupBy.flatMap(({ name }) => eachOf(name)?.notice ?? [])];
  const pieces = plannedRange(source, interval, used, context, notices);
  return {
    tenantId: context.tenantId,
    now: context.now,
    metric,
    source,
    interval,
    timeZone: context.timeZone,
    groupBy,
    filters,
    orderBy: plannedOrder(query.orderBy, groupBy, interval),
    limit: plannedLimit(query.limit),
    notices,
    ...pieces,
  };
}

function plannedInterval(metric: Metric, name: string, { range, minutesFrom }: QueryContext): Interval {
  const interval = INTERVALS.find((known) => known === name);
  if (interval === undefined) throw invalid(`there is no interval "${name}"; there are ${listed(INTERVALS)}`);
  const offered = intervalsOf(metric);
  if (!offered.includes(interval))
    throw invalid(`${metric.name} is not kept by ${name}; there are ${listed(offered)}`);
  if (needsMinutes(interval) && range.from < minutesFrom) {
    throw invalid(
      `minutes are kept since ${formatTime(minutesFrom)}; begin there, or take the interval hour or a wider one`,
    );
  }
  return interval;
}

function plannedDimension(metric: Metric, name: string, use: 'grouped' | 'filtered'): Dimension {
  const dimension = findDimension(name);
  const offered = dimensionsOf(metric);
  if (dimension !== undefined && offered.includes(dimension)) return dimension;
  throw invalid(
    `${metric.name} cannot be ${use} by "${name}"; it can be by ${listed(offered.map((known) => known.name))}`,
  );
}

function plannedFilters(metric: Metric, filters: readonly Filter[]): PlannedFilter[] {
  if (filters.length > MAX_FILTERS) throw invalid(`at most ${MAX_FILTERS} filters a query`);
  checkPatterns(
    filters.filter(({ operator }) => operator === 'matches').flatMap(({ values }) => values.map(String)),
  );
  return filters.map(({ dimension: name, operator: word, values }) => {
    const dimension = plannedDimension(metric, name, 'filtered');
    const operator = OPERATORS.find((known) => known === word);
    if (operator === undefined)
      throw invalid(`there is no operator "${word}"; there are ${listed(OPERATORS)}`);
    if (values.length > MAX_FILTER_VALUES) throw invalid(`at most ${MAX_FILTER_VALUES} values a filter`);
    if (values.some((value) => String(value).includes('\0')))
      throw invalid('a filter value must not contain U+0000');
    return { dimension: dimension.name, operator, values: plannedValues(dimension, operator, values) };
  });
}

function checkPatterns(patterns: readonly string[]): void {
  if (patterns.length > MAX_PATTERNS) {
    throw invalid(
      `a query has at most ${MAX_PATTERNS} patterns, these are ${patterns.length}; use fewer, or the operator in for whole names`,
    );
  }
  const characters = patterns.reduce((sum, pattern) => sum + pattern.replace(/\*+/g, '*').length, 0);
  if (characters > MAX_PATTERN_CHARACTERS) {
    throw invalid(
      `the patterns of a query have at most ${MAX_PATTERN_CHARACTERS} characters together, these have ${characters}; ` +
        'use fewer or shorter ones, or the operator in for whole names',
    );
  }
}

function plannedValues(
  dimension: Dimension,
  operator: Operator,
  values: readonly (string | number)[],
): readonly (string | number)[] {
  if (dimension.type === 'string' || operator === 'matches') return values.map(String);
  return values.map((value) => {
    const number = typeof value === 'number' ? value : /^\d{1,4}$/.test(value) ? Number(value) : NaN;
    if (Number.isInteger(number) && Math.abs(number) < 10_000) return number;
    throw invalid(`${dimension.name} is a number, not "${value}"`);
  });
}

function plannedSource(
  metric: Metric,
  used: readonly DimensionName[],
  interval: Interval,
  level: Level,
): Aggregate {
  const stored = used.filter(isStored);
  const source = sourceFor(metric, stored, level);
  if (source !== undefined) return source;
  if (needsMinutes(interval) && sourceFor(metric, stored, 'hour') !== undefined) {
    throw invalid(
      `by ${listed(stored)} together, ${metric.name} is kept by the hour; take the interval hour or a wider one`,
      // True for any range, so a client may remember it.
      { intervals: INTERVALS.filter((wider) => !needsMinutes(wider)) },
    );
  }
  const sets = new Set(sourcesOf(metric).map((candidate) => dimensionsIn(candidate, metric).join(' + ')));
  throw invalid(
    `${metric.name} is not kept by ${listed(stored)} together; it is kept by ${[...sets].join(', or by ')}`,
  );
}

/** Intervals whose buckets begin at another instant in another zone. */
const LOCAL: readonly Interval[] = ['6h', 'day', 'week', 'month'];

function plannedRange(
  source: Aggregate,
  interval: Interval,
  used: readonly DimensionName[],
  { range, timeZone, minutesFrom, minutesOnly = false }: QueryContext,
  notices: string[],
): Pick<Plan, 'range' | 'segments' | 'roundHours'> {
  const minutes = source.tables.minute !== undefined;
  let widened = widen(range, minutesFrom);
  if (!minutes) {
    const whole = widenToHours(widened);
    if (whole.from !== widened.from || whole.to !== widened.to) {
      notices.push('The range was widened to whole hours, the finest that is kept for this grouping.');
    }
    widened = whole;
  }
  if (needsMinutes(interval) || minutesOnly)
    return { range: widened, segments: [{ level: 'minute', ...widened }], roundHours: false };

  const parts = used.flatMap((name) => findDimension(name)?.ofTime ?? []);
  const zone = zoneWithin(timeZone, widened.from, widened.to);
  if (zone.partHours && (parts.length > 0 || LOCAL.includes(interval))) {
    const exact = minutes && range.from >= minutesFrom;
    if (!exact)
      notices.push(
        `${timeZone} is off UTC by part of an hour: where minutes are not kept, hours count where their middle lies.`,
      );
    const segments = segmentsByMinutes(widened, minutes ? minutesFrom : Infinity);
    return { range: widened, segments, roundHours: !exact };
  }
  const inDays = !parts.includes('hour') && (zone.utc || (parts.length === 0 && interval === 'none'));
  const coarse = interval === 'none' || (LOCAL.includes(interval) && interval !== '6h');
  return { range: widened, segments: segmentsOf(widened, coarse && inDays), roundHours: false };
}

function plannedOrder(
  orderBy: CatalogQuery['orderBy'],
  groupBy: readonly Dimension[],
  interval: Interval,
): OrderBy | undefined {
  if (orderBy === undefined) return undefined;
  const { by, direction = by === 'value' ? 'desc' : 'asc' } = orderBy;
  if (direction !== 'asc' && direction !== 'desc')
    throw invalid(`there is no direction "${direction}"; there are asc, desc`);
  const choices = ['value', ...(interval === 'none' ? [] : ['time']), ...groupBy.map(({ name }) => name)];
  if (!choices.includes(by))
    throw invalid(`this query cannot be ordered by "${by}"; it can be by ${listed(choices)}`);
  return { by: by as OrderBy['by'], direction };
}

function plannedLimit(limit: number | undefined): number | undefined {
  if (limit === undefined) return undefined;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalid(`limit must be a whole number from 1 to ${MAX_LIMIT}`);
}

/** Width of an interval whose buckets are equally long everywhere, in milliseconds. */
export const FIXED_WIDTH: Partial<Record<Interval, number>> = {
  minute: MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  hour: HOUR,
};

/** The shortest length of a bucket, to bound their number before they are counted. */
export const LEAST_WIDTH: Record<Exclude<Interval, 'none'>, number> = {
  minute: MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  hour: HOUR,
  '6h': 5 * HOUR,
  day: DAY - HOUR,
  week: 7 * DAY - HOUR,
  month: 28 * DAY - HOUR,
};
