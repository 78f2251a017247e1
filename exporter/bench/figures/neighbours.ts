/** A tenant's small reads while another tenant attacks, against the same reads in calm moments of the same run. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Orders } from '../support/attacking.js';
import { ATTACKS } from '../support/attacks.js';
import { Client } from '../support/client.js';
import { bearerOf, residentBytes, startExporter } from '../support/exporter.js';
import type { Bench, Result } from '../support/figure.js';
import { median, timed } from '../support/measure.js';

const READ = '/api/v1/analytics/tokens';
const PAUSE_MS = 20;
const SECONDS = { quick: 4, full: 60 };
/** Below it, a read is fast whatever the ratio. */
const FAST_MS = 100;
const MOST = 3;
const MB = 1024 * 1024;

export const neighbours: Bench = {
  name: 'neighbours',
  document: 'reliability',
  figures: () =>
    ATTACKS.map(({ name }) => ({
      title: `${name}: p99 of a neighbour's reads ÷ the calm one`,
      target: { atMost: MOST },
    })),
  run: async ({ size, server, progress, profileDir }) => {
    const database = await server.create('bench_neighbours', [Date.now(), Date.now() - 86_400_000]);
    // Without rate limits and cache, so that the attacks go on and every read asks the database.
    const env = { CACHE_ENABLED: 'false' };
    const exporter = await startExporter({
      databaseUrl: database.url,
      folder: server.folder,
      env,
      profileDir,
    });
    const results: Result[] = [];
    const seconds = SECONDS[size];
    try {
      for (const [i, kind] of ATTACKS.entries()) {
        progress(kind.name);
        const client = new Client(exporter.url, { authorization: await bearerOf(`victim-${i}`) }, 1);
        const tenant = `attacker-${i}`;
        const attacking = fork(fileURLToPath(new URL('../support/attacking.ts', import.meta.url)));
        const orders: Orders = {
          ...{ name: kind.name, url: exporter.url, tenant, databaseUrl: database.url },
          authorization: await bearerOf(tenant),
        };
        attacking.send(orders);
        await once(attacking, 'message');
        await readsFor(client, 1);
        const calm = await readsFor(client, seconds);
        attacking.send('begin');
        const attacked = await readsFor(client, seconds);
        const bytes = await residentBytes(exporter.process.pid!);
        attacking.send('end');
        const [{ statuses }] = (await once(attacking, 'message')) as [{ statuses: [number, number][] }];
        attacking.disconnect();
        client.close();
        results.push(resultOf(calm, attacked, new Map(statuses), bytes ?? 0));
        // What the attack has left is no part of the next calm.
        await delay(1_000);
      }
      return results;
    } finally {
      await exporter.stop();
      await database.drop();
    }
  },
};

interface Reads {
  milliseconds: number[];
  refused: number;
}

async function readsFor(client: Client, seconds: number): Promise<Reads> {
  const reads: Reads = { milliseconds: [], refused: 0 };
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    let status = 0;
    const ms = await timed(async () => ({ status } = await client.get(READ)));
    if (status === 200) reads.milliseconds.push(ms);
    else reads.refused += 1;
    await delay(PAUSE_MS);
  }
  return reads;
}

const p99 = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!;

function resultOf(
  calm: Reads,
  attacked: Reads,
  statuses: ReadonlyMap<number, number>,
  bytes: number,
): Result {
  const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  const both = (of: (values: readonly number[]) => number): string =>
    `${ms(of(attacked.milliseconds))} ÷ ${ms(of(calm.milliseconds))} ms`;
  const answers = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status === 0 ? 'broken off' : status}: ${count}`);
  const reads = attacked.milliseconds.length + attacked.refused;
  if (attacked.milliseconds.length === 0)
    return { value: undefined, measured: `all ${reads} reads were refused` };
  const after = answers.length === 0 ? 'none' : answers.join(', ');
  return {
    value: p99(attacked.milliseconds) / Math.max(p99(calm.milliseconds), FAST_MS / MOST),
    measured: `median ${both(median)}, p99 ${both(p99)}, ${attacked.refused} of ${reads} refused, ${Math.round(bytes / MB)} MB; answers to the attack: ${after}`,
  };
}
