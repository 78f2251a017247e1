/** How soon an alert fires after facts have arrived, while other tenants send events as fast as they are taken. */
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import { createServices } from '../../src/services.js';
import { MINUTE } from '../../src/time.js';
import { bodyOf, Client } from '../support/client.js';
import type { BenchDatabase } from '../support/database.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { median } from '../support/measure.js';
import { Traffic, wireBody } from '../support/traffic.js';

const LOADED_TENANTS = 8;
const CONNECTIONS = 4;
const EVENTS_A_REQUEST = 1_000;
/** How long before they are sent the events of the load have happened. */
const LOAD_MS = 10_000;
const SIZE = { quick: { seconds: 20, alerts: 8 }, full: { seconds: 60, alerts: 24 } };
const WARM_UP_MS = 5_000;
const POLL_MS = 100;
const GIVE_UP_MS = 120_000;
const THRESHOLD = 10;

export const alertDelay: Bench = {
  name: 'alert-delay',
  figures: () => [
    {
      title: "from facts' acknowledgement to their firing alert while other tenants send at full speed, p95",
      target: { atMost: 15 },
      unit: 's',
    },
  ],
  run: async ({ size, server, progress, profileDir }) => {
    const { seconds, alerts } = SIZE[size];
    const database = await server.create('bench_alert_delay', [Date.now() - 2 * MINUTE]);
    const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, profileDir });
    const ended = new AbortController();
    try {
      const tenants = Array.from({ length: alerts }, (_, i) => `watched-${i}`);
      await makeAlerts(database, tenants);
      progress('the load begins');
      const load = sendAll(exporter.url, ended.signal);
      await delay(WARM_UP_MS);
      const began = performance.now();
      let fired = 0;
      const delays = await Promise.all(
        tenants.map(async (tenant, i) => {
          await delay((i * seconds * 1_000) / alerts);
          const taken = await delayOf(exporter.url, database, tenant);
          progress(`${(fired += 1)} of ${alerts} alerts have fired`);
          return taken;
        }),
      );
      ended.abort();
      const events = await load;
      const took = (performance.now() - began + WARM_UP_MS) / 1_000;
      delays.sort((a, b) => a - b);
      const p95 = delays[Math.ceil(delays.length * 0.95) - 1]!;
      return [
        {
          value: p95,
          measured: `${alerts} alerts: median ${median(delays).toFixed(1)} s, longest ${delays.at(-1)!.toFixed(1)} s, at ${Math.round(events / took / 1_000)}k events/s of ${LOADED_TENANTS} other tenants`,
        },
      ];
    } finally {
      ended.abort();
      await exporter.stop();
      await database.drop();
    }
  },
};

async function makeAlerts({ pool }: BenchDatabase, tenants: readonly string[]): Promise<void> {
  const config = loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' });
  const services = createServices({ config, pool, log: silentLog });
  const author = { subject: 'bench', via: 'command_line', log: silentLog } as const;
  for (const tenant of tenants) {
    await services.alerts.create(
      tenant,
      {
        name: 'Many calls',
        condition: { metric: 'api_calls', operator: 'greater_than', threshold: THRESHOLD, window: '15m' },
      },
      author,
    );
  }
  await services.stop();
}

/** @returns the events that were taken */
async function sendAll(url: string, ended: AbortSignal): Promise<number> {
  const loads = await Promise.all(
    Array.from({ length: LOADED_TENANTS }, async (_, i) => {
      const client = new Client(url, { authorization: await bearerOf(`loaded-${i}`) }, 1);
      return { client, traffic: new Traffic(i + 1) };
    }),
  );
  let events = 0;
  let turn = 0;
  const lane = async (): Promise<void> => {
    while (!ended.aborted) {
      const { client, traffic } = loads[(turn += 1) % LOADED_TENANTS]!;
      const now = Date.now();
      bodyOf(
        await client.post(
          '/api/v1/events',
          wireBody([...traffic.between(now - LOAD_MS, now, EVENTS_A_REQUEST)]),
        ),
      );
      events += EVENTS_A_REQUEST;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  for (const { client } of loads) client.close();
  return events;
}

/** Seconds from the answer to the facts until their alert fires. */
async function delayOf(url: string, { pool }: BenchDatabase, tenant: string): Promise<number> {
  const client = new Client(url, { authorization: await bearerOf(tenant) }, 1);
  const traffic = new Traffic(1, { agents: 1, endpoints: 1, users: 1 });
  // Of a minute that has ended, because only whole minutes are evaluated.
  const at = Date.now() - 2 * MINUTE;
  bodyOf(await client.post('/api/v1/events', wireBody([...traffic.between(at, at + 1, 10 * THRESHOLD)])));
  client.close();
  const arrived = performance.now();
  for (;;) {
    const taken = performance.now() - arrived;
    const { rows } = await pool.query<{ state: string }>(
      'SELECT state FROM alert_rules WHERE tenant_id = $1',
      [tenant],
    );
    if (rows[0]?.state === 'firing') return taken / 1_000;
    if (taken > GIVE_UP_MS) throw new Error(`the alert of ${tenant} has not fired within ${GIVE_UP_MS} ms`);
    await delay(POLL_MS);
  }
}
