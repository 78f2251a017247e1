/** How much a rollup has left to do. */
import type { Pool } from 'pg';
import { SELDOM_MARKS } from './marks.js';

/** What `Rollup.run` will take: marked buckets, their hours for the finest projection, and marked sessions. */
export async function pendingBuckets(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ buckets: number }>(
    `WITH marks AS (SELECT DISTINCT tenant_id, kind, bucket FROM dirty_marks)
     SELECT (SELECT count(*) FROM marks WHERE kind <> ALL ($1::text[]))
          + (SELECT count(DISTINCT (tenant_id, date_trunc('hour', bucket))) FROM marks)
          + (SELECT count(DISTINCT (tenant_id, bucket, session_id)) FROM session_marks) AS buckets`,
    [SELDOM_MARKS],
  );
  return rows[0]?.buckets ?? 0;
}
