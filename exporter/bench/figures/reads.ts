/** A 30-day read that no cache answers: flat in raw events, and against the same read by SQL on raw events. */
import { silentLog } from '../../src/db/log.js';
import { loadConfig } from '../../src/config.js';
import { createServices } from '../../src/services.js';
import { DAY, floorTo, formatDate } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import type { BenchDatabase, BenchServer } from '../support/database.js';
import { bearerOf, type Exporter, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { COLUMNS, copyLine, Traffic } from '../support/traffic.js';

const TENANT = 'bench';
const DAYS = 30;
/** Few enough endpoints that also the smaller number of events fills the aggregates. */
const FLEET = { agents: 100, endpoints: 20, users: 50 };
const SIZE = {
  quick: { few: 50_000, many: 500_000, rounds: 15, rawRounds: 3 },
  full: { few: 1_000_000, many: 10_000_000, rounds: 61, rawRounds: 5 },
};

interface Read {
  name: string;
  path: string;
  body?: object;
  /** The same answer from raw events; $1 the tenant, $2 and $3 the range. */
  raw: string;
}

const WHERE = 'WHERE tenant_id = $1 AND occurred_at >= $2 AND occurred_at < $3';

function readsOf(from: number, to: number): Read[] {
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

const MARK = `INSERT INTO dirty_marks (tenant_id, kind, bucket)
  SELECT $1, 'hour', generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour')`;

/** Raw events by COPY, their aggregates by the service's own rollup. */
async function preload(
  server: BenchServer,
  name: string,
  count: number,
  from: number,
  to: number,
  progress: (text: string) => void,
): Promise<BenchDatabase> {
  const instants = Array.from({ length: DAYS + 1 }, (_, i) => from + i * DAY);
  const database = await server.create(name, instants);
  progress(`copying ${count} events`);
  await database.pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
  await database.copy(`usage_events (${COLUMNS})`, lines(from, to, count));
  await database.pool.query('ANALYZE usage_events');
  const { rollup } = createServices({
    config: loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' }),
    pool: database.pool,
    log: silentLog,
    onRollup: ({ rows }) => progress(`aggregating ${count} events: ${rows} rows`),
  });
  await database.pool.query(MARK, [TENANT, new Date(from), new Date(to)]);
  await rollup.run();
  await database.pool.query('VACUUM ANALYZE');
  return database;
}

function* lines(from: number, to: number, count: number): Generator<string> {
  for (const event of new Traffic(3, FLEET).between(from, to, count)) yield copyLine(TENANT, event);
}

export const reads: Bench = {
  name: 'reads',
  figures: [
    { title: 'p50 of an uncached 30-day read, few raw events ÷ ten times as many', target: { atLeast: 0.8 } },
    { title: 'the same read by SQL on raw events ÷ through the API, uncached', target: { atLeast: 50 } },
  ],
  run: async ({ size, server, progress }) => {
    const { few, many, rounds, rawRounds } = SIZE[size];
    const to = floorTo(Date.now(), DAY);
    const from = to - DAYS * DAY;
    const databases: BenchDatabase[] = [];
    const exporters: Exporter[] = [];
    const clients: Client[] = [];
    try {
      const authorization = await bearerOf(TENANT);
      for (const [name, count] of [
        ['bench_few', few],
        ['bench_many', many],
      ] as const) {
        const database = await preload(server, name, count, from, to, progress);
        databases.push(database);
        const env = { CACHE_ENABLED: 'false', ROLLUP_INTERVAL_SECONDS: '3600' };
        const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env });
        exporters.push(exporter);
        clients.push(new Client(exporter.url, { authorization }, 1));
      }
      const ask = async (client: Client, { path, body }: Read): Promise<void> => {
        bodyOf(await (body ? client.post(path, Buffer.from(JSON.stringify(body))) : client.get(path)));
      };
      const flat: { name: string; ratio: number; few: number; many: number }[] = [];
      const against: { name: string; ratio: number; raw: number; api: number }[] = [];
      for (const read of readsOf(from, to)) {
        progress(`${read.name}, ${few} and ${many} events`);
        const pairs = await paired(
          () => timed(() => ask(clients[0]!, read)),
          () => timed(() => ask(clients[1]!, read)),
          { rounds, warmUp: 5 },
        );
        const fewMs = median(pairs.ours);
        const manyMs = median(pairs.bare);
        flat.push({ name: read.name, ratio: fewMs / manyMs, few: fewMs, many: manyMs });
        progress(`${read.name} by SQL on raw events`);
        const rawMs: number[] = [];
        for (let i = 0; i < rawRounds; i += 1) {
          rawMs.push(
            await timed(() => databases[1]!.pool.query(read.raw, [TENANT, new Date(from), new Date(to)])),
          );
        }
        against.push({ name: read.name, ratio: median(rawMs) / manyMs, raw: median(rawMs), api: manyMs });
      }
      const worstFlat = flat.reduce((worst, one) => (one.ratio < worst.ratio ? one : worst));
      const worstAgainst = against.reduce((worst, one) => (one.ratio < worst.ratio ? one : worst));
      const ms = (value: number): string => `${value.toFixed(1)} ms`;
      return [
        {
          value: worstFlat.ratio,
          measured: `the worst of three, ${worstFlat.name}: ${ms(worstFlat.few)} at ${few} events ÷ ${ms(worstFlat.many)} at ${many}`,
        },
        {
          value: worstAgainst.ratio,
          measured: `the worst of three, ${worstAgainst.name}: ${ms(worstAgainst.raw)} ÷ ${ms(worstAgainst.api)} at ${many} events`,
        },
      ];
    } finally {
      for (const client of clients) client.close();
      for (const exporter of exporters) await exporter.stop();
      for (const database of databases) await database.drop();
    }
  },
};
