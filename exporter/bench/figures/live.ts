/** Events through HTTP while many listen to the live figures of their tenants, against the same without listeners. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, bodyOf } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import type { ListenOrder, ListenReport } from '../support/listening.js';
import { inParallel, median, paired, timed } from '../support/measure.js';
import { Traffic, wireBody } from '../support/traffic.js';

const TENANTS = 100;
const LISTENERS_PER_TENANT = 10;
const LISTENERS = TENANTS * LISTENERS_PER_TENANT;
const EVENTS_A_REQUEST = 1_000;
const CONNECTIONS = 4;
/** A round is long enough for several readings of the figures, which are read once a second. */
const SIZE = { quick: { rounds: 4, seconds: 5 }, full: { rounds: 11, seconds: 8 } };

export const live: Bench = {
  name: 'live',
  figures: () => [
    {
      title: `events/s through HTTP while ${LISTENERS.toLocaleString('en-US')} listen to the live figures of ${TENANTS} tenants ÷ without listeners`,
      target: { atLeast: 0.95 },
    },
  ],
  run: async ({ size, server, profileDir, progress }) => {
    const { rounds, seconds } = SIZE[size];
    const database = await server.create('bench_live');
    const exporter = await startExporter({
      databaseUrl: database.url,
      folder: server.folder,
      profileDir,
      // The rollup has a figure of its own.
      env: { ROLLUP_INTERVAL_SECONDS: '3600' },
    });
    const listening = fork(fileURLToPath(new URL('../support/listening.ts', import.meta.url)));
    const clients: Client[] = [];
    try {
      const bearers = await Promise.all(Array.from({ length: TENANTS }, (_, i) => bearerOf(`bench-${i}`)));
      // A connection each, so that no tenant waits for another one's.
      clients.push(...bearers.map((authorization) => new Client(exporter.url, { authorization }, 1)));
      const traffic = new Traffic(1);
      const now = Date.now();
      const bodies = clients.map(() =>
        wireBody([...traffic.between(now - 10 * 60_000, now, EVENTS_A_REQUEST)], { ids: false }),
      );
      /** Events/s of all tenants in turn. */
      const send = async (): Promise<number> => {
        await database.pool.query('TRUNCATE usage_events, dirty_marks');
        await database.pool.query('CHECKPOINT');
        const end = performance.now() + seconds * 1_000;
        let requests = 0;
        const ms = await timed(() =>
          inParallel(CONNECTIONS, CONNECTIONS, async () => {
            while (performance.now() < end) {
              const tenant = requests++ % TENANTS;
              bodyOf(await clients[tenant]!.post('/api/v1/events', bodies[tenant]!));
            }
          }),
        );
        return (requests * EVENTS_A_REQUEST * 1_000) / ms;
      };
      const authorizations = bearers.flatMap((bearer) => Array<string>(LISTENERS_PER_TENANT).fill(bearer));
      const heard: number[] = [];
      const listenedTo = async (): Promise<number> => {
        await order(listening, { url: exporter.url, authorizations });
        const rate = await send();
        heard.push((await order(listening, 'report')).events / LISTENERS / seconds);
        await order(listening, 'close');
        return rate;
      };
      const pairs = await paired(listenedTo, send, {
        rounds,
        onRound: (done, of) => progress(`round ${done} of ${of}`),
      });
      const thousands = (values: number[]): string => `${Math.round(median(values) / 1_000)}k`;
      const events = median(heard).toFixed(2);
      return [
        {
          value: pairs.ratio,
          measured: `${thousands(pairs.ours)} ÷ ${thousands(pairs.bare)} events/s; each listener had ${events} events/s`,
        },
      ];
    } finally {
      listening.disconnect();
      for (const client of clients) client.close();
      await exporter.stop();
      await database.drop();
    }
  },
};

async function order(listening: ChildProcess, what: ListenOrder): Promise<ListenReport> {
  const answered = once(listening, 'message', { signal: AbortSignal.timeout(60_000) });
  listening.send(what);
  return ((await answered) as [ListenReport])[0];
}
