/** Tables that are no metric's: a row a thing, under the names that readers see. */
import {
  FieldType,
  type DataFrame,
  type Field,
  type FieldConfig,
  type QueryResultMetaNotice,
} from '@grafana/data';

type Column = Field & { values: unknown[] };

export const USD: FieldConfig = { unit: 'currencyUSD' };
export const MILLISECONDS: FieldConfig = { unit: 'ms' };
/** Of one thing the number itself, not rounded to thousands. */
export const COUNT: FieldConfig = { unit: 'locale' };

export function textColumn(name: string, values: Array<string | null>, config: FieldConfig = {}): Column {
  return { name, type: FieldType.string, config, values };
}

export function numberColumn(name: string, values: Array<number | null>, config: FieldConfig = {}): Column {
  return { name, type: FieldType.number, config, values };
}

/** @param times RFC 3339 */
export function timeColumn(name: string, times: Array<string | null>): Column {
  return {
    name,
    type: FieldType.time,
    config: {},
    values: times.map((time) => (time === null ? null : Date.parse(time))),
  };
}

/** No frame at all where there is no row: a panel then says so in its own words. */
export function tableOf(
  refId: string,
  columns: Column[],
  notices: QueryResultMetaNotice[] = [],
): DataFrame[] {
  const length = columns[0]?.values.length ?? 0;
  const meta = { preferredVisualisationType: 'table' as const, ...(notices.length > 0 && { notices }) };
  return length === 0 ? [] : [{ refId, meta, length, fields: columns }];
}

export function valuesOf<Row, Key extends keyof Row>(rows: Row[], key: Key): Array<Row[Key]> {
  return rows.map((row) => row[key]);
}
