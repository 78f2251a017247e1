/** `seed`: writes the demo's data; a repeated run only adds the time since the last one. */
import { Command } from 'commander';
import { seedAlerts } from '../demo/alerts.js';
import { seedBudgets } from '../demo/budgets.js';
import { seedReport } from '../demo/reports.js';
import { type DemoTenant, demoTenants } from '../demo/fleet.js';
import { DEFAULT_DAYS, seed, seedRange } from '../demo/seed.js';
import { setUp } from '../demo/setup.js';
import { messageOf } from '../errors.js';
import { setTenant } from '../tenants/tenants.js';
import { HOUR, rawStart } from '../time.js';
import { tenantId, wholeNumber } from './options.js';
import { counted, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

export function seedCommand(): Command {
  return new Command('seed')
    .description('generate 90 days of traffic for a demo tenant and a second tenant')
    .option('--tenant <id>', 'id of the demo tenant', tenantId, 'demo')
    .option('--days <n>', 'days of past traffic to generate', days, DEFAULT_DAYS)
    .addHelpText(
      'after',
      '\nExample:\n  agentidp-analytics seed --tenant demo --days 30\n\nA repeated run only adds the traffic since the last one.',
    )
    .action(async (options: { tenant: string; days: number }) => {
      await withSession(async (session) => {
        const { accepted, rows } = await seedAll(session, demoTenants(options.tenant), options.days);
        process.stdout.write(
          `${counted(accepted, 'new event')}, ${counted(rows, 'aggregate row')} written.\n`,
        );
      });
    });
}

export const days = wholeNumber(1, 3650);

interface Seeded {
  /** New events. */
  accepted: number;
  /** Aggregate rows written. */
  rows: number;
  /** Events up to this time have been written; milliseconds. */
  until: number;
}

/** Writes the tenants' traffic up to now and rolls it up. */
export async function seedAll(
  session: Session,
  tenants: readonly DemoTenant[],
  span: number,
): Promise<Seeded> {
  const { pool, services, config, signal, log } = session;
  const now = Date.now();
  const oldest = Math.max(rawStart(now, config), await services.partitions.droppedBefore());
  const executions = services.executions.executions.bind(services.executions);
  const common = { pool, ingest: services.ingest, executions, days: span, now, oldest, signal };
  const ranges = await Promise.all(tenants.map((tenant) => seedRange({ ...common, tenant })));
  const total = ranges.reduce((hours, { from, to }) => hours + Math.ceil((to - from) / HOUR), 0);
  const progress = startProgress('Generating traffic', total);
  let hours = 0;
  let events = 0;
  const onHour = (count: number): void => {
    hours += 1;
    events += count;
    progress.update(hours, counted(events, 'event'));
  };
  // Concurrently with the writing, because the database usually runs on another core.
  let rolling: Promise<unknown> = Promise.resolve();
  const onDurable = (): void => {
    rolling = rolling
      .then(() => services.rollup.run(signal))
      .catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'a rollup failed; the next one covers its data'),
      );
  };
  let rows = 0;
  const unsubscribe = session.onRollup((batch) => (rows += batch.rows));
  let accepted = 0;
  try {
    for (const tenant of tenants) {
      // The tenant must be able to read, whatever TENANT_DEFAULT_TIER is. An existing tier is kept.
      await setTenant(pool, tenant.id, { name: tenant.name }, 'pro', session.author);
      if (tenant === tenants[0]) {
        const { from } = ranges[0]!;
        await setUp({ pool, registry: services.registry, tenant, author: session.author, from, now });
      }
      accepted += (await seed({ ...common, tenant, onHour, onDurable })).accepted;
    }
    progress.stop();
    await rolling;
    await session.rollUp();
    if (!signal.aborted && (await seedBudgets(services.budgets, tenants[0]!.id, session.author)) > 0) {
      const mails = config.smtpUrl !== undefined && config.alertEmailTo !== undefined;
      const channels = mails ? ['email'] : [];
      await seedAlerts(services.alerts, tenants[0]!.id, session.author, channels);
      const report = await seedReport(services.reports, tenants[0]!.id, session.author, channels);
      await services.reportRunner.ask(tenants[0]!.id, report.id);
    }
    return { accepted, rows, until: now };
  } finally {
    progress.stop();
    await rolling;
    unsubscribe();
  }
}
