/** A scrape of all tenants' business metrics, against prom-client rendering as many series. */
import { Gauge, Registry } from 'prom-client';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf, Client } from '../support/client.js';
import { METRICS_TOKEN, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { median, paired, timed } from '../support/measure.js';

const TENANTS = 71;
const AGENTS = 20;
const SIZE = { quick: { rounds: 5 }, full: { rounds: 21 } };

const FILL = [
  `INSERT INTO tenants (id, tier) SELECT 'tenant-' || t, 'pro' FROM generate_series(1, ${TENANTS}) t`,
  `INSERT INTO agents (tenant_id, id, metrics_named, first_seen_at, last_seen_at, last_rotated_at)
   SELECT 'tenant-' || t, 'agent-' || a, true, now() - interval '1 day', now(), now()
   FROM generate_series(1, ${TENANTS}) t, generate_series(1, ${AGENTS}) a`,
  `INSERT INTO agent_totals (tenant_id, agent_id, metric_type, count, count_as_other)
   SELECT 'tenant-' || t, 'agent-' || a, m, t * a, 0
   FROM generate_series(1, ${TENANTS}) t, generate_series(1, ${AGENTS}) a,
        unnest(ARRAY['api_calls', 'api_errors', 'token_issuances', 'token_failures', 'credential_rotations']) m`,
];

/** A registry of prom-client with the same series: its `metrics()` renders them, all else has been done before. */
function registryOf(text: string): Registry {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  for (const match of text.matchAll(/^(\w+)\{tenant="([^"]*)"(?:,agent="([^"]*)")?\} (\S+)$/gm)) {
    const [, name = '', tenant = '', agent, value] = match;
    const labels: Record<string, string> = agent === undefined ? { tenant } : { tenant, agent };
    let gauge = gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({ name, help: name, labelNames: Object.keys(labels), registers: [registry] });
      gauges.set(name, gauge);
    }
    gauge.set(labels, Number(value));
  }
  return registry;
}

const seriesIn = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

export const scrape: Bench = {
  name: 'scrape',
  figures: () => [
    { title: '/metrics/tenants with 10,000 series ÷ prom-client rendering them', target: { atMost: 1.5 } },
  ],
  run: async ({ size, server, progress }) => {
    const database = await server.create('bench_scrape');
    for (const sql of FILL) await database.pool.query(sql);
    // A snapshot a second, so that each scrape finds one that it has to render.
    const env = { ROLLUP_INTERVAL_SECONDS: '1' };
    const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder, env });
    const client = new Client(exporter.url, { authorization: `Bearer ${METRICS_TOKEN}` }, 1);
    try {
      await delay(2_000);
      const text = bodyOf(await client.get('/metrics/tenants')).toString();
      const registry = registryOf(text);
      const series = seriesIn(text);
      if (seriesIn(await registry.metrics()) !== series) throw new Error('the two sides have other series');
      const pairs = await paired(
        async () => {
          await delay(1_200);
          return timed(async () => bodyOf(await client.get('/metrics/tenants')));
        },
        () => timed(() => registry.metrics()),
        { rounds: SIZE[size].rounds, warmUp: 3, onRound: (done, of) => progress(`round ${done} of ${of}`) },
      );
      return [
        {
          value: pairs.ratio,
          measured: `${median(pairs.ours).toFixed(1)} ms over HTTP, of a new snapshot each time ÷ ${median(pairs.bare).toFixed(1)} ms in process, ${series} series`,
        },
      ];
    } finally {
      client.close();
      await exporter.stop();
      await database.drop();
    }
  },
};
