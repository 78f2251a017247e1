/** When agents and users were seen, kept exact to the event. Statements take $1 to $3 as those of the aggregates do. */
import { EVENTS, execution, EXECUTIONS, type Facts, usage } from '../aggregates/index.js';
import { factsInRanges, rowsInRanges } from '../aggregates/statements.js';

/** An agent that acts after its deletion comes back: hiding it would hide what whoever holds its credential does. */
const BACK_IF_SEEN = 'deleted_at = CASE WHEN s.last_at > a.deleted_at THEN NULL ELSE a.deleted_at END';
const IS_BACK = 'coalesce(s.last_at > a.deleted_at, false)';

/** Keeps first_seen_at, last_seen_at and last_rotated_at of the agents with events in the ranges. */
export const SEEN_BY_EVENTS = `
  UPDATE agents a
  SET first_seen_at = least(a.first_seen_at, s.first_at), last_seen_at = greatest(a.last_seen_at, s.last_at),
      last_rotated_at = greatest(a.last_rotated_at, s.rotated_at), ${BACK_IF_SEEN}
  FROM (
    SELECT h.agent_id, min(h.first_at) AS first_at, max(h.last_at) AS last_at,
           max(h.last_at) FILTER (WHERE h.metric_type = 'credential_rotations') AS rotated_at
    FROM ${rowsInRanges(usage, 'hour', 'h')}
    WHERE h.agent_id IS NOT NULL GROUP BY 1
  ) AS s
  WHERE a.tenant_id = $1 AND a.id = s.agent_id
    AND (${IS_BACK} OR (a.first_seen_at, a.last_seen_at, coalesce(a.last_rotated_at, timestamptz '-infinity')) IS DISTINCT FROM
        (least(a.first_seen_at, s.first_at), greatest(a.last_seen_at, s.last_at),
         coalesce(greatest(a.last_rotated_at, s.rotated_at), timestamptz '-infinity')))`;

/** An execution has ended when it says so, unless that lies ahead. */
const LAST_OF_EXECUTION = 'greatest(e.started_at, CASE WHEN e.completed_at <= now() THEN e.completed_at END)';

/** Keeps first_seen_at and last_seen_at of the agents that ran something in the ranges. */
export const SEEN_BY_EXECUTIONS = `
  UPDATE agents a
  SET first_seen_at = least(a.first_seen_at, s.first_at), last_seen_at = greatest(a.last_seen_at, s.last_at), ${BACK_IF_SEEN}
  FROM (
    SELECT e.agent_id, min(e.started_at) AS first_at, max(${LAST_OF_EXECUTION}) AS last_at
    FROM ${factsInRanges({ ...execution.from, where: 'e.agent_id IS NOT NULL' })} GROUP BY 1
  ) AS s
  WHERE a.tenant_id = $1 AND a.id = s.agent_id
    AND (${IS_BACK} OR (a.first_seen_at, a.last_seen_at) IS DISTINCT FROM
        (least(a.first_seen_at, s.first_at), greatest(a.last_seen_at, s.last_at)))`;

/** Users are registered by ingest; where a tenant has none, nothing is read. */
const usersSeen = (facts: Facts, last: string): string => `
  UPDATE users u SET last_seen_at = s.last_at
  FROM (
    SELECT e.user_id, max(${last}) AS last_at
    FROM ${factsInRanges({ ...facts, where: 'e.user_id IS NOT NULL AND EXISTS (SELECT FROM users WHERE tenant_id = $1)' })}
    GROUP BY 1
  ) AS s
  WHERE u.tenant_id = $1 AND u.id = s.user_id AND s.last_at > coalesce(u.last_seen_at, '-infinity')`;

/** Keeps last_seen_at of the users with events in the ranges. */
export const USERS_SEEN_BY_EVENTS = usersSeen(EVENTS, 'e.occurred_at');

/** Keeps last_seen_at of the users on whose behalf something ran in the ranges. */
export const USERS_SEEN_BY_EXECUTIONS = usersSeen(EXECUTIONS, LAST_OF_EXECUTION);
