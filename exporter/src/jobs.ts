/** The list of jobs: what runs when. */
import type { Pool } from 'pg';
import { dropOldEvents } from './alerts/store.js';
import type { AlertWatch } from './alerts/watch.js';
import { dropOldNotifications } from './costs/notifications.js';
import { recommendAll } from './costs/recommendations/nightly.js';
import { dropEndedReservations } from './costs/reservations.js';
import type { DatabaseLog } from './db/log.js';
import type { EndpointPatterns } from './endpoint-pattern.js';
import type { ExportRunner } from './exports/runner.js';
import { dropExpiredExecutions } from './ingest/executions/retention.js';
import { dropExpiredPartitions, type Partitions } from './ingest/partitions.js';
import type { IntervalJob, SlotJob } from './jobs/job.js';
import type { Ledger } from './jobs/ledger.js';
import type { Deliveries } from './outbox/deliveries.js';
import { dropOldMessages } from './outbox/history.js';
import type { RollupStatus } from './metrics/rollup-status.js';
import { RECOMMENDATION_PERIOD, resolveExecutionPeriod } from './query/executions/period.js';
import { RUN_DAYS } from './reports/bounds.js';
import type { ReportRunner } from './reports/runner.js';
import { dropOldRuns } from './reports/runs.js';
import { Nightly, NIGHTLY } from './rollup/nightly.js';
import { dropExpiredMinutes } from './rollup/retention.js';
import type { Rollup } from './rollup/rollup.js';
import { dropOldAudit } from './tenants/audit.js';
import { DAY, rawStart, type Retention } from './time.js';

/** Days that a run stays in the ledger. */
const LEDGER_DAYS = 400;
/** Days that a budget's notification is kept after it was cleared. */
const NOTIFICATION_DAYS = 400;
/** Days that a change of an alert's state is kept. */
const ALERT_EVENT_DAYS = 400;
/** Days that a change of settings is kept. */
const AUDIT_DAYS = 400;
/** Between two looks for exports that another replica has left, and for links that have ended. */
const EXPORTS_SECONDS = 5;
/** Between two looks for files without an export. */
const EXPORT_FILES_SECONDS = 600;
/** One rollup may take this long, so that the metrics are refreshed even under a load that never ends. */
const ROLLUP_WITHIN_MS = 10_000;

export interface SlotJobDeps {
  pool: Pool;
  rollup: Rollup;
  ledger: Ledger;
  partitions: Partitions;
  retention: Retention;
  aggregationCron: string;
  /** Own patterns of endpoints. */
  patterns: EndpointPatterns;
  now: () => number;
  log: DatabaseLog;
}

export function createSlotJobs(deps: SlotJobDeps): SlotJob[] {
  const { pool, partitions, ledger, retention, now } = deps;
  const nightly = new Nightly(deps);
  return [
    {
      name: NIGHTLY,
      cron: deps.aggregationCron,
      catchUp: true,
      run: (slot, signal) => nightly.run(slot, signal),
    },
    {
      name: 'recommendations',
      cron: '50 3 * * *',
      catchUp: false,
      run: (slot, signal) => {
        const { range } = resolveExecutionPeriod({ period: RECOMMENDATION_PERIOD }, slot);
        return recommendAll(
          { pool, now, log: deps.log, period: { name: RECOMMENDATION_PERIOD, range } },
          signal,
        );
      },
    },
    { name: 'partitions', cron: '20 * * * *', catchUp: false, run: () => partitions.makeAhead(now()) },
    {
      name: 'retention',
      cron: '40 * * * *',
      catchUp: false,
      run: async () =>
        (await dropExpiredPartitions(pool, rawStart(now(), retention))) +
        (await dropExpiredMinutes(pool, now(), retention)) +
        (await dropExpiredExecutions(pool, rawStart(now(), retention))) +
        (await dropEndedReservations(pool, now(), rawStart(now(), retention))) +
        (await dropOldNotifications(pool, now() - NOTIFICATION_DAYS * DAY)) +
        (await dropOldMessages(pool, now())) +
        (await dropOldEvents(pool, now() - ALERT_EVENT_DAYS * DAY)) +
        (await dropOldRuns(pool, now() - RUN_DAYS * DAY)) +
        (await dropOldAudit(pool, now() - AUDIT_DAYS * DAY)) +
        (await ledger.prune(now(), LEDGER_DAYS)),
    },
  ];
}

export interface RollupJobDeps {
  rollup: Rollup;
  alerts: Pick<AlertWatch, 'during' | 'evaluateAll'>;
  deliveries: Pick<Deliveries, 'kick'>;
  status: RollupStatus;
  everySeconds: number;
  now: () => number;
}

/** The frequent rollup, and after it the alerts and the refresh of what a scrape shows. */
export function createRollupJob({
  rollup,
  alerts,
  deliveries,
  status,
  everySeconds,
  now,
}: RollupJobDeps): IntervalJob {
  return {
    name: 'rollup',
    everySeconds,
    run: async (signal) => {
      try {
        await alerts.during(
          () => rollup.run(signal, ROLLUP_WITHIN_MS),
          () => deliveries.kick(),
        );
      } finally {
        // One tenant's failure must not hold back the messages of the others, or hide their figures.
        await alerts.evaluateAll(signal).finally(() => {
          deliveries.kick();
          return status.refresh(signal);
        });
      }
      status.rolledUpAt = now();
    },
  };
}

/** Makes the exports that are due, removes those whose link has ended, and seldom looks for files that belong to none. */
export const createExportJobs = (
  runner: Pick<ExportRunner, 'kick' | 'removeEnded' | 'sweep'>,
): IntervalJob[] => [
  {
    name: 'exports',
    everySeconds: EXPORTS_SECONDS,
    run: async () => {
      runner.kick();
      await runner.removeEnded();
    },
  },
  { name: 'export-files', everySeconds: EXPORT_FILES_SECONDS, run: () => runner.sweep() },
];

/** How long a report may be late, seconds. */
const REPORTS_EVERY_SECONDS = 15;

/** The reports whose schedule is due. */
export const createReportJob = (runner: ReportRunner): IntervalJob => ({
  name: 'reports',
  everySeconds: REPORTS_EVERY_SECONDS,
  run: () => runner.runDue(),
});
