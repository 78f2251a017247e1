/** Aggregates by day that know enough to count for some filters of the list, the narrowest first. */
import type { Filter } from './filters.js';

const COUNTED_BY: readonly { table: string; filters: readonly Filter[] }[] = [
  { table: 'execution_status_days', filters: ['status'] },
  { table: 'execution_flow_days', filters: ['status', 'flow_id'] },
  { table: 'execution_user_days', filters: ['status', 'user_id'] },
  { table: 'execution_days', filters: ['status', 'agent_id', 'model_name'] },
];

/** The table that can count what these filters let through; undefined where only the executions themselves can. */
export const countedBy = (filters: readonly Filter[]): string | undefined =>
  COUNTED_BY.find((candidate) => filters.every((name) => candidate.filters.includes(name)))?.table;
