/** What became of stored messages: the latest of a channel, and figures of all for Prometheus. */
import type { Pool } from 'pg';
import type { ReadPool } from '../db/read-shares.js';
import { DAY, formatTime } from '../time.js';
import type { MessageKind } from './messages.js';

export const DELIVERY_STATES = ['waiting', 'sent', 'failed'] as const;
const MAX_LISTED = 20;

/** A delivery on the wire. */
export interface DeliveryView {
  message_id: string;
  kind: MessageKind;
  title: string;
  created_at: string;
  state: (typeof DELIVERY_STATES)[number];
  attempts: number;
  next_attempt_at: string | null;
  sent_at: string | null;
  last_error: string | null;
}

type Row = Omit<DeliveryView, 'created_at' | 'next_attempt_at' | 'sent_at'> & {
  created_at: Date;
  next_attempt_at: Date | null;
  sent_at: Date | null;
};

/** The latest deliveries to a channel, newest first. */
export async function latestDeliveries(
  pool: ReadPool,
  tenantId: string,
  channel: string,
): Promise<DeliveryView[]> {
  const { rows } = await pool.query<Row>(
    `SELECT d.message_id, m.kind, m.content ->> 'title' AS title, m.created_at, d.attempts, d.next_attempt_at, d.sent_at,
            d.last_error,
            CASE WHEN d.next_attempt_at IS NOT NULL THEN 'waiting' WHEN d.sent_at IS NOT NULL THEN 'sent' ELSE 'failed' END AS state
     FROM outbox_deliveries d JOIN outbox_messages m ON m.tenant_id = d.tenant_id AND m.id = d.message_id
     WHERE d.tenant_id = $1 AND m.tenant_id = $1 AND d.channel = $2 ORDER BY d.id DESC LIMIT ${MAX_LISTED}`,
    [tenantId, channel],
  );
  const time = (at: Date | null): string | null => at && formatTime(at.getTime());
  return rows.map((row) => ({
    ...row,
    created_at: formatTime(row.created_at.getTime()),
    next_attempt_at: time(row.next_attempt_at),
    sent_at: time(row.sent_at),
  }));
}

/** Deliveries that are not finished, by tenant and type of channel. */
export interface DeliveryFigures {
  tenant: string;
  type: string;
  /** Not tried yet. */
  waiting: number;
  /** Failed at least once: to be retried, or given up within the last day. */
  failing: number;
}

/** Test messages are not counted: whoever sent one has been told. */
export async function readDeliveryFigures(pool: Pool): Promise<DeliveryFigures[]> {
  const { rows } = await pool.query<DeliveryFigures>(
    `SELECT d.tenant_id AS tenant, d.type,
            count(*) FILTER (WHERE d.next_attempt_at IS NOT NULL AND d.last_error IS NULL) AS waiting,
            count(*) FILTER (WHERE d.last_error IS NOT NULL) AS failing
     FROM outbox_deliveries d JOIN outbox_messages m ON m.tenant_id = d.tenant_id AND m.id = d.message_id
     WHERE m.kind <> 'test' AND (d.next_attempt_at IS NOT NULL
        OR (d.sent_at IS NULL AND d.last_error IS NOT NULL AND m.created_at > now() - interval '1 day'))
     GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

/** Days that messages are kept. What became of those of budgets is shown with the notifications of a budget. */
const KEPT_DAYS = 30;
const KEPT_DAYS_OF_BUDGETS = 400;

/** Deletes old messages with their deliveries. @returns the number deleted */
export async function dropOldMessages(pool: Pool, now: number): Promise<number> {
  const isOld = `(created_at < $1 AND kind <> 'budget' OR created_at < $2)`;
  const before = [KEPT_DAYS, KEPT_DAYS_OF_BUDGETS].map((days) => new Date(now - days * DAY));
  await pool.query(
    `DELETE FROM outbox_deliveries d USING outbox_messages m
     WHERE m.tenant_id = d.tenant_id AND m.id = d.message_id AND ${isOld}`,
    before,
  );
  const { rowCount } = await pool.query(`DELETE FROM outbox_messages WHERE ${isOld}`, before);
  return rowCount ?? 0;
}
