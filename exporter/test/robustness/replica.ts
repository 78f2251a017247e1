/** A replica without HTTP: the exporter's rooms over a pool of its own. */
import type { Pool } from 'pg';
import { loadConfig } from '../../src/config.js';
import { createPool } from '../../src/db/pool.js';
import { createServices, type Services } from '../../src/services.js';
import { MINUTE } from '../../src/time.js';
import { SECRET } from '../support/app.js';
import { recordingLog } from '../support/log.js';

export interface Replica extends Services {
  pool: Pool;
  log: string[];
  end(): Promise<void>;
}

export interface ReplicaOptions {
  clock?: { now: number };
  /** Settings by name. */
  env?: Record<string, string>;
  /** As `pg_stat_activity` shows it. */
  name?: string;
}

export function createReplica(url: string, { clock, env, name = 'replica' }: ReplicaOptions = {}): Replica {
  const pool = createPool({ url, applicationName: name });
  const log = recordingLog();
  const config = loadConfig({ AUTH_JWT_SECRET: SECRET, ...env });
  const services = createServices({ config, pool, log, now: clock && (() => clock.now) });
  return {
    ...services,
    pool,
    log: log.lines,
    end: async () => {
      await services.ingest.drain();
      await services.scheduler.stop();
      await pool.end();
    },
  };
}

/** Past the time that the finest projection may be behind. */
export const FINEST_IS_DUE = 6 * MINUTE;

/** Works off every mark, those of the finest projection too, as a replica six minutes from now would. */
export async function settle(url: string, now = Date.now()): Promise<void> {
  const replica = createReplica(url, { clock: { now: now + FINEST_IS_DUE } });
  await replica.rollup.run();
  await replica.end();
}
