/** Where the rows of an aggregate stand. */
import { type Aggregate, type Level, tableOf, timeColumn } from './aggregate.js';

/** Rows of one table, which together with those of the other parts are all rows of an aggregate. */
export interface Part {
  table: string;
  /** The expression of a column of the aggregate. */
  column: (name: string) => string;
  /** The condition for a row to count, in addition to those on the columns. */
  where: string;
}

/**
 * @param row alias of the table's rows
 * @param tenant expression of the tenant's id
 */
export function partsOf(aggregate: Aggregate, level: Level, row: string, tenant: string): Part[] {
  const own: Part = {
    table: tableOf(aggregate, level),
    column: (name) => `${row}.${name}`,
    where: 'true',
  };
  if (aggregate.sparse === undefined) return [own];
  const { key, keptWith, otherwise } = aggregate.sparse;
  const time = timeColumn(level);
  const others: Part = {
    table: tableOf(otherwise, level),
    column: (name) => (name === key ? `NULL::text COLLATE "C"` : `${row}.${name}`),
    where: `NOT EXISTS (
      SELECT FROM ${tableOf(keptWith, level)} kept WHERE kept.tenant_id = ${tenant} AND kept.${time} = ${row}.${time})`,
  };
  return [own, others];
}
