/** Uncached reads of sessions over 30 days: nearly as fast with 1M sessions as with 100k. */
import { DAY, floorTo, formatDate } from '../../src/time.js';
import { bodyOf } from '../support/client.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { markHours, release, rollupOf, serve, type Side } from '../support/side.js';
import { compareSample, insertSessions } from '../support/sessions.js';

const TENANT = 'bench';
const DAYS = 30;
/** Requests of each read before those that count. */
const WARM_UP = 5;
const SIZE = {
  quick: { few: 20_000, many: 200_000, rounds: 15, sample: 500 },
  full: { few: 100_000, many: 1_000_000, rounds: 31, sample: 2_000 },
};
/** What a read may take on a machine that does nothing else, milliseconds. */
const MAX_MS = 300;

interface Read {
  name: string;
  path: string;
  /** Whether it reads aggregates alone, so that the number of sessions hardly tells. */
  isFlat: boolean;
}

const READS: readonly Read[] = [
  { name: 'metrics', path: 'sessions/metrics?', isFlat: true },
  { name: 'flows', path: 'sessions/flows?', isFlat: true },
  { name: 'flows of agents', path: 'sessions/flows?of=agents&', isFlat: true },
  { name: 'drop-off', path: 'sessions/dropoff?', isFlat: true },
  { name: 'metrics of an agent', path: 'sessions/metrics?agent_id=agent-3&', isFlat: true },
  { name: 'flows of an agent', path: 'sessions/flows?agent_id=agent-3&', isFlat: true },
  { name: 'drop-off of an agent', path: 'sessions/dropoff?agent_id=agent-3&', isFlat: true },
  { name: 'funnel', path: 'sessions/funnel?steps=tool-2-1,tool-5-2,tool-1-b0&', isFlat: false },
  {
    name: 'funnel of an agent',
    path: 'sessions/funnel?agent_id=agent-3&steps=tool-2-1,tool-5-2&',
    isFlat: false,
  },
  { name: 'list', path: 'sessions?', isFlat: false },
  { name: 'list of active ones', path: 'sessions?status=active&', isFlat: false },
  { name: 'list of an agent', path: 'sessions?agent_id=agent-3&', isFlat: false },
];

/** Sessions as rows, their aggregates by the service's own rollup, and the service over them. */
async function prepare(
  context: Context,
  count: number,
  { from, to }: { from: number; to: number },
): Promise<Side> {
  const { server, size, progress } = context;
  const database = await server.create(`bench_sessions_${count}`);
  const { pool } = database;
  await pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
  progress(`inserting ${count} sessions`);
  await insertSessions(pool, { tenant: TENANT, count, from, to });
  await pool.query('ANALYZE');
  const rollup = rollupOf(pool, (rows) => progress(`aggregating ${count} sessions: ${rows} rows`));
  await markHours(pool, TENANT, 'session', { from, to });
  await compareSample(pool, TENANT, SIZE[size].sample, () => rollup.run());
  await pool.query('DROP TABLE bench_made');
  return serve(context, database, TENANT);
}

interface Times {
  read: Read;
  /** Milliseconds, medians. */
  few: number;
  many: number;
}

const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const told = (all: readonly Times[]): string =>
  all.map(({ read, few, many }) => `${read.name} ${ms(few)} ÷ ${ms(many)}`).join(', ');

const thousands = (count: number): string => (count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`);

export const sessions: Bench = {
  name: 'sessions',
  figures: (size) => {
    const { few, many } = SIZE[size];
    return [
      {
        title: `p50 of uncached metrics, flows and drop-off of 30 days at ${thousands(few)} sessions ÷ at ${thousands(many)}`,
        target: { atLeast: 0.5 },
      },
      {
        title: `p50 of the slowest read of sessions at ${thousands(many)} ÷ ${MAX_MS} ms`,
        target: { atMost: 1 },
      },
    ];
  },
  run: async (context): Promise<Result[]> => {
    const { few, many, rounds } = SIZE[context.size];
    // The nightly job makes yesterday's sessions anew, of executions that are not there.
    const to = floorTo(Date.now(), DAY) - 2 * DAY;
    const range = { from: to - DAYS * DAY, to };
    const sides: Side[] = [];
    try {
      for (const count of [few, many]) sides.push(await prepare(context, count, range));
      const [small, large] = sides as [Side, Side];
      const period = `start_date=${formatDate(range.from)}&end_date=${formatDate(range.to - DAY)}`;
      const times: Times[] = [];
      for (const read of READS) {
        context.progress(`${read.name} through the API`);
        const ask = ({ client }: Side): Promise<number> =>
          timed(async () => bodyOf(await client.get(`/api/v1/analytics/${read.path}${period}`)));
        const pairs = await paired(
          () => ask(small),
          () => ask(large),
          { rounds, warmUp: WARM_UP },
        );
        times.push({ read, few: median(pairs.ours), many: median(pairs.bare) });
      }
      const flat = times.filter(({ read }) => read.isFlat);
      const others = times.filter(({ read }) => !read.isFlat);
      return [
        {
          value: Math.min(...flat.map(({ few, many }) => few / many)),
          measured: `the worst of ${told(flat)}`,
        },
        {
          value: Math.max(...times.map(({ many }) => many)) / MAX_MS,
          measured: `the slowest of these and of ${told(others)}`,
        },
      ];
    } finally {
      for (const side of sides) await release(side);
    }
  },
};
