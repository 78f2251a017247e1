/** The formats of exports: each writes rows a page at a time. */
import { stringify } from 'csv-stringify/sync';
import { defused } from '../csv-cells.js';
import type { PortableColumn } from '../facts/portable.js';
import { plainNumber } from '../money.js';
import type { ExportRow } from '../query/datasets/index.js';
import { writeParquet } from './parquet.js';

export type Rows = AsyncIterable<readonly ExportRow[]>;
type Chunks = AsyncIterable<string | Uint8Array>;

/** A list as one cell. */
const joinedCell = (list: object): string => defused((list as readonly string[]).join(';'));

interface Format {
  /** Content type. */
  type: string;
  /** Whether the file is packed in itself. */
  isPacked: boolean;
  write: (columns: readonly PortableColumn[], rows: Rows) => Chunks;
}

export const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8',
    isPacked: false,
    async *write(columns, rows) {
      const options = {
        columns: columns.map(({ name }) => name),
        cast: { object: joinedCell, number: plainNumber, string: defused, boolean: String },
      };
      yield stringify([], { ...options, header: true });
      for await (const page of rows) yield stringify([...page], options);
    },
  },
  json: {
    type: 'application/json; charset=utf-8',
    isPacked: false,
    async *write(_columns, rows) {
      let opened = false;
      for await (const page of rows) {
        yield (opened ? ',\n' : '[\n') + page.map((row) => JSON.stringify(row)).join(',\n');
        opened = true;
      }
      yield opened ? '\n]\n' : '[]\n';
    },
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    isPacked: false,
    async *write(_columns, rows) {
      for await (const page of rows) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
    },
  },
  parquet: {
    type: 'application/vnd.apache.parquet',
    isPacked: true,
    write: writeParquet,
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
