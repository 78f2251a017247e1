/** Executions through HTTP against bare inserts of the same rows; the overview at two sizes; percentiles against exact ones. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import { createServices } from '../../src/services.js';
import { DAY, floorTo } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import type { BenchDatabase } from '../support/database.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { inParallel, median, paired, timed } from '../support/measure.js';
import { runsBetween, STEPS, USAGES, wireRun } from '../support/runs.js';

const TENANT = 'bench';
const A_REQUEST = 100;
const CONNECTIONS = 4;
const DAYS = 30;
const SIZE = {
  quick: { rounds: 3, requests: 30, few: 10_000, many: 100_000, reads: 31 },
  full: { rounds: 9, requests: 60, few: 100_000, many: 1_000_000, reads: 101 },
};
const TABLES = ['executions', 'execution_steps', 'token_usages'] as const;

/** Columns that are not generated, and so can be written again as they are. */
async function columnsOf(pool: pg.Pool, table: string): Promise<{ name: string; type: string }[]> {
  const { rows } = await pool.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
  return rows;
}

/** The rows that a request has left, as the parameters of one bare statement a table. */
interface BareBatch {
  statements: { text: string; values: unknown[] }[];
}

async function bareBatches(pool: pg.Pool, requests: number): Promise<BareBatch[]> {
  const batches: BareBatch[] = Array.from({ length: requests }, () => ({ statements: [] }));
  for (const table of TABLES) {
    const columns = await columnsOf(pool, table);
    const id = table === 'executions' ? 'id' : 'execution_id';
    // Arrays of arrays have to be rectangular: tags travel as text.
    const selected = columns
      .map(({ name, type }) => (type.endsWith('[]') ? `${name}::text` : name))
      .join(', ');
    const { rows } = await pool.query<Record<string, unknown>>(
      `SELECT ntile(${requests}) OVER (ORDER BY ${id}) AS batch, ${selected} FROM ${table} ORDER BY ${id}`,
    );
    const names = columns.map(({ name }) => name);
    const casts = columns.map(({ name, type }) => (type.endsWith('[]') ? `${name}::${type}` : name));
    const arrays = columns.map(({ type }, i) => `$${i + 1}::${type.endsWith('[]') ? 'text' : type}[]`);
    const text = `INSERT INTO ${table} (${names.join(', ')}) SELECT ${casts.join(', ')}
      FROM unnest(${arrays.join(', ')}) AS sent (${names.join(', ')})`;
    for (let batch = 0; batch < requests; batch += 1) {
      const mine = rows.filter((row) => row.batch === batch + 1);
      batches[batch]!.statements.push({ text, values: names.map((name) => mine.map((row) => row[name])) });
    }
  }
  return batches;
}

