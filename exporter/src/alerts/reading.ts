/** How the window of an alert is read: from minutes or from whole hours, and what it is compared with. */
import { LRUCache } from 'lru-cache';
import { sourceFor } from '../aggregates/index.js';
import { isStored, type Metric } from '../catalog/index.js';
import { AppError } from '../errors.js';
import { planQuery, type Plan } from '../query/plan.js';
import type { Range } from '../query/segments.js';
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import { parseDuration } from './duration.js';
import type { Condition } from './rule.js';

const MIN_WINDOW = MINUTE;
const MAX_WINDOW = 30 * DAY;
const WEEK = 7 * DAY;
/** Characters of the conditions whose readings are kept. */
const MAX_KEPT_CHARACTERS = 4_000_000;

export interface Reading {
  metric: Metric;
  /** The same for conditions that read the same of a range. */
  subject: string;
  /** Milliseconds. */
  window: number;
  /** How far back the period lies that it is compared with. */
  back: number | undefined;
  /** A window ends at a multiple of this. */
  step: number;
  /** Whether only an aggregate of minutes has these dimensions together. */
  minutesOnly: boolean;
  /** Kinds of marks whose rollup may change what is read. */
  marks: readonly string[];
}

export interface Kept {
  minuteRetentionHours: number;
}

/** @throws AppError VALIDATION_ERROR that says which window would be right */
export function readingOf(condition: Condition, { minuteRetentionHours }: Kept): Reading {
  const window = parseDuration(condition.window);
  if (window < MIN_WINDOW || window > MAX_WINDOW)
    throw invalid(`field condition.window must be from 1m to 30d, not "${condition.window}"`);
  const { metric, groupBy, filters, source } = anyPlanOf(condition);
  const dimensions = [
    ...groupBy.map(({ name }) => name),
    ...filters.map(({ dimension }) => dimension),
  ].filter(isStored);
  const back = condition.compare === undefined ? undefined : condition.compare === 'previous' ? window : WEEK;
  const hours = sourceFor(metric, dimensions, 'hour');
  const minutes = sourceFor(metric, dimensions, 'minute');
  const kept = minuteRetentionHours * HOUR;
  const { minute, hour } = (hours ?? source).from.marks;
  const subject = JSON.stringify([metric.name, condition.group_by, condition.filters]);
  const reading = { metric, subject, window, back, marks: minute === undefined ? [hour] : [minute, hour] };
  if (minutes !== undefined && window + (back ?? 0) <= kept) {
    return { ...reading, step: MINUTE, minutesOnly: hours?.tables.minute === undefined };
  }
  if (hours === undefined) {
    throw invalid(
      `field condition.window "${condition.window}" is too long: these dimensions together are kept by the minute only, for ${minuteRetentionHours} hours`,
    );
  }
  if (window % HOUR !== 0) {
    const by = dimensions.length === 0 ? '' : ` by ${[...new Set(dimensions)].join(', ')}`;
    const compared = back === undefined ? '' : ' of what it is compared with';
    const why =
      minutes === undefined
        ? `${metric.name}${by} is kept by the hour`
        : `minutes${compared} are kept for ${minuteRetentionHours} hours`;
    throw invalid(
      `field condition.window "${condition.window}" is too fine: ${why}; take whole hours such as ${Math.ceil(window / HOUR)}h`,
    );
  }
  // Compared periods have the same length, so both consist of whole hours.
  const exact = back !== undefined || hours.tables.minute === undefined;
  return { ...reading, step: exact ? HOUR : MINUTE, minutesOnly: false };
}

/** Readings of conditions, kept: those of a tenant's alerts are the same every minute. */
export class Readings {
  private readonly known = new LRUCache<string, Reading>({
    maxSize: MAX_KEPT_CHARACTERS,
    sizeCalculation: (_reading, key) => key.length,
  });

  constructor(private readonly kept: Kept) {}

  /** @throws AppError VALIDATION_ERROR that says which window would be right */
  of(condition: Condition): Reading {
    const key = JSON.stringify(condition);
    let reading = this.known.get(key);
    if (reading === undefined) this.known.set(key, (reading = readingOf(condition, this.kept)));
    return reading;
  }
}

/** The window that ends with the last whole minute, or hour, before `to`. */
export function windowOf({ window, step }: Reading, to: number): Range {
  const end = floorTo(to, step);
  return { from: end - window, to: end };
}

/** @throws AppError VALIDATION_ERROR for what the catalog does not have */
export function planOf(
  { metric, group_by: groupBy, filters }: Condition,
  tenantId: string,
  range: Range,
  minutesFrom: number,
  minutesOnly = false,
): Plan {
  return planQuery(
    { refId: 'alert', metric, groupBy, filters },
    { tenantId, range, timeZone: 'UTC', minutesFrom, now: range.to, minutesOnly },
  );
}

/** From minutes where hours do not have the dimensions together. */
function anyPlanOf(condition: Condition): Plan {
  const range = { from: 0, to: HOUR };
  try {
    return planOf(condition, '', range, 0, true);
  } catch {
    return planOf(condition, '', range, 0);
  }
}

export const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);
