/** The rollup of freshly marked events, against the bare statements that compute the same rows once. */
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import { createServices } from '../../src/services.js';
import { floorTo, HOUR } from '../../src/time.js';
import type { BenchDatabase } from '../support/database.js';
import type { Bench } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { COLUMNS, copyLine, Traffic } from '../support/traffic.js';

const TENANT = 'bench';
const HOURS = 2;
const SIZE = { quick: { events: 200_000, rounds: 3 }, full: { events: 1_000_000, rounds: 7 } };

/** As anyone would write them for an empty target: no marks, no locks, nothing removed. */
const BARE = [
  `INSERT INTO bare.usage_minutes
   SELECT tenant_id, date_bin('1 minute', occurred_at, 'epoch'), agent_id, metric_type, sum(count), min(occurred_at), max(occurred_at)
   FROM usage_events WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4`,
  `INSERT INTO bare.usage_hours
   SELECT tenant_id, date_bin('1 hour', bucket, 'epoch'), agent_id, metric_type, sum(count), min(first_at), max(last_at)
   FROM bare.usage_minutes WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4`,
  `INSERT INTO bare.analytics_daily_aggregates
   SELECT tenant_id, agent_id, (bucket AT TIME ZONE 'UTC')::date, metric_type, sum(count), min(first_at), max(last_at)
   FROM bare.usage_hours WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4`,
  `INSERT INTO bare.endpoint_minutes
   SELECT tenant_id, bucket, endpoint, status_code, sum(n), sum(n) FILTER (WHERE b IS NOT NULL), sum(d),
          array_agg(b ORDER BY b), array_agg(n ORDER BY b)
   FROM (SELECT tenant_id, date_bin('1 minute', occurred_at, 'epoch') AS bucket, endpoint, status_code,
                duration_bucket(duration_ms) AS b, sum(count)::bigint AS n, sum(duration_ms * count) AS d
         FROM usage_events WHERE tenant_id = $1 AND metric_type = 'api_calls' GROUP BY 1, 2, 3, 4, 5) AS e
   GROUP BY 1, 2, 3, 4`,
  ...(['hours', 'days'] as const).map((level) => {
    const [from, at] =
      level === 'hours'
        ? ['endpoint_minutes', `date_bin('1 hour', bucket, 'epoch')`]
        : ['endpoint_hours', `(bucket AT TIME ZONE 'UTC')::date`];
    return `INSERT INTO bare.endpoint_${level}
     SELECT s.tenant_id, s.at, s.endpoint, s.status_code, s.calls, s.n, s.d, h.b, h.c
     FROM (SELECT tenant_id, ${at} AS at, endpoint, status_code, sum(calls) AS calls, sum(duration_count) AS n, sum(duration_sum) AS d
           FROM bare.${from} WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4) AS s
     JOIN (SELECT at, endpoint, status_code, array_agg(b ORDER BY b) AS b, array_agg(c ORDER BY b) AS c
           FROM (SELECT ${at} AS at, endpoint, status_code, b, sum(c)::bigint AS c
                 FROM bare.${from}, unnest(hist_buckets, hist_counts) AS u (b, c) WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4) AS m
           GROUP BY 1, 2, 3) AS h USING (at, endpoint, status_code)`;
  }),
  `INSERT INTO bare.agent_endpoint_hours
   SELECT tenant_id, date_bin('1 hour', occurred_at, 'epoch'), agent_id, endpoint, status_code, sum(count), sum(count), sum(duration_ms * count)
   FROM usage_events WHERE tenant_id = $1 AND metric_type = 'api_calls' GROUP BY 1, 2, 3, 4, 5`,
  `INSERT INTO bare.agent_endpoint_days
   SELECT tenant_id, (bucket AT TIME ZONE 'UTC')::date, agent_id, endpoint, status_code, sum(calls), sum(duration_count), sum(duration_sum)
   FROM bare.agent_endpoint_hours WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4, 5`,
];

const TABLES = BARE.map((sql) => /bare\.(\w+)/.exec(sql)![1]!);

async function runBare({ pool }: BenchDatabase): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'`);
    for (const sql of BARE) await client.query(sql, [TENANT]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

/** Marks as ingest leaves them: a minute each. */
const MARK = `INSERT INTO dirty_marks (tenant_id, kind, bucket)
  SELECT DISTINCT tenant_id, 'minute', date_trunc('minute', occurred_at) FROM usage_events WHERE tenant_id = $1`;

export const rollup: Bench = {
  name: 'rollup',
  figures: () => [
    {
      title: 'rollup events/s ÷ the bare statements that compute the same rows once',
      target: { atLeast: 0.5 },
    },
  ],
  run: async ({ size, server, progress }) => {
    const { events, rounds } = SIZE[size];
    const to = floorTo(Date.now(), HOUR);
    const from = to - HOURS * HOUR;
    const database = await server.create('bench_rollup', [from, to]);
    const { pool } = database;
    try {
      progress(`copying ${events} events of ${HOURS} hours`);
      await pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
      const traffic = new Traffic(5);
      await database.copy(
        `usage_events (${COLUMNS})`,
        (function* () {
          for (const event of traffic.between(from, to, events)) yield copyLine(TENANT, event);
        })(),
      );
      await pool.query('ANALYZE usage_events; CREATE SCHEMA bare');
      for (const table of TABLES)
        await pool.query(`CREATE TABLE bare.${table} (LIKE ${table} INCLUDING ALL)`);
      const config = loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' });
      const services = createServices({ config, pool, log: silentLog });
      const pairs = await paired(
        async () => {
          await pool.query(
            `TRUNCATE agent_endpoint_computed, agent_totals, agent_totals_other, ${TABLES.join(', ')}`,
          );
          await pool.query(MARK, [TENANT]);
          return timed(() => services.rollup.run());
        },
        async () => {
          await pool.query(`TRUNCATE ${TABLES.map((table) => `bare.${table}`).join(', ')}`);
          return timed(() => runBare(database));
        },
        { rounds, onRound: (done, of) => progress(`round ${done} of ${of}`) },
      );
      for (const table of TABLES) {
        const { rows } = await pool.query<{ same: boolean }>(
          `SELECT (SELECT count(*) FROM ${table}) = (SELECT count(*) FROM bare.${table}) AS same`,
        );
        if (!rows[0]!.same) throw new Error(`the two sides made another number of rows in ${table}`);
      }
      const rate = (ms: number): string => `${Math.round(events / (ms / 1000))} events/s`;
      return [
        {
          // The ratio of times turned round is that of rates.
          value: median(pairs.bare.map((bare, i) => bare / pairs.ours[i]!)),
          measured: `${rate(median(pairs.ours))} ÷ ${rate(median(pairs.bare))}, ${events} events of ${HOURS} hours`,
        },
      ];
    } finally {
      await database.drop();
    }
  },
};
