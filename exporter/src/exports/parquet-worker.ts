/** The worker thread that encodes Parquet files, several at a time. */
import { answerMessages } from '../worker-thread.js';
import { ParquetFile } from './parquet-file.js';
import type { ParquetAsk } from './parquet.js';

const files = new Map<number, ParquetFile>();
const NOTHING = new Uint8Array();

answerMessages((ask: ParquetAsk): Uint8Array => {
  const file = files.get(ask.file);
  switch (ask.kind) {
    case 'begin':
      files.set(ask.file, new ParquetFile(ask.columns));
      return NOTHING;
    case 'rows':
      return file!.add(ask.rows);
    case 'end':
      return file!.end();
    case 'forget':
      files.delete(ask.file);
      return NOTHING;
  }
});
