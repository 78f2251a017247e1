/** The content of an export's file: one dataset or metric, or several of them as a zip. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import type { ReadPool } from '../db/read-shares.js';
import type { PortableColumn } from '../facts/portable.js';
import { DATASETS, type ExportRow, exportRows } from '../query/datasets/index.js';
import { metricColumns, metricRows } from '../query/datasets/metrics.js';
import { formatDate } from '../time.js';
import { FORMATS } from './formats.js';
import type { ExportRequest } from './table.js';

export interface ContentDeps {
  pool: ReadPool;
  tenantId: string;
  request: ExportRequest;
  createdAt: Date;
  idleSince: number;
}

/** A dataset or a metric as a file of its own. */
interface Part {
  name: string;
  columns: readonly PortableColumn[];
  rows: () => AsyncGenerator<readonly ExportRow[]>;
}

const periodOf = ({ range: { from, to } }: ExportRequest): string =>
  `${formatDate(from)}_${formatDate(to - 1)}`;

const partNameOf = (name: string, request: ExportRequest): string =>
  `${name}_${periodOf(request)}.${request.format}`;

/** A dataset may have the name of a metric. */
const fileOfMetric = (metric: string): string => `${metric}_by_day`;

/** Name of the download. */
export function fileNameOf(request: ExportRequest): string {
  const [first, ...others] = [...request.datasets, ...request.metrics.map(fileOfMetric)];
  return others.length === 0 ? partNameOf(first!, request) : `export_${periodOf(request)}.zip`;
}

export const contentTypeOf = ({ datasets, metrics, format }: ExportRequest): string =>
  datasets.length + metrics.length === 1 ? FORMATS[format].type : 'application/zip';

export class ExportContent {
  /** Rows written so far. */
  rows = 0;
  private readonly parts: readonly Part[];
  private begun = 0;
  /** Of the part that is being written, 0 to 1. */
  private share = 0;

  constructor(private readonly deps: ContentDeps) {
    const { pool, tenantId, request, idleSince } = deps;
    const { range, filters } = request;
    const datasets = request.datasets.map((name) => ({
      name,
      columns: DATASETS[name].columns,
      rows: () => exportRows(pool, tenantId, name, { range, filters, idleSince }),
    }));
    const now = deps.createdAt.getTime();
    const metrics = request.metrics.map((metric) => ({
      name: fileOfMetric(metric),
      columns: metricColumns(metric),
      rows: () => metricRows(pool, metric, { tenantId, range, filters, now }),
    }));
    this.parts = [...datasets, ...metrics];
  }

  /** Percent, below 100. */
  get progress(): number {
    const before = Math.max(0, this.begun - 1);
    return Math.min(99, Math.floor((100 * (before + this.share)) / this.parts.length));
  }

  /** The same bytes for the same rows. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    if (this.parts.length === 1) yield* this.fileOf(this.parts[0]!);
    else yield* this.zipped();
  }

  private async *zipped(): AsyncGenerator<Uint8Array> {
    const { createdAt, request } = this.deps;
    const zip = new ZipFile();
    const output = zip.outputStream as Readable;
    zip.on('error', (error: Error) => output.destroy(error));
    for (const part of this.parts) {
      const name = partNameOf(part.name, request);
      const { isPacked } = FORMATS[request.format];
      zip.addReadStreamLazy(name, { mtime: createdAt, compress: !isPacked }, (give) =>
        give(null, Readable.from(this.fileOf(part), { objectMode: false })),
      );
    }
    zip.end();
    yield* output as AsyncIterable<Uint8Array>;
  }

  private async *fileOf(part: Part): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.textOf(part)) yield bytesOf(chunk);
  }

  private textOf({ columns, rows }: Part): AsyncIterable<string | Uint8Array> {
    this.begun += 1;
    this.share = 0;
    return FORMATS[this.deps.request.format].write(columns, this.counted(columns, rows()));
  }

  private async *counted(
    columns: readonly PortableColumn[],
    pages: AsyncGenerator<readonly ExportRow[]>,
  ): AsyncGenerator<readonly ExportRow[]> {
    const { from, to } = this.deps.request.range;
    // Rows are in the order of a time or a date.
    const at = columns.find(({ type }) => type === 'time' || type === 'date')?.name;
    for await (const page of pages) {
      yield page;
      this.rows += page.length;
      const last = at === undefined ? undefined : page.at(-1)?.[at];
      const reached = typeof last === 'string' ? Date.parse(last) : from;
      this.share = Math.min(1, Math.max(this.share, (reached - from) / (to - from)));
      // The requests of others have their turn.
      await setImmediate();
    }
  }
}

const bytesOf = (chunk: string | Uint8Array): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
