/** Exports of many rows: the exporter's memory does not follow their number. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FORMAT_NAMES, type FormatName } from '../../src/exports/formats.js';
import { DAY, floorTo } from '../../src/time.js';
import { Client } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { memoryFigures, watchMemory } from '../support/memory.js';

const TENANT = 'bench';
const ROWS = { quick: 200_000, full: 1_000_000 };
const POLL_MS = 100;
const PATH = '/api/v1/analytics/export';
/** CSV stands for the formats of text. */
const MEASURED = FORMAT_NAMES.filter((name) => name === 'csv' || name === 'parquet');

interface Job {
  id: string;
  status: string;
  rows: number;
  bytes: number;
  error: string | null;
}

async function made(client: Client, format: FormatName): Promise<Job> {
  const body = Buffer.from(JSON.stringify({ datasets: ['executions'], period: '7d', format }));
  let job = JSON.parse((await client.post(PATH, body)).body.toString()) as Job;
  while (job.status !== 'done') {
    if (job.status === 'failed') throw new Error(`the export failed: ${job.error}`);
    await delay(POLL_MS);
    job = JSON.parse((await client.get(`${PATH}/${job.id}`)).body.toString()) as Job;
  }
  return job;
}

async function run({ size, server, progress }: Context): Promise<Result[]> {
  const rows = ROWS[size];
  const from = floorTo(Date.now(), DAY) - 5 * DAY;
  const database = await server.create('bench_exports', [from, from + 5 * DAY]);
  const folder = mkdtempSync(path.join(server.folder, 'exports-'));
  progress(`storing ${rows} executions`);
  await database.pool.query(
    `INSERT INTO executions (tenant_id, id, agent_id, user_id, session_id, provider, model_name, status, started_at,
       execution_time_ms, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source,
       query_preview, tags, steps, own_tokens, header_digest)
     SELECT $1, gen_random_uuid(), 'agent-' || i % 50, 'user-' || i % 1000, 'session-' || i / 7, 'openai', 'gpt-4o', 'success',
       $2::timestamptz + i * (interval '5 days' / $3::int), i % 5000, i % 4000, i % 700, 0, 0, 0, i % 900 * 0.000123, 'computed',
       'what was asked, number ' || i, '{}', 0, true, gen_random_uuid()
     FROM generate_series(0, $3::int - 1) AS i`,
    [TENANT, new Date(from), rows],
  );
  const exporter = await startExporter({
    ...{ databaseUrl: database.url, folder: server.folder, env: { DATA_DIR: folder } },
  });
  const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, 1);
  try {
    const results: Result[] = [];
    for (const format of MEASURED) {
      progress(`exporting ${rows} executions as ${format}`);
      results.push(
        ...(await watchMemory(exporter.process.pid!, `${rows} rows as ${format}`, async () => {
          const job = await made(client, format);
          if (job.rows !== rows) throw new Error(`${job.rows} of ${rows} rows were exported`);
        })),
      );
    }
    return results;
  } finally {
    client.close();
    await exporter.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const exportFiles: Bench = {
  name: 'exports',
  figures: () =>
    MEASURED.flatMap((format) =>
      memoryFigures(
        `of the exporter while it makes an export as ${format}`,
        format === 'parquet' ? 600 : 300,
      ),
    ),
  run,
};
