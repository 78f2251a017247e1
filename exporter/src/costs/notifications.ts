/** The notifications of budgets as they stand in the database. `BudgetWatch` raises and clears them. */
import type { Pool } from 'pg';
import type { ReadPool } from '../db/read-shares.js';
import { formatTime } from '../time.js';
import { toWire } from '../money.js';

export const MARKS = ['warning', 'exceeded'] as const;
export type Mark = (typeof MARKS)[number];

const MAX_LISTED = 20;

/** A notification on the wire. */
export interface NotificationView {
  mark: Mark;
  raised_at: string;
  cleared_at: string | null;
  spend_usd: number;
  sent_at: string | null;
  last_error: string | null;
}

/** The latest notifications of a budget, newest first; of two raised at once, `exceeded` first. */
export async function listNotifications(
  pool: ReadPool,
  tenantId: string,
  budgetId: string,
): Promise<NotificationView[]> {
  const { rows } = await pool.query<{
    mark: Mark;
    raisedAt: Date;
    clearedAt: Date | null;
    spend: string;
    sentAt: Date | null;
    lastError: string | null;
  }>(
    `SELECT n.mark, n.raised_at AS "raisedAt", n.cleared_at AS "clearedAt", n.spend_usd AS spend,
            coalesce(n.sent_at, d.sent_at) AS "sentAt", coalesce(n.last_error, d.last_error) AS "lastError"
     FROM budget_notifications n CROSS JOIN LATERAL (
       SELECT min(sent_at) AS sent_at, string_agg(last_error, '; ' ORDER BY id) AS last_error
       FROM outbox_deliveries WHERE tenant_id = $1 AND message_id = n.id) d
     WHERE n.tenant_id = $1 AND n.budget_id = $2
     ORDER BY n.raised_at DESC, n.mark = 'exceeded' DESC, n.id DESC LIMIT ${MAX_LISTED}`,
    [tenantId, budgetId],
  );
  const time = (at: Date | null): string | null => at && formatTime(at.getTime());
  return rows.map((row) => ({
    mark: row.mark,
    raised_at: formatTime(row.raisedAt.getTime()),
    cleared_at: time(row.clearedAt),
    spend_usd: toWire(row.spend),
    sent_at: time(row.sentAt),
    last_error: row.lastError,
  }));
}

/** Mails that have not been sent, by tenant. */
export interface MailFigures {
  tenant: string;
  /** Not attempted yet. */
  waiting: number;
  /** Failed at least once: to be retried, or given up within the last day. */
  failing: number;
}

export async function readMailFigures(pool: Pool): Promise<MailFigures[]> {
  const { rows } = await pool.query<MailFigures>(
    `SELECT tenant_id AS tenant, count(*) FILTER (WHERE next_attempt_at IS NOT NULL AND last_error IS NULL) AS waiting,
            count(*) FILTER (WHERE last_error IS NOT NULL) AS failing
     FROM (
       SELECT tenant_id, next_attempt_at, last_error, sent_at, raised_at FROM budget_notifications
       UNION ALL
       SELECT d.tenant_id, d.next_attempt_at, d.last_error, d.sent_at, m.created_at
       FROM outbox_deliveries d JOIN outbox_messages m ON m.tenant_id = d.tenant_id AND m.id = d.message_id
       WHERE m.kind = 'budget' AND d.type = 'email'
     ) mails
     WHERE next_attempt_at IS NOT NULL
        OR (sent_at IS NULL AND last_error IS NOT NULL AND raised_at > now() - interval '1 day')
     GROUP BY 1 ORDER BY 1`,
  );
  return rows;
}

/** Deletes those cleared before `before`, milliseconds. @returns the number deleted */
export async function dropOldNotifications(pool: Pool, before: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM budget_notifications WHERE cleared_at < $1', [
    new Date(before),
  ]);
  return rowCount ?? 0;
}
