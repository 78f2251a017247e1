/** `rollup`: recomputes the aggregates of a range of days from raw events. */
import { Command } from 'commander';
import { EVENTS } from '../aggregates/index.js';
import { tenantIds } from '../tenants/tenants.js';
import { readBoundaries } from '../rollup/boundaries.js';
import { ceilTo, DAY, floorTo, formatDate, formatTime, HOUR } from '../time.js';
import { date, tenantId } from './options.js';
import { counted, grouped, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

interface RollupOptions {
  from: number;
  to?: number;
  tenant?: string;
}

export function rollupCommand(): Command {
  return new Command('rollup')
    .description('recompute the aggregates of a range of days from raw events')
    .requiredOption('--from <date>', 'first day (UTC)', date)
    .option('--to <date>', 'last day (UTC; default: today)', date)
    .option('--tenant <id>', 'recompute only this tenant', tenantId)
    .addHelpText('after', '\nExample:\n  agentidp-analytics rollup --from 2026-03-01 --to 2026-03-07')
    .action((options: RollupOptions) => withSession((session) => recomputeDays(session, options)));
}

async function recomputeDays(session: Session, { from, to: last, tenant }: RollupOptions): Promise<void> {
  const { pool, services, signal } = session;
  const now = Date.now();
  const today = floorTo(now, DAY);
  const lastDay = last ?? today;
  if (from > lastDay) throw new Error(`--from ${formatDate(from)} is after --to ${formatDate(lastDay)}`);
  if (from > today) throw new Error(`--from ${formatDate(from)} is in the future`);
  const known = await tenantIds(pool);
  if (tenant !== undefined && !known.includes(tenant))
    throw new Error(`--tenant: unknown tenant "${tenant}"`);
  const tenants = tenant === undefined ? known : [tenant];
  const rawFrom = (await readBoundaries(pool)).keptFrom(EVENTS);
  const start = Math.max(from, ceilTo(rawFrom, HOUR));
  const to = Math.min(lastDay + DAY, ceilTo(now, HOUR));
  if (start > from) {
    process.stderr.write(
      `Raw events begin at ${formatTime(rawFrom)}; earlier aggregates are left unchanged.\n`,
    );
  }
  const progress = startProgress('Recomputing', (tenants.length * Math.max(0, to - start)) / HOUR);
  let hours = 0;
  let rows = 0;
  const unsubscribe = session.onRollup((batch) => {
    hours += batch.buckets;
    rows += batch.rows;
    progress.update(hours, `${grouped(rows)} rows`);
  });
  try {
    for (const id of tenants) await services.rollup.recomputeRange(id, start, to, signal);
  } finally {
    unsubscribe();
    progress.stop();
  }
  process.stdout.write(
    `${counted(hours, 'hour')} of ${counted(tenants.length, 'tenant')} recomputed, ${counted(rows, 'aggregate row')} written.\n`,
  );
}
