/** One value a group over the whole range of a plan, with how much each counts. */
import type { ReadPool } from '../db/read-shares.js';
import type { Statement } from '../db/parameters.js';
import type { Plan } from './plan.js';
import { valueStatement } from './statements.js';

export interface GroupValue {
  group: readonly (string | number | null)[];
  value: number | null;
  /** What a rate, mean or percentile counts. Null for other metrics. */
  counted: number | null;
}

const numberOf = (value: string | number | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** @param top at most this many groups, those with the largest values first */
export const groupValueStatement = (plan: Plan, top: number): Statement =>
  valueStatement(plan, { bucketed: false, counted: true, ...(plan.groupBy.length > 0 && { top }) });

/** @param dimensions how many the statement groups by */
export async function readGroupValues(
  pool: ReadPool,
  { text, values }: Statement,
  dimensions: number,
): Promise<GroupValue[]> {
  const { rows } = await pool.query<Record<string, string | number | null>>(text, values);
  return rows.map((row) => ({
    group: Array.from({ length: dimensions }, (_, i) => row[`g${i}`] ?? null),
    value: numberOf(row.v),
    counted: numberOf(row.n),
  }));
}
