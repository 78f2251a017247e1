/** Reads of executions: the overview at two sizes, percentiles against exact ones, far pages of the list, the export. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import { createServices } from '../../src/services.js';
import { DAY, floorTo } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import type { BenchDatabase } from '../support/database.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';
import { memoryFigures, watchMemory } from '../support/memory.js';
import { runsBetween } from '../support/runs.js';

const TENANT = 'bench';
const DAYS = 30;
const PAGE = 50;
const SIZE = {
  quick: { few: 10_000, many: 100_000, reads: 31 },
  full: { few: 100_000, many: 1_000_000, reads: 101 },
};

/** Executions by COPY, without steps and usages, which no figure here reads; their aggregates by the service's own rollup. */
async function prepare({ server, size, progress }: Context, count: number, from: number, to: number) {
  const database = await server.create(`bench_overview_${count}`);
  const { pool } = database;
  await pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
  progress(`copying ${count} executions`);
  const columns =
    'tenant_id, id, agent_id, user_id, provider, model_name, status, started_at, execution_time_ms, input_tokens, ' +
    'output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, tags, steps, ' +
    'own_tokens, header_digest';
  await database.copy(
    `executions (${columns})`,
    (function* () {
      for (const run of runsBetween({ seed: 11 }, from, to, count)) {
        const cost = ((run.input * 2.5 + run.output * 10) / 1e6).toFixed(8);
        yield `${[
          ...[TENANT, run.id, run.agent, run.user, 'openai', run.model, run.status],
          ...[
            new Date(run.startedAt).toISOString(),
            run.durationMs,
            run.input,
            run.output,
            0,
            0,
            0,
            cost,
            'computed',
          ],
          ...['{}', 3, 't', run.id],
        ].join('\t')}\n`;
      }
    })(),
  );
  await pool.query('ANALYZE executions');
  const services = createServices({
    config: loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' }),
    pool,
    log: silentLog,
  });
  await pool.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT $1, 'execution', generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour')`,
    [TENANT, new Date(from), new Date(to)],
  );
  progress(`aggregating ${count} executions`);
  await services.rollup.run();
  await pool.query('VACUUM ANALYZE');
  const env = { CACHE_ENABLED: 'false', ROLLUP_INTERVAL_SECONDS: '3600' };
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env });
  const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, 1);
  await nightlyDone(database);
  return { size, count, database, exporter, client };
}

async function nightlyDone({ pool }: BenchDatabase): Promise<void> {
  const done = `SELECT FROM job_runs WHERE job = 'nightly' AND finished_at IS NOT NULL`;
  while ((await pool.query(done)).rowCount === 0) await delay(200);
}

type Side = Awaited<ReturnType<typeof prepare>>;

