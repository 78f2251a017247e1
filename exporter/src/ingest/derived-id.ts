/** Ids for events that have none: derived from the content, so that a repeated import is recognized. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** A UUIDv8, the same for the same content and ordinal. */
export function derivedId(content: string, ordinal = 0): string {
  const hash = createHash('sha256').update(`${ordinal}\n${content}`).digest('hex');
  const variant = '89ab'[parseInt(hash[16]!, 16) & 3]!;
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Number of different lines that are remembered; takes about 6 MB. */
export const REMEMBERED = 50_000;

/**
 * Distinguishes equal lines of one source by their ordinal: the third equal line is a different event from the first.
 * Memory is bounded, so a line repeated after more than REMEMBERED different lines counts as the first one again. In a log,
 * equal lines are at most a second apart.
 */
export class LineIds {
  private readonly seen: LRUCache<string, number>;

  constructor(remembered = REMEMBERED) {
    this.seen = new LRUCache({ max: remembered });
  }

  idOf(line: string): string {
    return derivedId(line, this.ordinalOf(line));
  }

  /** How many equal lines there were before. */
  ordinalOf(line: string): number {
    const first = derivedId(line);
    const ordinal = this.seen.get(first) ?? 0;
    this.seen.set(first, ordinal + 1);
    return ordinal;
  }
}
