/** The record of changes to settings: who, when, what, before and after. A row and a line in the log each. */
import type { Pool, PoolClient } from 'pg';
import { bytesOf, firstThatFit, fitting, type PageOfRows } from '../db/page-bytes.js';
import type { ReadPool } from '../db/read-shares.js';
import { withTransaction } from '../db/pool.js';
import { Parameters } from '../db/parameters.js';
import { uuidv7 } from '../ids.js';
import { formatTime } from '../time.js';

export const AUDIT_ACTIONS = ['create', 'change', 'delete'] as const;
export const AUDIT_RESOURCES = [
  'alert',
  'budget',
  'channel',
  'price',
  'recommendation',
  'report',
  'tenant',
] as const;
export const AUDIT_SOURCES = ['api', 'command_line'] as const;
type AuditAction = (typeof AUDIT_ACTIONS)[number];
type AuditResource = (typeof AUDIT_RESOURCES)[number];

/** Rows of a tenant. The oldest give way, so that no tenant can fill the disk. */
export const MAX_AUDIT_ROWS = 10_000;

/** Who makes a change, and the log that is told of it. */
export interface Author {
  /** The token's subject, or the user of the command line. */
  subject: string;
  via: (typeof AUDIT_SOURCES)[number];
  log: { info(fields: object, message: string): void };
}

export interface Change {
  resource: AuditResource;
  id: string;
  /** Null: it did not exist. */
  before: object | null;
  /** Null: it exists no longer. */
  after: object | null;
}

/** Writes the row of a change. A change that changes nothing is not recorded. */
export type RecordChange = (change: Change) => Promise<void>;

export interface AuditEntry {
  id: string;
  /** RFC 3339. */
  at: string;
  subject: string;
  via: Author['via'];
  action: AuditAction;
  resource: AuditResource;
  resource_id: string;
  before: object | null;
  after: object | null;
}

/**
 * Runs `work` in a transaction, and logs the changes that it has recorded after the commit. The tenant must be registered
 * when a change is recorded.
 */
export async function auditedTransaction<T>(
  pool: Pool,
  tenantId: string,
  { subject, via, log }: Author,
  work: (client: PoolClient, record: RecordChange) => Promise<T>,
): Promise<T> {
  const recorded: object[] = [];
  const result = await withTransaction(pool, (client) =>
    work(client, async ({ resource, id, before, after }) => {
      if (JSON.stringify(before) === JSON.stringify(after)) return;
      const action = actionOf(before, after);
      await insert(client, [tenantId, uuidv7(), subject, via, action, resource, id, before, after]);
      recorded.push({ tenant: tenantId, subject, via, action, resource, id, before, after });
    }),
  );
  for (const change of recorded) log.info(change, 'settings changed');
  return result;
}

function actionOf(before: object | null, after: object | null): AuditAction {
  if (before === null) return 'create';
  return after === null ? 'delete' : 'change';
}

async function insert(client: PoolClient, values: unknown[]): Promise<void> {
  await client.query(
    `INSERT INTO audit_log (tenant_id, id, subject, via, action, resource, resource_id, before, after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values,
  );
  await client.query(
    `DELETE FROM audit_log WHERE tenant_id = $1
       AND id <= (SELECT id FROM audit_log WHERE tenant_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)`,
    [values[0], MAX_AUDIT_ROWS],
  );
}

export interface AuditQuery {
  action?: string;
  resource?: string;
  resourceId?: string;
  /** Only entries older than the one with this id. */
  beforeId?: string;
  limit: number;
}

/** The newest first. */
export async function readAudit(
  pool: ReadPool,
  tenantId: string,
  query: AuditQuery,
): Promise<PageOfRows<AuditEntry>> {
  const parameters = new Parameters();
  const tenant = parameters.add(tenantId);
  const filters = (['action', 'resource', 'resourceId', 'beforeId'] as const).flatMap((name) => {
    const value = query[name];
    return value === undefined ? [] : [`AND ${FILTERS[name]} ${parameters.add(value)}`];
  });
  const found = await pool.query<Omit<AuditEntry, 'at'> & { at: Date }>(
    firstThatFit(
      `SELECT id, at, subject, via, action, resource, resource_id, before, after FROM audit_log
       WHERE tenant_id = ${tenant} ${filters.join(' ')} ORDER BY id DESC LIMIT ${parameters.add(query.limit + 1)}`,
      { size: bytesOf('before', 'after'), order: 'page.id DESC' },
    ),
    parameters.values,
  );
  const { rows, more } = fitting(found.rows, query.limit);
  return { rows: rows.map((row) => ({ ...row, at: formatTime(row.at.getTime()) })), more };
}

const FILTERS = {
  action: 'action =',
  resource: 'resource =',
  resourceId: 'resource_id =',
  beforeId: 'id <',
} as const;

/** Deletes entries older than `before`, milliseconds. @returns the number deleted */
export async function dropOldAudit(pool: Pool, before: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM audit_log WHERE at < $1', [new Date(before)]);
  return rowCount ?? 0;
}
