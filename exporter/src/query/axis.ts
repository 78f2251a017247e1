/** The starts of all buckets of a range, so that gaps can be filled. */
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { DAY, floorTo, formatTime, HOUR, nextMonth, startOfMonth, startOfWeek } from '../time.js';
import { FIXED_WIDTH, LEAST_WIDTH, MAX_CELLS, type Plan } from './plan.js';
import { firstReading, zoneWithin } from './zone.js';

type Axis = Pick<Plan, 'interval' | 'range' | 'timeZone'>;

export function tooManyCells(): AppError {
  return new AppError(
    'VALIDATION_ERROR',
    `the answer would have more than ${MAX_CELLS} cells; take a wider interval, a shorter range or a limit`,
  );
}

/**
 * Milliseconds, ascending; empty for the interval `none`.
 * @throws AppError VALIDATION_ERROR beyond MAX_CELLS buckets
 */
export async function bucketStarts(pool: ReadPool, { interval, range, timeZone }: Axis): Promise<number[]> {
  if (interval === 'none') return [];
  if ((range.to - range.from) / LEAST_WIDTH[interval] > MAX_CELLS + 1) throw tooManyCells();
  const fixed = FIXED_WIDTH[interval];
  const utc = fixed !== undefined || zoneWithin(timeZone, range.from, range.to).utc;
  const starts = utc
    ? utcStarts({ interval, range, timeZone }, fixed)
    : await localStarts(pool, { interval, range, timeZone });
  if (starts.length > MAX_CELLS) throw tooManyCells();
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
