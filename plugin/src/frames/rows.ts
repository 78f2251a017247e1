/** Converts the columns of a response to rows with a time, a group and a value. */
import type { Column } from '../api/types';
import type { Answer } from '../queries/run';

export type Cell = string | number | null;

export interface Rows {
  /** Starts of the buckets in milliseconds since the epoch; undefined without an interval. */
  time?: number[];
  /** One column per grouped dimension; `agentName` follows `agent`. */
  groups: Column[];
  values: Array<number | null>;
  unit?: string;
}

export function readRows({ columns }: Answer): Rows {
  const time = columns.find(({ type }) => type === 'time');
  const value = columns.find(({ name }) => name === 'value');
  return {
    time: time?.values.map((at) => (typeof at === 'number' ? at : Date.parse(String(at)))),
    groups: columns.filter((column) => column !== time && column !== value),
    values: (value?.values ?? []).map((number) => (number === null ? null : Number(number))),
    unit: value?.unit,
  };
}

/** The values by which a row is grouped, in the order of `groups`. */
export function groupOf({ groups }: Rows, row: number): Cell[] {
  return groups.map(({ values }) => values[row] ?? null);
}

export interface Series {
  group: Cell[];
  points: Array<{ time: number; value: number | null }>;
}

/** Rows by group. Groups and their points keep the order of the rows. */
export function seriesOf(rows: Rows): Map<string, Series> {
  const series = new Map<string, Series>();
  rows.values.forEach((value, row) => {
    const group = groupOf(rows, row);
    const key = keyOf(group);
    const found = series.get(key) ?? { group, points: [] };
    found.points.push({ time: rows.time?.[row] ?? 0, value });
    series.set(key, found);
  });
  return series;
}

export function keyOf(group: Cell[]): string {
  return JSON.stringify(group);
}
