/**
 * The messages of a table. In addition to its own columns, it needs `tenant_id`, `id`, `recipients`, `attempts`, `sent_at`,
 * `last_error` and `next_attempt_at`. The last one is the end of the claim while a message is claimed, and null once it is
 * finished.
 *
 * To send messages of another table, declare that table in the same way.
 */
import type { Pool } from 'pg';
import type { DeliveryRecord, OutboxMessage, OutboxStorage } from './outbox.js';

const MAX_ERROR_LENGTH = 500;

export interface OutboxTableDeclaration {
  name: string;
  /** The column with the time of the message, of `m` or `joined`. */
  createdAt: string;
  /** The content of a message: a list of `expression AS "property"` over `m` (the table) and `joined`. */
  content: string;
  /** A table that the content also needs. A message without a row there is not sent. */
  joined: { table: string; on: string };
  /** A condition over the columns of the table. Other rows are left alone. Default: none. */
  only?: string;
  /**
   * Columns that are the same in messages that must be sent in the order of their ids, null in those that need no order.
   * `lane` is where they go. Default: no order.
   */
  ordered?: { lane: string; key: string };
  /** Other tables whose messages count for the daily limit too. Default: none. */
  countedWith?: readonly string[];
}

export class OutboxTable<M extends OutboxMessage> implements OutboxStorage<M> {
  /** @param dailyLimit messages of a tenant within 24 hours; 0: no limit */
  constructor(
    private readonly pool: Pool,
    private readonly table: OutboxTableDeclaration,
    private readonly dailyLimit = 0,
  ) {}

  async dueTenants(): Promise<string[]> {
    const { name, only = 'true' } = this.table;
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT DISTINCT tenant_id AS id FROM ${name} WHERE next_attempt_at <= now() AND ${only} ORDER BY 1`,
    );
    return rows.map(({ id }) => id);
  }

  async claim(tenantId: string, claimMs: number): Promise<M | undefined> {
    const { name, createdAt, content, joined, only = 'true', ordered } = this.table;
    const isNext =
      ordered === undefined
        ? 'true'
        : `NOT EXISTS (SELECT FROM ${name} earlier WHERE earlier.tenant_id = $1 AND earlier.next_attempt_at IS NOT NULL
             AND earlier.${ordered.lane} = due.${ordered.lane}
             AND earlier.${ordered.key} = due.${ordered.key} AND earlier.id < due.id)`;
    const { rows } = await this.pool.query<M>(
      `UPDATE ${name} m SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       FROM ${joined.table} joined
       WHERE m.tenant_id = $1 AND joined.tenant_id = $1 AND ${joined.on} AND m.id = (
         SELECT id FROM ${name} due WHERE tenant_id = $1 AND next_attempt_at <= now() AND ${only} AND ${isNext}
           AND ($3 = 0 OR ${this.sentToday()} < $3)
         ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING m.tenant_id AS "tenantId", m.id, ${createdAt} AS "createdAt", m.recipients, m.attempts, ${content}`,
      [tenantId, claimMs / 1000, this.dailyLimit],
    );
    return rows[0];
  }

  async renew({ tenantId, id, attempts }: M, claimMs: number): Promise<void> {
    await this.pool.query(
      `UPDATE ${this.table.name} SET next_attempt_at = now() + make_interval(secs => $4)
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND next_attempt_at IS NOT NULL`,
      [tenantId, id, attempts, claimMs / 1000],
    );
  }

  async record(
    { tenantId, id }: M,
    { sent, error, retry, postpones = false }: DeliveryRecord,
  ): Promise<void> {
    await this.pool.query(
      `${postpones && retry !== undefined ? this.postponing() : ''}
       UPDATE ${this.table.name}
       SET sent_at = CASE WHEN $3 THEN coalesce(sent_at, now()) ELSE sent_at END, last_error = $4,
           next_attempt_at = CASE WHEN $5 THEN now() + make_interval(secs => $6) END,
           recipients = CASE WHEN $5 THEN $7::text[] ELSE recipients END
       WHERE tenant_id = $1 AND id = $2`,
      [
        tenantId,
        id,
        sent,
        error?.slice(0, MAX_ERROR_LENGTH) ?? null,
        retry !== undefined,
        retry?.afterSeconds ?? 0,
        retry?.recipients ?? [],
      ],
    );
  }

  /** Lets the other due messages of its lane wait as long, in the same statement: nobody sees the one without the other. */
  private postponing(): string {
    const { name, ordered } = this.table;
    if (ordered === undefined) return '';
    const { lane } = ordered;
    return `WITH postponed AS (
        UPDATE ${name} SET next_attempt_at = now() + make_interval(secs => $6)
        WHERE tenant_id = $1 AND id <> $2 AND next_attempt_at <= now()
          AND ${lane} = (SELECT ${lane} FROM ${name} WHERE tenant_id = $1 AND id = $2)
      )`;
  }

  /** Whether the tenant has not had its share of the day. */
  async hasRoom(tenantId: string): Promise<boolean> {
    if (this.dailyLimit === 0) return true;
    const { rows } = await this.pool.query<{ sent: number }>(`SELECT ${this.sentToday()} AS sent`, [
      tenantId,
    ]);
    return rows[0]!.sent < this.dailyLimit;
  }

  private sentToday(): string {
    const { name, only = 'true', countedWith = [] } = this.table;
    return [`${name} WHERE ${only} AND`, ...countedWith.map((other) => `${other} WHERE`)]
      .map((rows) => `(SELECT count(*) FROM ${rows} tenant_id = $1 AND sent_at > now() - interval '1 day')`)
      .join(' + ');
  }
}
