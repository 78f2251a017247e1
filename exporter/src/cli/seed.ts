/** `seed`: writes the demo's data, and when repeated only what has been added since. */
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_DAYS, demoTenant, type DemoTenant, NEIGHBOUR } from '../demo/fleet.js';
import { seed, seedRange } from '../demo/seed.js';
import { setTenant } from '../ingest/registry.js';
import { HOUR, rawStart } from '../time.js';
import { grouped, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

export function seedCommand(): Command {
  return new Command('seed')
    .description('write 90 days of credible traffic for a demo tenant, and for a second one beside it')
    .option('--tenant <id>', 'the demo tenant', 'demo')
    .option('--days <n>', 'days of traffic up to now', daysOption, DEFAULT_DAYS)
    .addHelpText('after', '\nExample:\n  agentidp-analytics seed --tenant demo --days 30\n\nRepeating it writes only what has been added since.')
    .action(async ({ tenant, days }: { tenant: string; days: number }) => {
      await withSession(async (session) => {
        const { accepted, rows } = await seedAll(session, [demoTenant(tenant), NEIGHBOUR], days);
        process.stdout.write(`${grouped(accepted)} new events, ${grouped(rows)} aggregate rows written.\n`);
      });
    });
}

export function daysOption(text: string): number {
  const days = /^\d+$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new InvalidArgumentError('It must be a whole number from 1 to 3650.');
  return days;
}

interface Seeded {
  /** Events that were new. */
  accepted: number;
  /** Aggregate rows written. */
  rows: number;
  /** The events before it are there; milliseconds. */
  until: number;
}

/** Writes the tenants' traffic up to now and rolls it up. */
export async function seedAll(
  session: Session,
  tenants: readonly DemoTenant[],
  days: number,
): Promise<Seeded> {
  const { pool, services, config, signal, log } = session;
  const now = Date.now();
  const oldest = rawStart(now, config);
  const ranges = await Promise.all(tenants.map((tenant) => seedRange({ pool, tenant, days, now, oldest })));
  const total = ranges.reduce((hours, { from, to }) => hours + Math.ceil((to - from) / HOUR), 0);
  const progress = startProgress('Making traffic', total);
  // Beside the writing: the database has a core of its own.
  let rolling: Promise<unknown> = Promise.resolve();
  const onDurable = (): void => {
    rolling = rolling.then(() => services.rollup.run(signal)).catch((error: unknown) => log.warn({ error }, 'rollup failed'));
  };
  let rows = 0;
  const unsubscribe = session.onRollup((batch) => (rows += batch.rows));
  let accepted = 0;
  let before = 0;
  let eventsBefore = 0;
  try {
    for (const [i, tenant] of tenants.entries()) {
      if (signal.aborted) break;
      await setTenant(pool, tenant.id, { name: tenant.name }, config.tenantDefaultTier);
      let events = 0;
      const onProgress = (hours: number, written: number): void => {
        events = written;
        progress.update(before + hours, `${grouped(eventsBefore + written)} events`);
      };
      const result = await seed({ pool, ingest: services.ingest, tenant, days, now, oldest, signal, onProgress, onDurable });
      accepted += result.accepted;
      before += Math.ceil((ranges[i]!.to - ranges[i]!.from) / HOUR);
      eventsBefore += events;
    }
    await rolling;
    progress.stop();
    await session.rollUp();
    return { accepted, rows, until: now };
  } finally {
    progress.stop();
    unsubscribe();
    await rolling;
  }
}
