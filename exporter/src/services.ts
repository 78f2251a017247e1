/** The rooms, put together over one pool: the routes and the command line use the same ones. */
import type { Pool } from 'pg';
import type { Config } from './config.js';
import { EndpointNames } from './ingest/endpoints.js';
import { PriceLists } from './costs/prices.js';
import { ExecutionIngest } from './ingest/executions/executions.js';
import { Ingest } from './ingest/ingest.js';
import { Partitions } from './ingest/partitions.js';
import { Registry } from './ingest/registry.js';
import { EventWriter } from './ingest/writer.js';
import { createJobs, type Job } from './rollup/jobs.js';
import { Ledger } from './rollup/ledger.js';
import { Rollup, type RollupProgress } from './rollup/rollup.js';
import { Scheduler, type SchedulerLog } from './rollup/scheduler.js';

export interface ServiceOptions {
  config: Config;
  pool: Pool;
  log: SchedulerLog;
  now?: () => number;
  onRollup?: (progress: RollupProgress) => void;
}

export interface Services {
  ingest: Ingest;
  executions: ExecutionIngest;
  registry: Registry;
  partitions: Partitions;
  rollup: Rollup;
  ledger: Ledger;
  jobs: Job[];
  scheduler: Scheduler;
}

export function createServices({ config, pool, log, now = Date.now, onRollup }: ServiceOptions): Services {
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
  const executions = new ExecutionIngest({
    pool,
    registry,
    prices: new PriceLists(),
    retention: retentionOf(config),
    now,
  });
  const rollup = new Rollup(pool, { ...retentionOf(config), now, onProgress: onRollup });
  const ledger = new Ledger(pool);
  const jobs = createJobs({
    pool,
    rollup,
    ledger,
    partitions,
    retention: retentionOf(config),
    aggregationCron: config.aggregationCron,
    now,
  });
  const { rollupIntervalSeconds } = config;
  const scheduler = new Scheduler({ pool, rollup, ledger, jobs, rollupIntervalSeconds, now, log });
  return { ingest, executions, registry, partitions, rollup, ledger, jobs, scheduler };
}

const retentionOf = ({
  retentionDays,
  minuteRetentionHours,
}: Config): Pick<Config, 'retentionDays' | 'minuteRetentionHours'> => ({
  retentionDays,
  minuteRetentionHours,
});
