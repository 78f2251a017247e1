/** Encodes rows as a Parquet file, a group of rows at a time. */
import { gzipSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { PortableColumn, PortableType } from '../facts/portable.js';
import { MONEY_DECIMALS, scaledUsd } from '../money.js';

/** A group is encoded at once: it is what the file takes of memory. */
const GROUP_ROWS = 20_000;
/** UTF-16 units of the texts of a group: one of large rows has fewer. */
const GROUP_UNITS = 16 * 1024 * 1024;
const GZIP_LEVEL = 6;
const CREATED_BY = 'agentidp-analytics';

type Row = Readonly<Record<string, unknown>>;

interface ParquetType {
  element: Omit<SchemaElement, 'name'>;
  /** Of a cell that is not null. */
  value: (cell: never) => unknown;
}

const STRING = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;

const TYPES: Record<PortableType, ParquetType> = {
  text: { element: STRING, value: (cell: string) => cell },
  integer: { element: { type: 'INT64' }, value: (cell: number) => BigInt(cell) },
  number: { element: { type: 'DOUBLE' }, value: (cell: number) => cell },
  money: {
    element: {
      ...{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL' },
      ...{ precision: 38, scale: MONEY_DECIMALS },
      logical_type: { type: 'DECIMAL', precision: 38, scale: MONEY_DECIMALS },
    },
    value: (cell: number | string) => scaledUsd(cell),
  },
  time: {
    element: {
      ...{ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    value: (cell: string) => BigInt(Date.parse(cell)) * 1000n,
  },
  date: {
    element: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    value: (cell: string) => new Date(cell),
  },
  boolean: { element: { type: 'BOOLEAN' }, value: (cell: boolean) => cell },
  json: {
    element: STRING,
    value: (cell: unknown) => (typeof cell === 'string' ? cell : JSON.stringify(cell)),
  },
};

/** The schema, of which the types of other stores follow. */
const parquetSchema = (columns: readonly PortableColumn[]): SchemaElement[] => [
  { name: 'root', num_children: columns.length },
  ...columns.map(({ name, type }) => ({
    name,
    repetition_type: 'OPTIONAL' as const,
    ...TYPES[type].element,
  })),
];

export class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly file: ParquetWriter;
  private group: Row[] = [];
  private units = 0;

  constructor(private readonly columns: readonly PortableColumn[]) {
    this.file = new ParquetWriter({
      writer: this.bytes,
      schema: parquetSchema(columns),
      codec: 'GZIP',
      compressors: { GZIP: (input) => gzipSync(input, { level: GZIP_LEVEL }) },
      createdBy: CREATED_BY,
    });
  }

  /** @returns the bytes that are done, often none */
  add(rows: readonly Row[]): Uint8Array {
    for (const row of rows) {
      this.group.push(row);
      for (const value of Object.values(row)) if (typeof value === 'string') this.units += value.length;
    }
    if (this.group.length >= GROUP_ROWS || this.units >= GROUP_UNITS) this.writeGroup();
    return this.take();
  }

  /** @returns the last bytes */
  end(): Uint8Array {
    if (this.group.length > 0) this.writeGroup();
    // The writer promises nothing, because nothing is flushed.
    void this.file.finish();
    return this.take();
  }

  private writeGroup(): void {
    const rows = this.group;
    [this.group, this.units] = [[], 0];
    const columnData = this.columns.map(({ name, type }) => {
      const { value } = TYPES[type];
      const data = rows.map((row) => (row[name] == null ? null : value(row[name] as never)));
      // Indexes of pages would be kept until the end of the file.
      return { name, data, offsetIndex: false };
    });
    void this.file.write({ columnData, rowGroupSize: rows.length });
  }

  private take(): Uint8Array {
    const taken = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    return taken;
  }
}
