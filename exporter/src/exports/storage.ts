/** Where the files of exports stand. */
import type { Readable } from 'node:stream';

export interface StoredFile {
  bytes: number;
  open(): Promise<Readable>;
}

export interface ExportStorage {
  /** Whether every replica has the files. */
  readonly isShared: boolean;
  /**
   * Writes a file. It is there as a whole or not at all: after an error, also a kill, nothing of it can be read.
   * @returns its bytes
   */
  write(name: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number>;
  /** Undefined where it is not. */
  find(name: string): Promise<StoredFile | undefined>;
  /** Does nothing where it is not. */
  remove(name: string): Promise<void>;
  /** Names of the files that stand here. */
  list(): Promise<string[]>;
  close(): void;
}

/** An error that no repetition mends. The message is shown to the tenant. */
export class PermanentError extends Error {}
