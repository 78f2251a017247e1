/** The reports of a tenant: what they are about, when they are due, and who gets them. */
import type { Pool } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import type { Channels } from '../outbox/channels/channels.js';
import type { AllowedRecipients } from '../outbox/recipients.js';
import { decodeCursor, pageOf } from '../query/reports/cursor.js';
import { type Author, auditedTransaction } from '../tenants/audit.js';
import { formatTime } from '../time.js';
import { MAX_REPORTS } from './bounds.js';
import { lastRuns, type RunView } from './runs.js';
import { nextSlot } from './schedule.js';
import {
  checkSettings,
  DEFAULT_SETTINGS,
  merged,
  nameOf,
  type ReportInput,
  type ReportSettings,
} from './settings.js';

/** A report on the wire. */
export interface ReportView extends ReportSettings {
  id: string;
  next_run_at: string | null;
  last_run: RunView | null;
}

interface Row extends ReportSettings {
  id: string;
  nextRunAt: Date | null;
}

/** What is set in a report, by column. */
const SETTABLE = [
  'name',
  'template',
  'metrics',
  'group_by',
  'filters',
  'schedule',
  'time_zone',
  'recipients',
  'channels',
] as const satisfies readonly (keyof ReportSettings)[];

const COLUMNS = `id, ${SETTABLE.join(', ')}, next_run_at AS "nextRunAt"`;
const FIRST_SETTABLE = 4;

export const settingsOf = (row: ReportSettings): ReportSettings =>
  Object.fromEntries(SETTABLE.map((name) => [name, row[name]])) as unknown as ReportSettings;

const viewOf = (row: Row, lastRun: RunView | undefined): ReportView => ({
  id: row.id,
  ...settingsOf(row),
  next_run_at: row.nextRunAt && formatTime(row.nextRunAt.getTime()),
  last_run: lastRun ?? null,
});

export interface ReportsDeps {
  pool: Pool;
  now: () => number;
  /** Registers the tenant if it is new. */
  register: (tenantId: string) => Promise<void>;
  channels: Pick<Channels, 'checkNames'>;
  /** Others are refused as recipients. Default: anybody. */
  mailRecipients?: AllowedRecipients;
}

const notFound = (id: string): AppError => new AppError('NOT_FOUND', `there is no report "${id}"`);

export class Reports {
  constructor(private readonly deps: ReportsDeps) {}

  /** The oldest first. */
  async list(
    pool: ReadPool,
    tenantId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<{ reports: ReportView[]; next_cursor: string | null }> {
    const after = cursor === undefined ? null : String(decodeCursor(cursor, ['string'])[0]);
    const { rows } = await pool.query<Row>(
      `SELECT ${COLUMNS} FROM reports WHERE tenant_id = $1 AND ($2::text IS NULL OR id::text > $2) ORDER BY id LIMIT $3`,
      [tenantId, after, limit + 1],
    );
    const page = pageOf(rows, limit, ({ id }) => [id]);
    const last = await lastRuns(
      pool,
      tenantId,
      page.rows.map(({ id }) => id),
    );
    return {
      reports: page.rows.map((row) => viewOf(row, last.get(row.id))),
      next_cursor: page.nextCursor ?? null,
    };
  }

  /** @throws AppError NOT_FOUND */
  async get(pool: ReadPool, tenantId: string, id: string): Promise<ReportView> {
    const row = await readOne(pool, tenantId, id);
    return viewOf(row, (await lastRuns(pool, tenantId, [id])).get(id));
  }

  /** @throws AppError VALIDATION_ERROR, or CONFLICT beyond MAX_REPORTS */
  async create(tenantId: string, input: ReportInput, author: Author): Promise<ReportView> {
    const given = merged({ ...DEFAULT_SETTINGS, name: '' }, input);
    checkSettings(given, this.deps.mailRecipients);
    await this.deps.channels.checkNames(tenantId, given.channels);
    const settings = { ...given, name: nameOf(given) };
    await this.deps.register(tenantId);
    return auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      await transactionLock(client, lockKey('reports', tenantId));
      const { rows } = await client.query<Row>(
        `INSERT INTO reports (tenant_id, id, next_run_at, ${SETTABLE.join(', ')})
         SELECT $1, $2, $3, ${SETTABLE.map((_, i) => `$${i + FIRST_SETTABLE}${castOf(i)}`).join(', ')}
         WHERE (SELECT count(*) FROM reports WHERE tenant_id = $1) < ${MAX_REPORTS} RETURNING ${COLUMNS}`,
        [tenantId, uuidv7(), this.dueOf(settings), ...SETTABLE.map((name) => settings[name])],
      );
      const row = rows[0];
      if (row === undefined)
        throw new AppError(
          'CONFLICT',
          `there are ${MAX_REPORTS} reports already, the most that a tenant may have`,
        );
      await record({ resource: 'report', id: row.id, before: null, after: settings });
      return viewOf(row, undefined);
    });
  }

  /** @throws AppError NOT_FOUND or VALIDATION_ERROR */
  async change(tenantId: string, id: string, input: ReportInput, author: Author): Promise<ReportView> {
    // Channels that it has already may have been deleted since.
    await this.deps.channels.checkNames(tenantId, input.channels ?? []);
    return auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      const before = await readOne(client, tenantId, id, 'FOR NO KEY UPDATE');
      const settings = merged(settingsOf(before), input);
      checkSettings(settings, this.deps.mailRecipients);
      const isSameTime = settings.schedule === before.schedule && settings.time_zone === before.time_zone;
      const { rows } = await client.query<Row>(
        `UPDATE reports SET next_run_at = $3, ${SETTABLE.map((name, i) => `${name} = $${i + FIRST_SETTABLE}`).join(', ')}
         WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [
          tenantId,
          id,
          // A slot that is due is not lost because the name changes.
          isSameTime ? before.nextRunAt : this.dueOf(settings),
          ...SETTABLE.map((name) => settings[name]),
        ],
      );
      await record({ resource: 'report', id, before: settingsOf(before), after: settings });
      return viewOf(rows[0]!, (await lastRuns(client, tenantId, [id])).get(id));
    });
  }

  /** Deletes the report and its runs. @throws AppError NOT_FOUND */
  async delete(tenantId: string, id: string, author: Author): Promise<void> {
    await auditedTransaction(this.deps.pool, tenantId, author, async (client, record) => {
      const { rows } = await client.query<Row>(
        `DELETE FROM reports WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [tenantId, id],
      );
      if (rows[0] === undefined) throw notFound(id);
      await record({ resource: 'report', id, before: settingsOf(rows[0]), after: null });
    });
  }

  private dueOf({ schedule, time_zone }: ReportSettings): Date | null {
    return schedule === null ? null : new Date(nextSlot(schedule, time_zone, this.deps.now()));
  }
}

/** In `INSERT … SELECT`, a parameter has no type of its own. */
const CASTS: Partial<Record<(typeof SETTABLE)[number], string>> = {
  metrics: '::text[]',
  group_by: '::text[]',
  filters: '::jsonb',
  recipients: '::text[]',
  channels: '::text[]',
};
const castOf = (place: number): string => CASTS[SETTABLE[place]!] ?? '';

/** @throws AppError NOT_FOUND */
export async function readOne(client: ReadPool, tenantId: string, id: string, lock = ''): Promise<Row> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM reports WHERE tenant_id = $1 AND id = $2 ${lock}`,
    [tenantId, id],
  );
  if (rows[0] === undefined) throw notFound(id);
  return rows[0];
}
