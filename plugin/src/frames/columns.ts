/** Tables other than those of metrics: one row per object, and columns with display names. */
import {
  FieldType,
  type DataFrame,
  type Field,
  type FieldConfig,
  type QueryResultMetaNotice,
} from '@grafana/data';

export interface Column<Row> {
  name: string;
  /** The field of the API that the column shows. */
  field: keyof Row & string;
  type: FieldType;
  config: FieldConfig;
  value(row: Row): unknown;
}

export const USD: FieldConfig = { unit: 'currencyUSD' };
export const PERCENT: FieldConfig = { unit: 'percent' };
export const SECONDS: FieldConfig = { unit: 's' };
export const MILLISECONDS: FieldConfig = { unit: 'ms' };
/** The exact number: `short` would round it to thousands. */
export const COUNT: FieldConfig = { unit: 'locale' };

interface Options<Row> {
  config?: FieldConfig;
  /** Default: the unchanged field. */
  value?: (row: Row) => unknown;
}

export function textColumn<Row>(
  name: string,
  field: keyof Row & string,
  { config = {}, value = (row) => row[field] }: Options<Row> = {},
): Column<Row> {
  return { name, field, type: FieldType.string, config, value };
}

export function numberColumn<Row>(
  name: string,
  field: keyof Row & string,
  config: FieldConfig = {},
): Column<Row> {
  return { name, field, type: FieldType.number, config, value: (row) => row[field] };
}

/** A column for a field with an RFC 3339 time. */
export function timeColumn<Row>(name: string, field: keyof Row & string): Column<Row> {
  const value = (row: Row) => (typeof row[field] === 'string' ? Date.parse(row[field]) : null);
  return { name, field, type: FieldType.time, config: {}, value };
}

/** Without rows there is no frame, so that the panel shows its own message. */
export function tableOf<Row>(
  refId: string,
  rows: Row[],
  columns: Array<Column<Row>>,
  notices: QueryResultMetaNotice[] = [],
): DataFrame[] {
  const meta = { preferredVisualisationType: 'table' as const, ...(notices.length > 0 && { notices }) };
  const fields = columns.map(({ name, type, config, value }): Field => ({
    name,
    type,
    config,
    values: rows.map(value),
  }));
  return rows.length === 0 ? [] : [{ refId, meta, length: rows.length, fields }];
}
