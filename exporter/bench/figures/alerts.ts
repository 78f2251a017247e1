/** What the evaluation of alerts costs: 1,000 rules of 100 tenants, all of which send facts all the time. */
import { readFile } from 'node:fs/promises';
import { ALERT_TEMPLATES } from '../../src/alerts/templates.js';
import type { NewAlert } from '../../src/alerts/settings.js';
import { loadConfig } from '../../src/config.js';
import { silentLog } from '../../src/db/log.js';
import { createServices } from '../../src/services.js';
import { floorTo, HOUR, MINUTE } from '../../src/time.js';
import type { BenchDatabase } from '../support/database.js';
import type { Bench } from '../support/figure.js';
import { COLUMNS, copyLine, Traffic } from '../support/traffic.js';

const TENANTS = 100;
const HOURS = 2;
const EVENTS_PER_TENANT = 2_000;
const EXECUTIONS_PER_TENANT = 100;

const ROLLUPS_PER_MINUTE = 6;
const MINUTES = { quick: 2, full: 10 };
/** Of /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;

/** With the seven templates, ten a tenant. */
const MORE: readonly NewAlert[] = [
  {
    name: 'API error rate',
    condition: { metric: 'api_error_rate', operator: 'greater_than', threshold: 5, window: '5m' },
  },
  {
    name: 'API error rate, critical',
    condition: { metric: 'api_error_rate', operator: 'greater_than', threshold: 20, window: '5m' },
    severity: 'critical',
  },
  {
    name: 'Fewer calls than before',
    condition: {
      metric: 'api_calls',
      operator: 'less_than',
      threshold: -50,
      window: '15m',
      compare: 'previous',
    },
  },
];

export const alerts: Bench = {
  name: 'alerts',
  figures: () => [
    {
      title: 'evaluating 1,000 alerts of 100 tenants: CPU of the service and PostgreSQL, of one core',
      target: { atMost: 5 },
      unit: '%',
    },
  ],
  run: async ({ size, server, progress }) => {
    let now = Date.now();
    const end = floorTo(now, MINUTE);
    const database = await server.create('bench_alerts', [end - HOURS * HOUR, end]);
    const { pool } = database;
    try {
      const config = loadConfig({ AUTH_JWT_SECRET: 'no token is verified by these services' });
      const services = createServices({ config, pool, log: silentLog, now: () => now });
      const tenants = Array.from({ length: TENANTS }, (_, i) => `tenant-${i}`);
      const author = { subject: 'bench', via: 'command_line', log: silentLog } as const;
      for (const [i, tenant] of tenants.entries()) {
        progress(`tenant ${i + 1} of ${TENANTS}`);
        await services.registry.register(tenant, []);
        await sendFacts(database, services, tenant, i, end);
        for (const { alert } of ALERT_TEMPLATES) await services.alerts.create(tenant, alert, author);
        for (const alert of MORE) await services.alerts.create(tenant, alert, author);
      }
      await pool.query(
        'INSERT INTO dirty_marks (tenant_id, kind, bucket) SELECT DISTINCT tenant_id, $1, date_trunc($1, occurred_at) FROM usage_events',
        ['minute'],
      );
      progress('rolling up');
      await services.rollup.run();
      await pool.query('ANALYZE');
      // The first evaluation finds what fires, and its instances are new.
      await services.alertWatch.evaluateAll();
      const minutes = MINUTES[size];
      let evaluated = 0;
      const before = await cpuSeconds(database);
      for (let minute = 0; minute < minutes; minute += 1) {
        for (let i = 0; i < ROLLUPS_PER_MINUTE; i += 1) {
          progress(`rollup ${minute * ROLLUPS_PER_MINUTE + i + 1} of ${minutes * ROLLUPS_PER_MINUTE}`);
          now += MINUTE / ROLLUPS_PER_MINUTE;
          // Executions that began in an earlier minute end with every rollup, so that nothing may be skipped.
          for (const tenant of tenants) services.alertWatch.rolledUp(tenant, ['execution']);
          evaluated += await services.alertWatch.evaluateAll();
        }
      }
      const after = await cpuSeconds(database);
      const [service, postgres] = [after.service - before.service, after.postgres - before.postgres];
      const seconds = service + postgres;
      const share = (100 * seconds) / (minutes * 60);
      const each = (1_000 * seconds) / Math.max(1, evaluated);
      await services.stop();
      return [
        {
          value: share,
          measured: `${service.toFixed(1)} + ${postgres.toFixed(1)} s of CPU for ${minutes} minutes with ${ROLLUPS_PER_MINUTE} rollups each: ${evaluated} evaluations, ${each.toFixed(2)} ms each`,
        },
      ];
    } finally {
      await database.drop();
    }
  },
};

async function sendFacts(
  { copy }: BenchDatabase,
  { executions }: ReturnType<typeof createServices>,
  tenant: string,
  seed: number,
  end: number,
): Promise<void> {
  const traffic = new Traffic(seed, { agents: 20, endpoints: 20, users: 20 });
  await copy(
    `usage_events (${COLUMNS})`,
    (function* () {
      for (const event of traffic.between(end - HOURS * HOUR, end, EVENTS_PER_TENANT))
        yield copyLine(tenant, event);
    })(),
  );
  const width = (HOURS * HOUR) / EXECUTIONS_PER_TENANT;
  const { rejected } = await executions.executions(
    tenant,
    Array.from({ length: EXECUTIONS_PER_TENANT }, (_, i) => ({
      id: `00000000-0000-4000-8000-${String(seed * EXECUTIONS_PER_TENANT + i).padStart(12, '0')}`,
      agent_id: `agent-${i % 20}`,
      status: i % 7 === 0 ? 'failure' : 'success',
      started_at: new Date(end - HOURS * HOUR + i * width).toISOString(),
      execution_time_ms: 1_000 + i,
      cost_usd: 0.01,
    })),
  );
  if (rejected.length > 0) throw new Error(rejected[0]!.message);
}

/** Of this process and of all processes of PostgreSQL that its statistics name. */
async function cpuSeconds({ pool }: BenchDatabase): Promise<{ service: number; postgres: number }> {
  const { user, system } = process.cpuUsage();
  const { rows } = await pool.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  const ticks = await Promise.all(rows.map(({ pid }) => ticksOf(pid)));
  return {
    service: (user + system) / 1e6,
    postgres: ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND,
  };
}

/** A process that has just ended has none. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
