/** Reservations of one budget by many callers at once: stated, there is nothing to hold it against. */
import { DAY, floorTo } from '../../src/time.js';
import { Client } from '../support/client.js';
import { bearerOf, startExporter } from '../support/exporter.js';
import type { Bench } from '../support/figure.js';
import { inParallel, median, timed } from '../support/measure.js';

const TENANT = 'bench';
const CALLERS = 50;
const SIZE = { quick: { rounds: 3, calls: 1_000 }, full: { rounds: 5, calls: 5_000 } };

export const reservations: Bench = {
  name: 'reservations',
  figures: () => [{ title: `reservations/s on one budget, ${CALLERS} callers`, target: null, unit: '/s' }],
  run: async ({ size, server, progress }) => {
    const { rounds, calls } = SIZE[size];
    const database = await server.create('bench_reservations', [floorTo(Date.now(), DAY)]);
    const exporter = await startExporter({ databaseUrl: database.url, folder: server.folder });
    const client = new Client(exporter.url, { authorization: await bearerOf(TENANT) }, CALLERS);
    try {
      await database.pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro')`, [TENANT]);
      await database.pool.query(
        `INSERT INTO budgets (tenant_id, id, scope, threshold_usd, period_days, alert_type, alert_at_percentage, is_active,
           email_notification, recipients)
         VALUES ($1, gen_random_uuid(), 'global', 1e9, 30, 'hard_stop', 80, true, false, '{}')`,
        [TENANT],
      );
      const body = Buffer.from(JSON.stringify({ estimated_cost_usd: 0.01 }));
      const rates: number[] = [];
      while (rates.length < rounds) {
        progress(`round ${rates.length + 1} of ${rounds}`);
        const ms = await timed(() =>
          inParallel(calls, CALLERS, async () => {
            const { status } = await client.post('/api/v1/analytics/budgets/reservations', body);
            if (status !== 201) throw new Error(`a reservation was answered with ${status}`);
          }),
        );
        rates.push(calls / (ms / 1000));
      }
      return [{ value: median(rates), measured: `the median of ${rounds} rounds of ${calls} calls` }];
    } finally {
      client.close();
      await exporter.stop();
      await database.drop();
    }
  },
};
