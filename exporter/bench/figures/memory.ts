/** Resident memory of the exporter while events stream in, and of the command line during a large import. */
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { floorTo, HOUR } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import { bearerOf, exporterEnv, spawnCommand, startExporter } from '../support/exporter.js';
import type { Bench, Context, Result } from '../support/figure.js';
import { inParallel } from '../support/measure.js';
import { memoryFigures, watchMemory } from '../support/memory.js';
import { Traffic, wireBody } from '../support/traffic.js';

const TENANT = 'bench';
const CONNECTIONS = 4;
const A_REQUEST = 1_000;
const SPAN = 24 * HOUR;
const SIZE = { quick: { events: 500_000, lines: 300_000 }, full: { events: 10_000_000, lines: 2_000_000 } };

async function duringIngest({ size, server, progress }: Context): Promise<Result[]> {
  const { events } = SIZE[size];
  const to = floorTo(Date.now(), HOUR);
  const database = await server.create('bench_memory', [to - SPAN, to]);
  const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder });
  const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, CONNECTIONS);
  const traffic = new Traffic(7).between(to - SPAN, to, events);
  const requests = events / A_REQUEST;
  let sent = 0;
  try {
    return await watchMemory(exporter.process.pid!, `${events} events`, () =>
      inParallel(requests, CONNECTIONS, async () => {
        const batch = Array.from({ length: A_REQUEST }, () => traffic.next().value!);
        bodyOf(await client.post('/api/v1/events', wireBody(batch)));
        sent += 1;
        if (sent % 50 === 0) progress(`${sent * A_REQUEST} of ${events} events in`);
      }),
    );
  } finally {
    client.close();
    await exporter.stop();
    await database.drop();
  }
}

async function duringImport({ size, server, progress }: Context): Promise<Result[]> {
  const { lines } = SIZE[size];
  const to = floorTo(Date.now(), HOUR);
  const file = path.join(server.folder, 'events.ndjson');
  progress(`writing ${lines} lines`);
  await pipeline(
    Readable.from(
      (function* () {
        for (const { endpointName: _stored, id: _derived, ...event } of new Traffic(9).between(
          to - SPAN,
          to,
          lines,
        )) {
          yield `${JSON.stringify(event)}\n`;
        }
      })(),
    ),
    createWriteStream(file),
  );
  const database = await server.create('bench_import', [to - SPAN, to]);
  try {
    const child = spawnCommand(['import', 'events', file, '--tenant', TENANT], {
      cwd: server.folder,
      env: exporterEnv(database.url),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1_000)));
    progress(`importing ${lines} lines`);
    return await watchMemory(child.pid!, `${lines} lines`, async () => {
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`the import ended with ${code}: ${said}`);
    });
  } finally {
    rmSync(file, { force: true });
    await database.drop();
  }
}

export const memory: Bench = {
  name: 'memory',
  figures: () => [
    ...memoryFigures('of the exporter while events come in'),
    ...memoryFigures('of a large import'),
  ],
  run: async (context) => [...(await duringIngest(context)), ...(await duringImport(context))],
};