/** The worst of every agent and model, and of all together, against the sorted durations themselves. */
async function percentileError({ database, client }: Side, from: number, to: number): Promise<Result> {
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const groupings = [[], ['agent'], ['model'], ['agent', 'model', 'executionStatus']];
  let worst = 0;
  let groups = 0;
  for (const groupBy of groupings) {
    for (const p of [50, 95, 99]) {
      const query = { refId: 'A', metric: `execution_duration_p${p}_ms`, groupBy };
      const body = Buffer.from(JSON.stringify({ range, queries: [query] }));
      const { results } = JSON.parse(
        bodyOf(await client.post('/api/v1/analytics/query', body)).toString(),
      ) as {
        results: { A: { columns: { name: string; values: (string | number)[] }[] } };
      };
      const { columns } = results.A;
      const values = columns.find(({ name }) => name === 'value')!.values as number[];
      const keys = ['agent_id', 'model_name', 'status'].filter((_, i) =>
        groupBy.includes(['agent', 'model', 'executionStatus'][i]!),
      );
      const list = keys.map((key) => `${key}, `).join('');
      const { rows } = await database.pool.query<Record<string, string | number>>(
        `SELECT ${list}percentile_disc(${p / 100}) WITHIN GROUP (ORDER BY execution_time_ms) AS exact FROM executions
         WHERE tenant_id = $1 AND started_at >= $2 AND started_at < $3
         ${keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')}`}`,
        [TENANT, range.from, range.to],
      );
      const exact = new Map(rows.map((row) => [keys.map((key) => row[key]).join(' '), Number(row.exact)]));
      values.forEach((value, i) => {
        const key = groupBy
          .map((name) => columns.find((column) => column.name === name)!.values[i])
          .join(' ');
        worst = Math.max(worst, Math.abs(value / exact.get(key)! - 1) * 100);
        groups += 1;
      });
    }
  }
  return { value: worst, measured: `the worst of ${groups} percentiles of lognormal durations` };
}

/** Pages at the end and in the middle against the first. */
async function farPages({ client, count }: Side): Promise<Result[]> {
  const page = (query: string) => async (): Promise<{ next_cursor: string | null }> =>
    JSON.parse(
      bodyOf(await client.get(`/api/v1/analytics/executions?page_size=${PAGE}&${query}`)).toString(),
    ) as { next_cursor: string | null };
  const first = page('page=1');
  const { next_cursor } = await page(`page=${count / PAGE / 2}`)();
  const against = async (query: string): Promise<Result> => {
    const pairs = await paired(
      () => timed(page(query)),
      () => timed(first),
      { rounds: 21, warmUp: 2 },
    );
    return {
      value: median(pairs.ours) / median(pairs.bare),
      measured: `${ms(pairs.ours)} ÷ ${ms(pairs.bare)}`,
    };
  };
  const last = await against(`page=${count / PAGE}`);
  const byCursor = await against(`cursor=${encodeURIComponent(next_cursor!)}`);
  const byNumber = await against(`page=${count / PAGE / 2}`);
  return [
    last,
    { ...byCursor, measured: `${byCursor.measured}; the same page by its number ${byNumber.measured}` },
  ];
}

/** Memory of the exporter while one client takes all executions. */
async function exported({ client, exporter, count }: Side): Promise<Result[]> {
  return watchMemory(exporter.process.pid!, `${count} executions as CSV`, async () => {
    let lines = 0;
    await client.stream('/api/v1/analytics/export?period=90d', (part) => {
      for (const byte of part) if (byte === 10) lines += 1;
    });
    if (lines !== count + 1) throw new Error(`${lines} lines were exported`);
  });
}

const ms = (values: number[]): string => `${median(values).toFixed(1)} ms`;

export const executions: Bench = {
  name: 'executions',
  figures: (size) => {
    const { few, many } = SIZE[size];
    const thousands = (count: number): string => (count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`);
    const list = `\`GET /executions\` at ${thousands(many)}: p50 of`;
    return [
      {
        title: `p50 of \`GET /overview\` uncached at ${thousands(few)} executions ÷ at ${thousands(many)}`,
        target: { atLeast: 0.8 },
      },
      { title: 'percentile error against exact, worst of all groups', target: { atMost: 2 }, unit: '%' },
      { title: `${list} the last page ÷ of the first`, target: { atMost: 3 } },
      { title: `${list} a page in the middle by \`cursor\` ÷ of the first`, target: { atMost: 3 } },
      ...memoryFigures(`of the exporter while ${thousands(many)} executions are exported`),
    ];
  },
  run: async (context) => {
    const { few, many, reads } = SIZE[context.size];
    const to = floorTo(Date.now(), DAY) + DAY;
    const from = to - DAYS * DAY;
    const until = floorTo(Date.now(), 3_600_000);
    const sides: Side[] = [];
    try {
      for (const count of [few, many]) sides.push(await prepare(context, count, from, until));
      const [small, large] = sides as [Side, Side];
      const overview = (side: Side) => (): Promise<number> =>
        timed(async () => bodyOf(await side.client.get('/api/v1/analytics/overview?period=30d')));
      context.progress('GET /overview');
      const pairs = await paired(overview(small), overview(large), { rounds: reads, warmUp: 10 });
      context.progress('percentiles');
      const error = await percentileError(large, from, to);
      context.progress('GET /executions');
      const pages = await farPages(large);
      context.progress('GET /export');
      return [
        {
          value: median(pairs.ours) / median(pairs.bare),
          measured: `${ms(pairs.ours)} ÷ ${ms(pairs.bare)}, 30 days`,
        },
        error,
        ...pages,
        ...(await exported(large)),
      ];
    } finally {
      for (const { client, exporter, database } of sides) {
        client.close();
        await exporter.stop();
        await database.drop();
      }
    }
  },
};
