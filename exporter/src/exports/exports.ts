/** Exports as the routes see them. */
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { isSigned, newLinkKey, signatureOf } from './link.js';
import type { ExportRunner } from './runner.js';
import type { ExportStorage, StoredFile } from './storage.js';
import type { ExportJob, ExportRequest, ExportTable } from './table.js';

export interface ExportsDeps {
  table: ExportTable;
  storage: ExportStorage;
  runner: ExportRunner;
  now: () => number;
}

/** What a link says. */
export interface GivenLink {
  id: string;
  tenantId: string;
  expires: number;
  signature: string;
}

export class Exports {
  constructor(private readonly deps: ExportsDeps) {}

  /** @throws AppError RATE_LIMITED */
  async create(tenantId: string, request: ExportRequest): Promise<ExportJob> {
    const { table, runner, now } = this.deps;
    const id = uuidv7(now());
    await table.insert({ tenantId, id, request, linkKey: newLinkKey(), createdAt: new Date(now()) });
    const job = await this.find(tenantId, id);
    runner.kick();
    return job;
  }

  /** @throws AppError NOT_FOUND */
  async find(tenantId: string, id: string): Promise<ExportJob> {
    const job = await this.deps.table.find(tenantId, id);
    if (job === undefined) throw new AppError('NOT_FOUND', `there is no export "${id}", or it has ended`);
    return job;
  }

  /** The signed part of the link; undefined if there is nothing to download. */
  linkOf({ tenantId, id, status, linkKey, expiresAt }: ExportJob): URLSearchParams | undefined {
    if (status !== 'done' || expiresAt === null) return undefined;
    const expires = Math.floor(expiresAt.getTime() / 1000);
    const signature = signatureOf({ id, tenantId, expires }, linkKey);
    return new URLSearchParams({ tenant: tenantId, expires: String(expires), signature });
  }

  /** @throws AppError FORBIDDEN for a link that was not signed here, NOT_FOUND for one that has ended, UNAVAILABLE */
  async download({ signature, ...link }: GivenLink): Promise<{ job: ExportJob; file: StoredFile }> {
    const { table, storage, now } = this.deps;
    const job = await table.find(link.tenantId, link.id);
    if (!isSigned(link, signature, job?.linkKey) || job === undefined)
      throw new AppError('FORBIDDEN', 'the link is not valid, or its export was removed');
    if (link.expires * 1000 <= now() || job.file === null)
      throw new AppError('NOT_FOUND', 'the link has ended; make the export again');
    const file = await storage.find(job.file);
    if (file !== undefined) return { job, file };
    if (storage.isShared) throw new AppError('NOT_FOUND', 'the file of the export was removed');
    throw new AppError(
      'UNAVAILABLE',
      'this replica does not have the file: another replica has written it to its own DATA_DIR; ask again, or let the replicas share DATA_DIR or set EXPORT_STORAGE',
      { retryAfter: 1 },
    );
  }
}
