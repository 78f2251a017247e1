/** Deletes the minute aggregates that have left their window. Their hours and days stay. */
import type { Pool } from 'pg';
import { AGGREGATES, GROUPS, tableOf } from '../aggregates/index.js';
import { DAY, HOUR, type Retention } from '../time.js';
import { advanceMinutes } from './boundaries.js';

/** Minutes are kept this much longer than their window, so that a running rollup never reads a partial hour. */
const MARGIN = 2 * HOUR;
const BATCH = 20_000;

/** @returns the number of rows deleted */
export async function dropExpiredMinutes(pool: Pool, now: number, retention: Retention): Promise<number> {
  const minutesFrom = await advanceMinutes(pool, now, retention);
  const oldest = new Date(minutesFrom - MARGIN);
  let dropped = 0;
  for (const aggregate of AGGREGATES.filter(({ levels }) => levels.includes('minute'))) {
    const table = tableOf(aggregate, 'minute');
    for (let deleted = BATCH; deleted === BATCH; dropped += deleted) {
      const result = await pool.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE bucket < $1 LIMIT ${BATCH}))`,
        [oldest],
      );
      deleted = result.rowCount ?? 0;
    }
  }
  for (const { facts } of GROUPS) {
    const computed = facts.marks.seldom?.computed;
    if (computed !== undefined)
      await pool.query(`DELETE FROM ${computed} WHERE computed_at < $1`, [new Date(now - DAY)]);
  }
  return dropped;
}
