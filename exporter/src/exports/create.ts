/** Puts the parts of exports together. */
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { Config } from '../config.js';
import type { DatabaseLog } from '../db/log.js';
import { Exports } from './exports.js';
import { FolderStorage } from './folder.js';
import { ExportRunner } from './runner.js';
import { S3Storage } from './s3.js';
import type { ExportStorage } from './storage.js';
import { ExportTable } from './table.js';

export interface CreateDeps {
  config: Pick<Config, 'dataDir' | 'exportLinkHours' | 'exportStorage' | 'sessionIdleMinutes'>;
  pool: Pool;
  now: () => number;
  log: DatabaseLog;
}

export function createExports({ config, pool, now, log }: CreateDeps): {
  exports: Exports;
  exportRunner: ExportRunner;
} {
  const table = new ExportTable(pool);
  const { exportStorage } = config;
  const storage: ExportStorage =
    exportStorage === undefined
      ? new FolderStorage(join(config.dataDir, 'exports'))
      : new S3Storage(exportStorage);
  const runner = new ExportRunner({
    ...{ pool, table, storage, now, log },
    linkHours: config.exportLinkHours,
    sessionIdleMinutes: config.sessionIdleMinutes,
  });
  return { exports: new Exports({ table, storage, runner, now }), exportRunner: runner };
}
