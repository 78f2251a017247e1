/** Statements that mark hours for the rollup; $1 is the tenant. */
import { EVENTS, EXECUTIONS } from '../aggregates/index.js';

/** @param changed a table expression that has `occurred_at` of the changed events */
export const markHoursOf = (changed: string): string =>
  `INSERT INTO dirty_marks (tenant_id, kind, bucket)
   SELECT DISTINCT $1, '${EVENTS.marks.hour}', date_trunc('hour', occurred_at) FROM ${changed}`;

/** @param hours placeholder of the start instants of hours with changed executions */
export const markExecutionHours = (hours: string): string =>
  `INSERT INTO dirty_marks (tenant_id, kind, bucket)
   SELECT $1, '${EXECUTIONS.marks.hour}', bucket FROM unnest(${hours}::timestamptz[]) AS bucket`;

/** @param hours placeholders of the hours of changed executions and, parallel to them, of their sessions */
export const markSessions = (hours: string, sessions: string): string =>
  `INSERT INTO session_marks (tenant_id, bucket, session_id)
   SELECT $1, bucket, session_id FROM unnest(${hours}::timestamptz[], ${sessions}::text[]) AS changed (bucket, session_id)`;