async function ingest({ size, server, profileDir, progress }: Context): Promise<Result> {
  const { rounds, requests } = SIZE[size];
  const database = await server.create('bench_executions');
  const { pool } = database;
  const env = { ROLLUP_INTERVAL_SECONDS: '3600' };
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env, profileDir });
  const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, CONNECTIONS);
  const connections: pg.Client[] = [];
  while (connections.length < CONNECTIONS) connections.push(await database.connect());
  const now = Date.now();
  const runs = [...runsBetween({ seed: 5 }, now - 3_600_000, now - 60_000, requests * A_REQUEST)];
  const bodies = Array.from({ length: requests }, (_, i) =>
    Buffer.from(JSON.stringify({ executions: runs.slice(i * A_REQUEST, (i + 1) * A_REQUEST).map(wireRun) })),
  );
  const empty = async (): Promise<void> => {
    await pool.query(`TRUNCATE ${TABLES.join(', ')}, dirty_marks`);
    await pool.query('CHECKPOINT');
  };
  const stored = async (milliseconds: number): Promise<number> => {
    const { rows } = await pool.query<{ executions: number; steps: number; usages: number }>(
      `SELECT (SELECT count(*) FROM executions) AS executions, (SELECT count(*) FROM execution_steps) AS steps,
              (SELECT count(*) FROM token_usages) AS usages`,
    );
    const { executions, steps, usages } = rows[0]!;
    if (executions !== runs.length || steps !== STEPS * runs.length || usages !== USAGES * runs.length) {
      throw new Error(`${executions} executions, ${steps} steps and ${usages} usages were stored`);
    }
    return executions / (milliseconds / 1000);
  };
  const throughHttp = async (): Promise<number> => {
    await empty();
    return stored(
      await timed(() =>
        inParallel(requests, CONNECTIONS, async (i) => {
          bodyOf(await client.post('/api/v1/executions', bodies[i]!));
        }),
      ),
    );
  };
  try {
    await throughHttp();
    const batches = await bareBatches(pool, requests);
    const bare = async (): Promise<number> => {
      await empty();
      return stored(
        await timed(() =>
          inParallel(requests, CONNECTIONS, async (i, lane) => {
            const connection = connections[lane]!;
            await connection.query('BEGIN');
            for (const { text, values } of batches[i]!.statements) await connection.query(text, values);
            await connection.query('COMMIT');
          }),
        ),
      );
    };
    const pairs = await paired(throughHttp, bare, {
      rounds,
      warmUp: 1,
      onRound: (done, of) => progress(`round ${done} of ${of}`),
    });
    const each = (values: number[]): string => Math.round(median(values)).toLocaleString('en');
    return { value: pairs.ratio, measured: `${each(pairs.ours)} ÷ ${each(pairs.bare)} executions/s` };
  } finally {
    client.close();
    for (const connection of connections) await connection.end();
    await exporter.stop();
    await database.drop();
  }
}

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

export const executions: Bench = {
  name: 'executions',
  figures: (size) => {
    const { few, many } = SIZE[size];
    const thousands = (count: number): string => (count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`);
    return [
      {
        title: 'executions/s in (3 steps, 2 usages each, 100 a request) ÷ bare inserts of the same rows',
        target: { atLeast: 0.6 },
      },
      {
        title: `p50 of \`GET /overview\` uncached at ${thousands(few)} executions ÷ at ${thousands(many)}`,
        target: { atLeast: 0.8 },
      },
      { title: 'percentile error against exact, worst of all groups', target: { atMost: 2 }, unit: '%' },
      {
        title: `\`GET /executions\` at ${thousands(many)}: p50 of the last page ÷ of the first`,
        target: { atMost: 3 },
      },
    ];
  },
  run: async (context) => {
    const first = await ingest(context);
    const { few, many, reads } = SIZE[context.size];
    const to = floorTo(Date.now(), DAY) + DAY;
    const from = to - DAYS * DAY;
    const until = floorTo(Date.now(), 3_600_000);
    const sides: Side[] = [];
    try {
      for (const count of [few, many]) sides.push(await prepare(context, count, from, until));
      const ms = (values: number[]): string => `${median(values).toFixed(1)} ms`;
      const read = (side: Side, path: string) => (): Promise<number> =>
        timed(async () => bodyOf(await side.client.get(`/api/v1/analytics/${path}`)));
      context.progress('GET /overview');
      const overview = 'overview?period=30d';
      const pairs = await paired(read(sides[0]!, overview), read(sides[1]!, overview), {
        rounds: reads,
        warmUp: 10,
      });
      context.progress('percentiles');
      const error = await percentileError(sides[1]!, from, to);
      context.progress('GET /executions');
      const list = 'executions?page_size=50&page=';
      const ends = await paired(read(sides[1]!, `${list}${many / 50}`), read(sides[1]!, `${list}1`), {
        rounds: 11,
        warmUp: 2,
      });
      const middle = median(await times(11, read(sides[1]!, `${list}${many / 100}`)));
      return [
        first,
        {
          value: median(pairs.ours) / median(pairs.bare),
          measured: `${ms(pairs.ours)} ÷ ${ms(pairs.bare)}, 30 days`,
        },
        error,
        {
          value: median(ends.ours) / median(ends.bare),
          measured: `${ms(ends.ours)} ÷ ${ms(ends.bare)}; a page in the middle by its number ${middle.toFixed(1)} ms`,
        },
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

async function times(count: number, measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) all.push(await measure());
  return all;
}
