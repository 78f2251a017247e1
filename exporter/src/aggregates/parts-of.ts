/** Steps and token usages beside their executions, in statements of one tenant ($1). */

/**
 * What belongs to an execution `e`, looked up for each: of a tenant that its statistics do not know yet the planner expects
 * one row, and would compare every execution with everything that the tenant has.
 */
export const partsOf = (table: 'execution_steps' | 'token_usages'): string =>
  `SELECT p.* FROM ${table} p WHERE p.tenant_id = $1 AND p.execution_id = e.id OFFSET 0`;
