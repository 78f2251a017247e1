/** The parts of the service over one database. The routes and the command line use the same ones. */
import type { Pool } from 'pg';
import { Alerts } from './alerts/alerts.js';
import { AlertWatch } from './alerts/watch.js';
import type { Config } from './config.js';
import { createBudgetMails } from './costs/budget-mail.js';
import { BudgetWatch } from './costs/budget-watch.js';
import { Budgets } from './costs/budgets.js';
import { PriceLists } from './costs/prices.js';
import { Reservations } from './costs/reservations.js';
import type { DatabaseLog } from './db/log.js';
import { NO_PATTERNS } from './endpoint-pattern.js';
import { createExports } from './exports/create.js';
import type { Exports } from './exports/exports.js';
import type { ExportRunner } from './exports/runner.js';
import type { OnArrivals } from './ingest/arrivals.js';
import { Content } from './ingest/content.js';
import { EndpointNames } from './ingest/endpoints.js';
import { ExecutionIngest } from './ingest/executions/executions.js';
import { Ingest } from './ingest/ingest.js';
import { TraceIngest } from './ingest/otlp/traces.js';
import { Partitions } from './ingest/partitions.js';
import { EventWriter } from './ingest/writer.js';
import { createExportJobs, createReportJob, createRollupJob, createSlotJobs } from './jobs.js';
import type { IntervalJob, SlotJob } from './jobs/job.js';
import { Ledger } from './jobs/ledger.js';
import { Scheduler } from './jobs/scheduler.js';
import { SharedArrivals } from './live/arrivals.js';
import { LiveFeed } from './live/feed.js';
import { FiguresReader } from './live/figures.js';
import { RollupStatus } from './metrics/rollup-status.js';
import { OutboundGuard } from './outbound/guard.js';
import { Channels } from './outbox/channels/channels.js';
import { Deliveries } from './outbox/deliveries.js';
import { Secrets } from './outbox/secrets.js';
import { readBoundaries } from './rollup/boundaries.js';
import type { BuildRequest } from './reports/build.js';
import type { ReportContent } from './reports/content.js';
import { previewReport } from './reports/preview.js';
import { Renderer } from './reports/renderer.js';
import { Reports } from './reports/reports.js';
import { ReportRunner } from './reports/runner.js';
import { Rollup, type RollupProgress } from './rollup/rollup.js';
import { Registry } from './tenants/registry.js';
import { minuteStart, type Retention } from './time.js';

export interface ServiceOptions {
  config: Config;
  pool: Pool;
  log: DatabaseLog;
  now?: () => number;
  onRollup?: (progress: RollupProgress) => void;
  /** Evaluate budgets as soon as there is spend, not only with every rollup. Default false. */
  watchBudgets?: boolean;
  /** Share what arrives with the live figures of all replicas. Default false. */
  shareArrivals?: boolean;
}

export interface Services {
  registry: Registry;
  ingest: Ingest;
  executions: ExecutionIngest;
  traces: TraceIngest;
  alerts: Alerts;
  alertWatch: AlertWatch;
  budgets: Budgets;
  budgetWatch: BudgetWatch;
  reservations: Reservations;
  channels: Channels;
  deliveries: Deliveries;
  arrivals: SharedArrivals;
  live: LiveFeed;
  exports: Exports;
  exportRunner: ExportRunner;
  partitions: Partitions;
  rollup: Rollup;
  status: RollupStatus;
  ledger: Ledger;
  /** Jobs with slots. */
  jobs: SlotJob[];
  rollupJob: IntervalJob;
  reports: Reports;
  reportRunner: ReportRunner;
  reportRenderer: Renderer;
  /** A report of the last whole days that is neither kept nor sent. */
  previewReport: (
    request: Pick<BuildRequest, 'pool' | 'tenantId' | 'settings' | 'readBudgets'>,
  ) => Promise<ReportContent>;
  /** First instant with minute aggregates, milliseconds. */
  minutesFrom: () => number;
  reportJob: IntervalJob;
  scheduler: Scheduler;
  /** Ends all work in the background: starts nothing more and waits for what is running. */
  stop(): Promise<void>;
}

