/** What a dataset for export is: columns, and a statement that reads a page of them. */
import type { Parameters } from '../../db/parameters.js';
import type { PortableColumn } from '../../facts/portable.js';
import type { Range } from '../segments.js';

/** Conditions that rows can be restricted by: any of some values. */
export const FILTERS = {
  agent_ids: 'Only of these agents.',
  agent_tags: 'Only of agents that have any of these tags now.',
  user_ids: 'Only of these users.',
  environments: 'Only of these environments.',
  statuses: 'Only with these statuses.',
  model_names: 'Only of these models.',
} as const;
export type FilterName = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];
export type Filters = Partial<Record<FilterName, readonly string[]>>;

/** What is read of a dataset. */
export interface DatasetRequest {
  /** Half-open, milliseconds. */
  range: Range;
  filters?: Filters;
  /** Sessions whose last execution ended before this instant have ended, milliseconds. */
  idleSince: number;
}

/** Placeholders of a page. The tenant is $1. */
export interface Page {
  from: string;
  to: string;
  idleSince(): string;
  /** Of the cursor. */
  after: readonly string[];
  /** Conditions of the filters, each behind an AND. */
  where: string;
  limit: string;
}

export interface Dataset {
  columns: readonly PortableColumn[];
  /**
   * Reads the rows after the cursor, in the order of its keys. ORDER BY qualifies its columns: a bare name would be the
   * formatted text of the SELECT list, which no index orders.
   */
  sql(page: Page): string;
  /** Columns of the cursor, and the values that the first page begins after. The first column is a time or a date. */
  cursor: readonly { column: string; from: string }[];
  /** What each filter compares, as SQL; a filter without one cannot be applied. */
  filters: Partial<Record<FilterName, FilterSql>>;
  /** Makes cells of what a row has; without it they are the same. */
  cells?: (row: Record<string, unknown>) => Record<string, unknown>;
}

/** The condition that a value of `values`, a placeholder of text[], is met. */
type FilterSql = (values: string) => string;

/** A column of which one of the values is asked for. */
export const is =
  (column: string): FilterSql =>
  (values) =>
    `${column} = ANY (${values}::text[])`;

/** Filters of a column with the id of an agent. */
export const byAgent = (column: string): Dataset['filters'] => ({
  agent_ids: is(column),
  agent_tags: (values) =>
    `${column} IN (SELECT t.id FROM agents t WHERE t.tenant_id = $1 AND t.tags && ${values}::text[])`,
});

/** @throws Error for a filter that the dataset has not, which the request should have been refused for */
export function whereOf(dataset: Dataset, filters: Filters, parameters: Parameters): string {
  return Object.entries(filters)
    .map(([name, values]) => {
      const sql = dataset.filters[name as FilterName];
      if (sql === undefined) throw new Error(`the dataset has no filter ${name}`);
      return ` AND ${sql(parameters.add(values))}`;
    })
    .join('');
}

/** The days that the range touches; a range of hours may begin and end within a day. */
export const daysSql = ({ from, to, after }: Page): string =>
  `tenant_id = $1 AND date >= (${from}::timestamptz AT TIME ZONE 'UTC')::date
              AND date <= ((${to}::timestamptz - interval '1 ms') AT TIME ZONE 'UTC')::date AND date >= ${after[0]}::text::date`;

/** Sorts before every date. */
export const FIRST_DATE = '0001-01-01';
