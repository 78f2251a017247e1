/** Steps and token usages beside their executions, in statements of one tenant ($1). */

/**
 * The parts of an execution `e`, looked up one execution at a time (OFFSET keeps the planner from turning it into a join).
 * For a tenant that its statistics do not know yet, the planner expects one row and would compare every execution with
 * all parts of the tenant.
 */
export const partsOf = (table: 'execution_steps' | 'token_usages'): string =>
  `SELECT p.* FROM ${table} p WHERE p.tenant_id = $1 AND p.execution_id = e.id OFFSET 0`;
