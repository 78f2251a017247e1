/** The starts of all buckets of a range, so that gaps can be filled. */
import type { ReadPool } from '../db/read-shares.js';
import { type Interval, INTERVALS } from '../catalog/index.js';
import type { AppError } from '../errors.js';
import { DAY, floorTo, formatTime, HOUR, nextMonth, startOfMonth, startOfWeek } from '../time.js';
import { MAX_CELLS, tooManyCells } from './budget.js';
import { FIXED_WIDTH, LEAST_WIDTH, type Plan } from './plan.js';
import type { Range } from './segments.js';
import { firstReading, zoneWithin } from './zone.js';

type Axis = Pick<Plan, 'interval' | 'range' | 'timeZone'>;

/** The most buckets that the range may have. */
const mostBuckets = (interval: Exclude<Interval, 'none'>, range: Range): number =>
  Math.ceil((range.to - range.from) / LEAST_WIDTH[interval]) + 1;

/** A local bucket may be longer than the shortest one by this: a 6h bucket of 7 hours, a month of 31 days. */
const LONGEST = 1.5;

/** The fewest buckets that the range may have, without a look at the time zone. */
export const fewestBuckets = ({ interval, range }: Axis): number =>
  interval === 'none' ? 1 : Math.floor((range.to - range.from) / LEAST_WIDTH[interval] / LONGEST);

/** @param groups number of groups, each of which has every bucket */
export function tooManyBuckets({ interval, range }: Axis, groups = 1): AppError {
  const wider = INTERVALS.slice(INTERVALS.indexOf(interval) + 1).find(
    (each) => each !== 'none' && mostBuckets(each, range) * groups <= MAX_CELLS,
  );
  const such = wider === undefined ? '' : ` such as ${wider}`;
  return tooManyCells(`take a wider interval${such}, a shorter range or a limit`);
}

/**
 * Milliseconds, ascending; empty for the interval `none`.
 * @throws AppError TOO_LARGE beyond MAX_CELLS buckets
 */
export async function bucketStarts(pool: ReadPool, axis: Axis): Promise<number[]> {
  const { interval, range, timeZone } = axis;
  if (interval === 'none') return [];
  if ((range.to - range.from) / LEAST_WIDTH[interval] > MAX_CELLS + 1) throw tooManyBuckets(axis);
  const fixed = FIXED_WIDTH[interval];
  const utc = fixed !== undefined || zoneWithin(timeZone, range.from, range.to).utc;
  const starts = utc ? utcStarts(axis, fixed) : await localStarts(pool, axis);
  if (starts.length > MAX_CELLS) throw tooManyBuckets(axis);
  return starts;
}

function utcStarts({ interval, range }: Axis, fixed: number | undefined): number[] {
  const starts: number[] = [];
  const first =
    interval === 'week'
      ? startOfWeek(range.from)
      : interval === 'month'
        ? startOfMonth(range.from)
        : floorTo(range.from, stepOf(interval, fixed));
  for (
    let at = first;
    at < range.to;
    at = interval === 'month' ? nextMonth(at) : at + stepOf(interval, fixed)
  ) {
    starts.push(at);
  }
  return starts;
}

function stepOf(interval: Plan['interval'], fixed: number | undefined): number {
  if (fixed !== undefined) return fixed;
  return interval === '6h' ? 6 * HOUR : interval === 'week' ? 7 * DAY : DAY;
}

async function localStarts(pool: ReadPool, { interval, range, timeZone }: Axis): Promise<number[]> {
  const [unit, step] = interval === '6h' ? ['day', '6 hours'] : [interval, `1 ${interval}`];
  const { rows } = await pool.query<{ at: number }>(
    `SELECT DISTINCT (extract(epoch FROM local AT TIME ZONE $1) * 1000)::float8 AS at
     FROM generate_series(date_trunc($4, $2::timestamptz AT TIME ZONE $1),
                          ($3::timestamptz - interval '1 millisecond') AT TIME ZONE $1, $5::interval) AS local
     WHERE (local + $5::interval) AT TIME ZONE $1 > $2::timestamptz
     ORDER BY 1`,
    [timeZone, formatTime(range.from), formatTime(range.to), unit, step],
  );
  return rows.map((row) => firstReading(timeZone, row.at));
}
