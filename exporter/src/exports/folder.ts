/** Files of exports in a folder of this machine, or of a file system that the replicas share. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../errors.js';
import { type ExportStorage, PermanentError, type StoredFile } from './storage.js';

/** Of a file that is being written, or whose writer was killed. */
const PART = '.part';

/** What is said of a folder that takes no more. */
const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk of the service is full',
  EDQUOT: 'the disk quota of the service is used up',
  EFBIG: 'the file is larger than the file system of the service takes',
  EROFS: 'the disk of the service is read-only',
  EACCES: 'the service may not write to its data directory',
};

const createFile = (path: string): Writable =>
  createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });

export class FolderStorage implements ExportStorage {
  readonly isShared = false;

  /** @param create opens a new file for writing */
  constructor(
    private readonly folder: string,
    private readonly create: (path: string) => Writable = createFile,
  ) {}

  async write(name: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    const part = this.partOf(name);
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await pipeline(counted, this.create(part), { signal });
      await rename(part, this.pathOf(name));
      return bytes;
    } catch (error) {
      await rm(part, { force: true });
      const reason = FULL[errorCode(error) ?? ''];
      throw reason === undefined ? error : new PermanentError(reason, { cause: error });
    }
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const path = this.pathOf(name);
    try {
      const { size } = await stat(path);
      return { bytes: size, open: async () => (await open(path)).createReadStream() };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  async list(): Promise<string[]> {
    return readdir(this.folder).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
  }

  close(): void {
    // Nothing is open between calls.
  }

  /** Two replicas may write the same file at once, if the claim of the first one has expired. */
  private partOf(name: string): string {
    return `${this.pathOf(name)}.${randomBytes(6).toString('hex')}${PART}`;
  }

  private pathOf(name: string): string {
    return join(this.folder, name);
  }
}
