/** The history of alerts: the changes of their states. */
import type { ReadPool } from '../db/read-shares.js';
import { formatTime } from '../time.js';
import type { AlertState, Labels } from './rule.js';

/** A change of the state of an alert or of one of its groups, on the wire. */
export interface AlertEvent {
  id: string;
  alert_id: string;
  alert_name: string;
  severity: string;
  at: string;
  from: AlertState;
  to: AlertState;
  value: number | null;
  samples: number | null;
  labels: Labels;
}

export interface EventQuery {
  /** Default: of all alerts. */
  ruleId?: string;
  /** Milliseconds, included. Default: all. */
  from?: number;
  /** Milliseconds, excluded. Default: all. */
  to?: number;
  /** Only events older than the one with this id. */
  beforeId?: string;
  limit: number;
}

/** The newest first; one more than `limit` if there are more. */
export async function listEvents(pool: ReadPool, tenantId: string, query: EventQuery): Promise<AlertEvent[]> {
  const { ruleId, from, to, beforeId, limit } = query;
  const time = (at: number | undefined): Date | null => (at === undefined ? null : new Date(at));
  const { rows } = await pool.query<Omit<AlertEvent, 'at'> & { at: Date }>(
    `SELECT e.id, e.rule_id AS alert_id, r.name AS alert_name, r.severity, e.at, e.from_state AS "from", e.to_state AS "to",
            e.value, e.samples, e.labels
     FROM alert_events e JOIN alert_rules r ON r.tenant_id = $1 AND r.id = e.rule_id
     WHERE e.tenant_id = $1 AND ($2::uuid IS NULL OR e.rule_id = $2)
       AND ($3::timestamptz IS NULL OR e.at >= $3) AND ($4::timestamptz IS NULL OR e.at < $4)
       AND ($5::uuid IS NULL OR e.id < $5)
     ORDER BY e.id DESC LIMIT $6`,
    [tenantId, ruleId ?? null, time(from), time(to), beforeId ?? null, limit + 1],
  );
  return rows.map((row) => ({ ...row, at: formatTime(row.at.getTime()) }));
}
