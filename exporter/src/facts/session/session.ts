/** Sessions: the executions that share a `session_id`. The bounds of what is kept of one, and what follows from its columns. */

/** What is looked at of a session, which is made anew of all of it whenever one of its executions changes. */
export const BOUNDS = {
  /** Executions that count: those that began first, and those that began last. */
  firstExecutions: 9_000,
  lastExecutions: 1_000,
  /** Agents, those that ran first. */
  agents: 100,
  /** Executions and steps of which its path is made, those that ran first. */
  pathExecutions: 1_000,
  pathSteps: 10_000,
  /** Steps of its path, equal neighbours as one. A funnel looks no further. */
  path: 200,
};
export type Bounds = typeof BOUNDS;
export const maxExecutions = ({ firstExecutions, lastExecutions }: Bounds): number =>
  firstExecutions + lastExecutions;

/** Labels of a flow. */
export const MAX_FLOW = 30;
/** The last label of a flow that was cut. */
export const MORE = '…';

export const SESSION_STATUSES = ['active', 'completed', 'failed'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** The flow of a path: its first labels. */
export const flowSql = (path: string): string =>
  `CASE WHEN cardinality(${path}) > ${MAX_FLOW} THEN ${path}[1:${MAX_FLOW}] || '${MORE}'::text ELSE ${path} END`;

/**
 * Whether a session is active: an execution runs, or the last one ended less than the idle time ago.
 * @param idleSince placeholder of the instant before which an end is long enough ago
 */
const isActiveSql = (row: string, idleSince: string): string =>
  `(${row}.running > 0 OR ${row}.ended_at > ${idleSince}::timestamptz)`;

export const statusSql = (row: string, idleSince: string): string =>
  `CASE WHEN ${isActiveSql(row, idleSince)} THEN 'active' ELSE ${row}.ended_as END`;

/** What an index tells of the sessions of a status. */
export const STATUS_COLUMNS: Readonly<Record<SessionStatus, (row: string) => string>> = {
  active: (row) => `${row}.is_active`,
  completed: (row) => `${row}.ended_as = 'completed'`,
  failed: (row) => `${row}.ended_as = 'failed'`,
};

/** Even shares of the sessions, by their id: see the indexes `*_sampled`. */
export const SHARES = 1_024;
export const shareSql = (row: string): string => `(hashtext(${row}.session_id) & ${SHARES - 1})`;

/** Sessions that have ended since the aggregates counted them as active. */
export const hasEndedSinceSql = (row: string, idleSince: string): string =>
  `${row}.is_active AND ${row}.running = 0 AND ${row}.ended_at <= ${idleSince}::timestamptz`;

/** The cost of a session; null where it has tokens and none of them has a price. */
export const knownCostSql = (row: string): string =>
  `CASE WHEN ${row}.unpriced = 0 OR ${row}.priced_tokens > 0 OR ${row}.cost_usd > 0 THEN ${row}.cost_usd END`;
