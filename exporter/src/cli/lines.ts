/** Lines of a file or of standard input, gunzipped where its name says so, in constant memory. */
import { createReadStream, ReadStream, statSync } from 'node:fs';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface Line {
  /** From 1. */
  number: number;
  /** Without its end; undefined where it is longer than MAX_LINE bytes. */
  text: string | undefined;
}

export interface LineSource {
  /** Bytes to be read; undefined for standard input. */
  size: number | undefined;
  /** Bytes read so far. */
  read(): number;
  /** Some lines at a time; empty ones are left out. @throws UnreadableError where the rest cannot be had */
  lines(): AsyncGenerator<Line[]>;
}

/** A source that breaks off, such as a damaged archive. */
export class UnreadableError extends Error {}

export const MAX_LINE = 1024 * 1024;
const LINE_FEED = 0x0a;
const CHUNK = 256 * 1024;

/**
 * @param file a path, or `-` for standard input
 * @param signal ends the lines early
 */
export function openLines(file: string, signal: AbortSignal, stdin: Readable = process.stdin): LineSource {
  const size = file === '-' ? undefined : sizeOf(file);
  const raw = file === '-' ? stdin : createReadStream(file, { highWaterMark: CHUNK });
  return {
    size,
    read: () => (raw instanceof ReadStream ? raw.bytesRead : 0),
    lines: async function* () {
      const text = file.endsWith('.gz') ? unpack(raw) : raw;
      addAbortSignal(signal, text);
      try {
        yield* splitLines(text);
      } catch (error) {
        if (signal.aborted) return;
        throw new UnreadableError(`${file}: ${(error as Error).message}`, { cause: error });
      } finally {
        raw.destroy();
      }
    },
  };
}

/** An error of either stream arrives at the reader of the second. */
function unpack(raw: Readable): Readable {
  const gunzip = createGunzip();
  pipeline(raw, gunzip, () => undefined);
  return gunzip;
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`${file}: there is no such file`);
  if (stat.isDirectory()) throw new Error(`${file}: is a folder`);
  return stat.size;
}

export async function* splitLines(source: AsyncIterable<unknown>): AsyncGenerator<Line[]> {
  let rest: Buffer[] = [];
  let restSize = 0;
  let number = 0;
  const take = (end: Buffer): Line[] => {
    number += 1;
    const size = restSize + end.length;
    const text =
      size > MAX_LINE
        ? undefined
        : (rest.length === 0 ? end : Buffer.concat([...rest, end])).toString('utf8');
    rest = [];
    restSize = 0;
    const trimmed = (number === 1 ? text?.replace(/^\uFEFF/, '') : text)?.replace(/\r$/, '');
    return trimmed === undefined || trimmed.trim() !== '' ? [{ number, text: trimmed }] : [];
  };
  for await (const item of source) {
    const chunk = Buffer.isBuffer(item) ? item : Buffer.from(String(item));
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      lines.push(...take(chunk.subarray(from, end)));
      from = end + 1;
    }
    const tail = chunk.subarray(from);
    restSize += tail.length;
    // Of a line without end nothing is kept but its length.
    if (restSize <= MAX_LINE) rest.push(tail);
    else rest = [];
    yield lines;
  }
  if (restSize > 0) yield take(Buffer.alloc(0));
}