export function createServices(options: ServiceOptions): Services {
  const {
    config,
    pool,
    log,
    now = Date.now,
    onRollup,
    watchBudgets = false,
    shareArrivals = false,
  } = options;
  const { retentionDays, minuteRetentionHours, aggregationCron, smtpUrl, mailFrom } = config;
  const retention: Retention = { retentionDays, minuteRetentionHours };

  const registry = new Registry(pool, config.tenantDefaultTier);
  const registerTenant = (tenantId: string): Promise<void> => registry.register(tenantId, []);

  const mails =
    smtpUrl === undefined
      ? undefined
      : createBudgetMails({ pool, smtpUrl, from: mailFrom, dailyLimit: config.mailDailyLimit, now, log });
  const { mailRecipients } = config;
  const guard = new OutboundGuard(config.outboundAllow);
  const channels = new Channels({
    ...{ pool, guard, mailRecipients, register: registerTenant, builtIn: config },
    secrets: new Secrets(config.secretsKeys ?? []),
  });
  const deliveries = new Deliveries({
    ...{ pool, channels, guard, smtpUrl, from: mailFrom, mailRecipients, now, log },
    ...{ dailyLimit: config.mailDailyLimit, pagerdutyUrl: config.pagerdutyUrl },
  });
  const budgetWatch = new BudgetWatch({ pool, now, log, mails, mailRecipients, deliveries });
  const onSpend = (tenantId: string): void => {
    if (watchBudgets) budgetWatch.touch(tenantId);
  };
  const budgets = new Budgets({
    ...{ pool, now, register: registerTenant, onChange: onSpend, mailRecipients, channels },
  });
  const reservations = new Reservations({ pool, now, register: registerTenant });

  const readMinutesFrom = async (): Promise<number> =>
    Math.max((await readBoundaries(pool)).minutesFrom, minuteStart(now(), retention));
  const alertsDeps = {
    ...{ pool, now, minuteRetentionHours, minutesFrom: readMinutesFrom, channels },
    grafanaUrl: config.grafanaUrl,
  };
  const alertWatch = new AlertWatch({ ...alertsDeps, log });
  const alerts = new Alerts({ ...alertsDeps, register: registerTenant });
  const arrivals = new SharedArrivals(pool, log);
  const onArrivals: OnArrivals = (tenantId, arrived) => {
    if (shareArrivals) arrivals.add(tenantId, arrived);
  };

  const partitions = new Partitions(pool);
  const endpoints = new EndpointNames(pool, now, config.endpointPatterns);
  const writer = new EventWriter(pool, partitions, { ...retention, now });
  const ingest = new Ingest({ pool, registry, endpoints, partitions, writer, retention, now, onArrivals });
  const prices = new PriceLists();
  const content = new Content(config.captureContent, config.redact ?? []);
  const executions = new ExecutionIngest({
    pool,
    registry,
    prices,
    retention,
    now,
    content,
    onSpend,
    onArrivals,
  });
  const traces = new TraceIngest({ registry, executions, content });

  const { sessionIdleMinutes } = config;
  const onProgress = (done: RollupProgress): void => {
    alertWatch.rolledUp(done.tenantId, done.marks);
    onRollup?.(done);
  };
  const live = new LiveFeed(new FiguresReader({ pool, now, sessionIdleMinutes }), log);
  const rollup = new Rollup(pool, { ...retention, now, sessionIdleMinutes, log, onProgress });
  const ledger = new Ledger(pool);
  const status = new RollupStatus({
    ...{ pool, rollup, ledger, budgets: budgetWatch, now },
    rotationMaxAgeDays: config.rotationMaxAgeDays,
  });

  const jobs = createSlotJobs({
    ...{ pool, rollup, ledger, partitions, retention, aggregationCron, now, log },
    patterns: config.endpointPatterns ?? NO_PATTERNS,
  });
  const everySeconds = config.rollupIntervalSeconds;
  const rollupJob = createRollupJob({ rollup, alerts: alertWatch, deliveries, status, everySeconds, now });
  const minutesFrom = (): number => Math.max(status.minutesFrom, minuteStart(now(), retention));
  const reports = new Reports({ pool, now, channels, register: registerTenant, mailRecipients });
  const reportRenderer = new Renderer(log);
  const reportRunner = new ReportRunner({
    ...{ pool, now, log, minutesFrom, grafanaUrl: config.grafanaUrl, renderer: reportRenderer },
    readBudgets: (tenantId) => budgets.list(tenantId),
    onMessage: () => deliveries.kick(),
  });
  const { exports, exportRunner } = createExports({ config, pool, now, log });
  const reportJob = createReportJob(reportRunner);
  const intervals = [rollupJob, ...createExportJobs(exportRunner), reportJob];
  const scheduler = new Scheduler({ ledger, jobs: [...jobs, ...intervals], now, log });

  return {
    registry,
    ingest,
    executions,
    traces,
    alerts,
    alertWatch,
    budgets,
    budgetWatch,
    reservations,
    channels,
    deliveries,
    arrivals,
    live,
    exports,
    exportRunner,
    partitions,
    rollup,
    status,
    ledger,
    jobs,
    rollupJob,
    reports,
    reportRunner,
    reportRenderer,
    previewReport: (request) =>
      previewReport({ ...request, now: now(), minutesFrom: minutesFrom(), grafanaUrl: config.grafanaUrl }),
    minutesFrom,
    reportJob,
    scheduler,
    async stop() {
      await scheduler.stop();
      await budgetWatch.stop();
      await reportRunner.stop();
      await reportRenderer.close();
      await deliveries.stop();
      await live.stop();
      await arrivals.stop();
      await exportRunner.stop();
      await content.close();
    },
  };
}
