/** Writes rows as Parquet, in a worker thread: a group of rows takes long to encode. */
import type { PortableColumn } from '../facts/portable.js';
import type { ExportRow } from '../query/datasets/index.js';
import { WorkerThread } from '../worker-thread.js';

export type ParquetAsk = { file: number } & (
  | { kind: 'begin'; columns: readonly PortableColumn[] }
  | { kind: 'rows'; rows: readonly ExportRow[] }
  | { kind: 'end' }
  | { kind: 'forget' }
);

const MAX_HEAP_MB = 1_024;

const thread = new WorkerThread<ParquetAsk, Uint8Array>({
  here: new URL(import.meta.url),
  name: 'parquet-worker',
  maxHeapMb: MAX_HEAP_MB,
  died: (cause) => new Error('the thread that encodes Parquet has ended', { cause }),
  closed: () => new Error('the service is closing'),
});
let begun = 0;

export async function* writeParquet(
  columns: readonly PortableColumn[],
  rows: AsyncIterable<readonly ExportRow[]>,
): AsyncGenerator<Uint8Array> {
  const file = (begun += 1);
  await thread.ask({ file, kind: 'begin', columns });
  try {
    for await (const page of rows) {
      const bytes = await thread.ask({ file, kind: 'rows', rows: page });
      if (bytes.length > 0) yield bytes;
    }
    yield await thread.ask({ file, kind: 'end' });
  } finally {
    // If the thread has ended, so have its files.
    await thread.ask({ file, kind: 'forget' }).catch(() => undefined);
  }
}
