/** Joins executions with their steps or token usages, in statements of one tenant ($1). */

/**
 * The parts of an execution `e`, looked up for each execution. For a tenant that the statistics do not know yet the
 * planner expects one row, and would otherwise compare every execution with every part.
 */
export const partsOf = (table: string): string =>
  `SELECT p.* FROM ${table} p WHERE p.tenant_id = $1 AND p.execution_id = e.id OFFSET 0`;
