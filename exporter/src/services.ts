/** The rooms, put together over one pool: the routes and the command line use the same ones. */
import type { Pool } from 'pg';
import type { Config } from './config.js';
import { EndpointNames } from './ingest/endpoints.js';
import { Budgets } from './costs/budgets.js';
import { BudgetMails } from './costs/mail.js';
import { BudgetWatch } from './costs/notifications.js';
import { PriceLists } from './costs/prices.js';
import { Reservations } from './costs/reservations.js';
import { ExecutionIngest } from './ingest/executions/executions.js';
import { Ingest } from './ingest/ingest.js';
import { TraceIngest } from './ingest/otlp/traces.js';
import { Partitions } from './ingest/partitions.js';
import { Registry } from './tenants/registry.js';
import { EventWriter } from './ingest/writer.js';
import { createJobs, type Job } from './jobs.js';
import { Ledger } from './jobs/ledger.js';
import { Rollup, type RollupProgress } from './rollup/rollup.js';
import { Scheduler, type SchedulerLog } from './jobs/scheduler.js';

export interface ServiceOptions {
  config: Config;
  pool: Pool;
  log: SchedulerLog;
  now?: () => number;
  onRollup?: (progress: RollupProgress) => void;
  /** Whether budgets are looked at as soon as there is spend, rather than at every rollup only. Default false. */
  watchBudgets?: boolean;
}

export interface Services {
  ingest: Ingest;
  executions: ExecutionIngest;
  traces: TraceIngest;
  registry: Registry;
  budgets: Budgets;
  reservations: Reservations;
  budgetWatch: BudgetWatch;
  partitions: Partitions;
  rollup: Rollup;
  ledger: Ledger;
  jobs: Job[];
  scheduler: Scheduler;
}

export function createServices(options: ServiceOptions): Services {
  const { config, pool, log, now = Date.now, onRollup, watchBudgets = false } = options;
  const partitions = new Partitions(pool);
  const registry = new Registry(pool, config.tenantDefaultTier);
  const ingest = new Ingest({
    registry,
    endpoints: new EndpointNames(pool, now),
    partitions,
    writer: new EventWriter(pool, partitions, { ...retentionOf(config), now }),
    retention: retentionOf(config),
    now,
  });
  const { smtpUrl, mailFrom } = config;
  const mails =
    smtpUrl === undefined ? undefined : new BudgetMails({ pool, smtpUrl, from: mailFrom, now, log });
  const budgetWatch = new BudgetWatch({ pool, now, log, mails });
  const onSpend = (tenantId: string): void => {
    if (watchBudgets) budgetWatch.touch(tenantId);
  };
  const register = (tenantId: string): Promise<void> => registry.register(tenantId, []);
  const budgets = new Budgets({ pool, now, register, onChange: onSpend });
  const reservations = new Reservations({ pool, now, register });
  const executions = new ExecutionIngest({
    pool,
    registry,
    prices: new PriceLists(),
    retention: retentionOf(config),
    now,
    onSpend,
  });
  const traces = new TraceIngest({ registry, executions });
  const rollup = new Rollup(pool, { ...retentionOf(config), now, log, onProgress: onRollup });
  const ledger = new Ledger(pool);
  const jobs = createJobs({
    pool,
    rollup,
    ledger,
    partitions,
    retention: retentionOf(config),
    aggregationCron: config.aggregationCron,
    now,
    log,
  });
  const { rollupIntervalSeconds } = config;
  const scheduler = new Scheduler({
    pool,
    rollup,
    ledger,
    jobs,
    budgets: budgetWatch,
    rollupIntervalSeconds,
    now,
    log,
  });
  return {
    ingest,
    executions,
    traces,
    registry,
    budgets,
    reservations,
    budgetWatch,
    partitions,
    rollup,
    ledger,
    jobs,
    scheduler,
  };
}

const retentionOf = ({
  retentionDays,
  minuteRetentionHours,
}: Config): Pick<Config, 'retentionDays' | 'minuteRetentionHours'> => ({
  retentionDays,
  minuteRetentionHours,
});
