/** Resident memory of the exporter while events stream in, and of the command line during a large import. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { floorTo, HOUR } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import { bearerOf, BIN, exporterEnv, residentBytes, startExporter } from '../support/exporter.js';
import type { Bench, Context } from '../support/figure.js';
import { inParallel, median } from '../support/measure.js';
import { Traffic, wireBody } from '../support/traffic.js';

const TENANT = 'bench';
const CONNECTIONS = 4;
const A_REQUEST = 1_000;
const SPAN = 24 * HOUR;
const SAMPLE_MS = 500;
const MB = 1024 * 1024;
const SIZE = { quick: { events: 300_000, lines: 200_000 }, full: { events: 10_000_000, lines: 2_000_000 } };

/** The most that a process holds while `work` runs, and whether it grows: its last quarter against its second. */
async function watch(pid: number, work: () => Promise<unknown>): Promise<{ peak: number; growth: number }> {
  const samples: number[] = [];
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => bytes !== undefined && bytes > 0 && samples.push(bytes));
  }, SAMPLE_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const growth = median(samples.slice(-quarter)) / median(samples.slice(quarter, 2 * quarter + 1));
  return { peak: Math.max(...samples) / MB, growth };
}

const described = (count: number, what: string, growth: number): string =>
  `peak while ${count} ${what}; last quarter ÷ second quarter of the time: ${growth.toFixed(2)}`;

async function duringIngest({
  size,
  server,
  progress,
}: Context): Promise<{ value: number; measured: string }> {
  const { events } = SIZE[size];
  const to = floorTo(Date.now(), HOUR);
  const database = await server.create('bench_memory', [to - SPAN, to]);
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder });
  const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, CONNECTIONS);
  const traffic = new Traffic(7).between(to - SPAN, to, events);
  const requests = events / A_REQUEST;
  let sent = 0;
  try {
    const { peak, growth } = await watch(exporter.process.pid!, () =>
      inParallel(requests, CONNECTIONS, async () => {
        const batch = Array.from({ length: A_REQUEST }, () => traffic.next().value!);
        bodyOf(await client.post('/api/v1/events', wireBody(batch)));
        sent += 1;
        if (sent % 50 === 0) progress(`${sent * A_REQUEST} of ${events} events in`);
      }),
    );
    return { value: peak, measured: described(events, 'events come in', growth) };
  } finally {
    client.close();
    await exporter.stop();
    await database.drop();
  }
}

async function duringImport({
  size,
  server,
  progress,
}: Context): Promise<{ value: number; measured: string }> {
  const { lines } = SIZE[size];
  const to = floorTo(Date.now(), HOUR);
  const file = path.join(server.folder, 'events.ndjson');
  progress(`writing ${lines} lines`);
  await pipeline(
    Readable.from(
      (function* () {
        for (const { endpointName: _stored, ...event } of new Traffic(9).between(to - SPAN, to, lines)) {
          yield `${JSON.stringify(event)}\n`;
        }
      })(),
    ),
    createWriteStream(file),
  );
  const database = await server.create('bench_import', [to - SPAN, to]);
  try {
    const child = spawn(process.execPath, [BIN, 'import', 'events', file, '--tenant', TENANT], {
      env: exporterEnv(database.url),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    progress(`importing ${lines} lines`);
    const { peak, growth } = await watch(child.pid!, async () => {
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`the import ended with ${code}`);
    });
    return { value: peak, measured: described(lines, 'lines are imported', growth) };
  } finally {
    await database.drop();
  }
}

export const memory: Bench = {
  name: 'memory',
  figures: [
    { title: 'memory of the exporter while events come in', target: { atMost: 300 }, unit: 'MB' },
    { title: 'memory of a large import', target: { atMost: 300 }, unit: 'MB' },
  ],
  run: async (context) => [await duringIngest(context), await duringImport(context)],
};
