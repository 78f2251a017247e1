/** Datasets for export, read in keyset pages and short transactions, so that a slow reader blocks nothing. */
import { Parameters, type Statement } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import type { PortableColumn } from '../../facts/portable.js';
import { formatTime } from '../../time.js';
import { costs } from './costs.js';
import { type Dataset, type DatasetRequest, whereOf } from './dataset.js';
import { focus } from './focus.js';
import { daily, executions, steps, tokenUsages, usage } from './executions.js';
import { sessions } from './sessions.js';

export const DATASETS = {
  executions,
  steps,
  token_usages: tokenUsages,
  daily,
  usage,
  sessions,
  costs,
  focus,
} satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof DATASETS;
export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

export type ExportRow = Record<string, unknown>;

/** Rows of a page, at first and at most. */
const FIRST_PAGE = 50;
const MAX_PAGE = 500;
/** Texts of a page, in UTF-16 units: a page of large rows has fewer. */
const PAGE_UNITS = 512 * 1024;

/** The statement of a page. */
export function pageStatement(
  tenantId: string,
  dataset: Dataset,
  { range, filters = {}, idleSince }: DatasetRequest,
  after: readonly string[],
  limit: number,
): Statement {
  const parameters = new Parameters();
  parameters.add(tenantId);
  const text = dataset.sql({
    from: parameters.add(formatTime(range.from)),
    to: parameters.add(formatTime(range.to)),
    idleSince: () => parameters.add(formatTime(idleSince)),
    after: after.map((value) => parameters.add(value)),
    where: whereOf(dataset, filters, parameters),
    limit: parameters.add(limit),
  });
  return { text, values: parameters.values };
}

/** The values that the first page begins after. */
export const firstOf = ({ cursor }: Dataset): string[] => cursor.map(({ from }) => from);

/** The dataset's columns of each row, a page of rows at a time. */
export async function* exportRows(
  pool: ReadPool,
  tenantId: string,
  name: DatasetName,
  request: DatasetRequest,
): AsyncGenerator<ExportRow[]> {
  const dataset: Dataset = DATASETS[name];
  const { columns, cursor, cells = (row) => row } = dataset;
  let after = firstOf(dataset);
  for (let limit = FIRST_PAGE; ;) {
    const { text, values } = pageStatement(tenantId, dataset, request, after, limit);
    const { rows } = await pool.query<ExportRow>(text, values);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = cursor.map(({ column }) => String(last[column]));
    yield rows.map((row) => ordered(cells(row), columns));
    if (rows.length < limit) return;
    // At most twice as many as before, because the next rows may be larger.
    const fitting = Math.floor(PAGE_UNITS / Math.max(1, unitsOf(rows) / rows.length));
    limit = Math.max(1, Math.min(fitting, 2 * limit, MAX_PAGE));
  }
}

/** UTF-16 units of the texts in rows. */
function unitsOf(rows: readonly ExportRow[]): number {
  let units = 0;
  for (const row of rows) {
    for (const value of Object.values(row)) if (typeof value === 'string') units += value.length;
  }
  return units;
}

const ordered = (row: ExportRow, columns: readonly PortableColumn[]): ExportRow =>
  Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
