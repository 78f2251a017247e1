/** Executions through HTTP against bare inserts of the same rows. */
import type pg from 'pg';
import { bodyOf, Client } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { inParallel, median, paired, timed } from '../support/measure.js';
import { runsBetween, STEPS, USAGES, wireRun } from '../support/runs.js';

const TENANT = 'bench';
const A_REQUEST = 100;
const CONNECTIONS = 8;
const SIZE = { quick: { rounds: 3, requests: 30 }, full: { rounds: 9, requests: 200 } };
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
      warmUp: 3,
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

export const executionsIn: Bench = {
  name: 'executions-in',
  figures: () => [
    {
      title: `executions/s in (${STEPS} steps, ${USAGES} usages each, ${A_REQUEST} a request) ÷ bare inserts of the same rows`,
      target: { atLeast: 0.6 },
    },
  ],
  run: async (context) => [await ingest(context)],
};
