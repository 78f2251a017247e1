/** Events through HTTP against the bare statement that stores the same rows. */
import type pg from 'pg';
import { Client, bodyOf } from '../support/client.js';
import type { Bench, Context } from '../support/figure.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import { inParallel, median, paired, timed } from '../support/measure.js';
import { COLUMNS, columnArrays, Traffic, wireBody, type BenchEvent } from '../support/traffic.js';

const EVENTS_A_REQUEST = 1_000;
const CONNECTIONS = 4;
const SIZE = { quick: { rounds: 4, requests: 80 }, full: { rounds: 11, requests: 200 } };
const TENANT = 'bench';

const BARE_INSERT = `
  INSERT INTO usage_events (${COLUMNS})
  SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[],
                       $8::smallint[], $9::float8[], $10::text[])`;

export const ingest: Bench = {
  name: 'ingest',
  figures: () => [
    {
      title: 'events/s through HTTP ÷ bare `INSERT … SELECT FROM unnest`',
      target: { atLeast: 0.7 },
    },
  ],
  run: async (context: Context) => {
    const { rounds, requests } = SIZE[context.size];
    const database = await context.server.create('bench_ingest');
    const exporter = await startExporter({
      databaseUrl: database.url,
      folder: context.server.folder,
      profileDir: context.profileDir,
      // The rollup has a figure of its own.
      env: { ROLLUP_INTERVAL_SECONDS: '3600' },
    });
    const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, CONNECTIONS);
    const connections: pg.Client[] = [];
    while (connections.length < CONNECTIONS) connections.push(await database.connect());
    const { pool } = database;
    try {
      const traffic = new Traffic(1);
      let batches: BenchEvent[][] = [];
      const empty = async (): Promise<void> => {
        await pool.query('TRUNCATE usage_events, dirty_marks');
        await pool.query('CHECKPOINT');
      };
      /** Both sides of a round store the same rows. */
      const takeBatches = (): BenchEvent[][] => {
        const last = batches;
        batches = [];
        if (last.length > 0) return last;
        const now = Date.now();
        const events = [...traffic.between(now - 10 * 60_000, now, requests * EVENTS_A_REQUEST)];
        for (let i = 0; i < requests; i += 1) {
          batches.push(events.slice(i * EVENTS_A_REQUEST, (i + 1) * EVENTS_A_REQUEST));
        }
        return batches;
      };
      const stored = async (milliseconds: number): Promise<number> => {
        const { rows } = await pool.query<{ count: number }>('SELECT count(*) FROM usage_events');
        const wanted = requests * EVENTS_A_REQUEST;
        if (rows[0]!.count !== wanted) throw new Error(`${rows[0]!.count} rows were stored, not ${wanted}`);
        return wanted / (milliseconds / 1000);
      };
      const throughHttp = async (): Promise<number> => {
        const bodies = takeBatches().map((batch) => wireBody(batch));
        await empty();
        return stored(
          await timed(() =>
            inParallel(requests, CONNECTIONS, async (i) => {
              bodyOf(await client.post('/api/v1/events', bodies[i]!));
            }),
          ),
        );
      };
      const bare = async (): Promise<number> => {
        const values = takeBatches().map((batch) => columnArrays(TENANT, batch));
        await empty();
        return stored(
          await timed(() =>
            inParallel(requests, CONNECTIONS, async (i, lane) => {
              await connections[lane]!.query(BARE_INSERT, values[i]);
            }),
          ),
        );
      };
      const pairs = await paired(throughHttp, bare, {
        rounds,
        warmUp: 2,
        onRound: (done, of) => context.progress(`round ${done} of ${of}`),
      });
      const thousands = (values: number[]): string => `${Math.round(median(values) / 1000)}k`;
      return [
        {
          value: pairs.ratio,
          measured: `${thousands(pairs.ours)} ÷ ${thousands(pairs.bare)} events/s`,
        },
      ];
    } finally {
      client.close();
      for (const connection of connections) await connection.end();
      await exporter.stop();
      await database.drop();
    }
  },
};
