/** A 30-day read that no cache answers: flat in raw events, and against the same read by SQL on raw events. */
import { DAY, floorTo, formatDate } from '../../src/time.js';
import { bodyOf } from '../support/client.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { markHours, release, rollupOf, serve, type Side } from '../support/side.js';
import { type BenchEvent, COLUMNS, copyLine, Traffic } from '../support/traffic.js';

const TENANT = 'bench';
const DAYS = 30;
/** Requests of each read before those that count. */
const WARM_UP = 20;
/** So many agents and endpoints that the smaller number of events fills the aggregates too. */
const SIZE = {
  quick: { few: 100_000, many: 1_000_000, agents: 10, rounds: 31, rawRounds: 3 },
  full: { few: 1_000_000, many: 10_000_000, agents: 50, rounds: 101, rawRounds: 5 },
};
const millions = (count: number): string => `${count / 1_000_000}M`;

interface Range {
  from: number;
  to: number;
}

interface Read {
  name: string;
  path: string;
  body?: object;
  /** The same answer from raw events; $1 the tenant, $2 and $3 the range. */
  raw: string;
}

const WHERE = 'WHERE tenant_id = $1 AND occurred_at >= $2 AND occurred_at < $3';

function readsOf({ from, to }: Range): Read[] {
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const period = `from=${formatDate(from)}&to=${formatDate(to - DAY)}`;
  return [
    {
      name: 'usage-summary',
      path: `/api/v1/analytics/usage-summary?${period}`,
      raw: `SELECT date, metric_type, sum(count) FROM usage_events ${WHERE} GROUP BY 1, 2`,
    },
    {
      name: 'token-trends',
      path: `/api/v1/analytics/token-trends?${period}`,
      raw: `SELECT date, sum(count), count(DISTINCT agent_id) FROM usage_events ${WHERE}
            AND metric_type IN ('token_issuances', 'token_failures') GROUP BY 1`,
    },
    {
      name: 'query by agent and day',
      path: '/api/v1/analytics/query',
      body: { range, queries: [{ refId: 'A', metric: 'api_calls', groupBy: ['agent'], interval: 'day' }] },
      raw: `SELECT date, agent_id, sum(count) FROM usage_events ${WHERE} AND metric_type = 'api_calls' GROUP BY 1, 2`,
    },
  ];
}

/** Raw events by COPY, their aggregates by the service's own rollup, and the service over them. */
async function prepare(context: Context, count: number, { from, to }: Range): Promise<Side> {
  const { server, size, progress } = context;
  const days = Array.from({ length: DAYS }, (_, i) => from + i * DAY);
  const database = await server.create(`bench_reads_${count}`, days);
  const { pool } = database;
  progress(`copying ${millions(count)} events`);
  await pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
  const traffic = new Traffic(3, { agents: SIZE[size].agents, endpoints: 20, users: 50 });
  await database.copy(`usage_events (${COLUMNS})`, linesOf(traffic.between(from, to, count)));
  await pool.query('ANALYZE usage_events');
  const rollup = rollupOf(pool, (rows) => progress(`aggregating ${millions(count)} events: ${rows} rows`));
  await markHours(pool, TENANT, 'hour', { from, to });
  await rollup.run();
  return serve(context, database, TENANT);
}

function* linesOf(events: Iterable<BenchEvent>): Generator<string> {
  for (const event of events) yield copyLine(TENANT, event);
}

/** Milliseconds, medians. */
interface Times {
  name: string;
  few: number;
  many: number;
  raw: number;
}

async function measure(
  read: Read,
  few: Side,
  many: Side,
  { from, to }: Range,
  { size, progress }: Context,
): Promise<Times> {
  const ask = ({ client }: Side): Promise<number> =>
    timed(async () => {
      const { path, body } = read;
      bodyOf(await (body ? client.post(path, Buffer.from(JSON.stringify(body))) : client.get(path)));
    });
  progress(`${read.name} through the API`);
  const { rounds, rawRounds } = SIZE[size];
  const pairs = await paired(
    () => ask(few),
    () => ask(many),
    { rounds, warmUp: WARM_UP },
  );
  const raw: number[] = [];
  while (raw.length < rawRounds) {
    progress(`${read.name} by SQL on raw events, ${raw.length + 1} of ${rawRounds}`);
    const values = [TENANT, new Date(from), new Date(to)];
    raw.push(await timed(() => many.database.pool.query(read.raw, values)));
  }
  return { name: read.name, few: median(pairs.ours), many: median(pairs.bare), raw: median(raw) };
}

/** The worst of the reads is the figure; all of them are told. */
function worst(all: readonly Times[], over: 'few' | 'raw'): Result {
  const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
  return {
    value: Math.min(...all.map((times) => times[over] / times.many)),
    measured: `the worst of ${all.map((times) => `${times.name} ${ms(times[over])} ÷ ${ms(times.many)}`).join(', ')}`,
  };
}

export const reads: Bench = {
  name: 'reads',
  figures: (size) => {
    const { few, many } = SIZE[size];
    return [
      {
        title: `p50 of an uncached 30-day read at ${millions(few)} raw events ÷ at ${millions(many)}`,
        target: { atLeast: 0.8 },
      },
      {
        title: `the same read by SQL on raw events at ${millions(many)} ÷ through the API, uncached`,
        // Reading raw events takes as long as there are many, reading aggregates does not.
        target: { atLeast: (50 * many) / SIZE.full.many },
      },
    ];
  },
  run: async (context) => {
    const { few, many } = SIZE[context.size];
    const to = floorTo(Date.now(), DAY);
    const range = { from: to - DAYS * DAY, to };
    const sides: Side[] = [];
    try {
      for (const count of [few, many]) sides.push(await prepare(context, count, range));
      const times: Times[] = [];
      for (const read of readsOf(range)) {
        times.push(await measure(read, sides[0]!, sides[1]!, range, context));
      }
      return [worst(times, 'few'), worst(times, 'raw')];
    } finally {
      for (const side of sides) await release(side);
    }
  },
};
