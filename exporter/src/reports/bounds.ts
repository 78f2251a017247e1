/** What bounds reports: each of them reads, is kept and is sent. */

/** Reports of a tenant. */
export const MAX_REPORTS = 100;
/** Metrics that a report names itself. */
export const MAX_METRICS = 20;
export const MAX_GROUP_BY = 2;
/** Agents, tags or environments in one filter. */
export const MAX_FILTER_VALUES = 100;
export const MAX_RECIPIENTS = 50;
export const MAX_CHANNELS = 10;
/** Rows of a table that is grouped as the report says. Tables of templates have their own. */
export const MAX_ROWS = 50;
/** Runs that are kept of a report, the latest. */
export const MAX_RUNS = 50;
/** Days that a run is kept. */
export const RUN_DAYS = 400;
/** Runs of a tenant at a time, over all replicas. */
export const MAX_RUNS_AT_ONCE = 2;
/** Runs of a tenant that wait for their turn. */
export const MAX_WAITING_RUNS = 20;
