/** Ids of events that bring none: made of their content, so that importing the same thing again is recognised. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** A UUIDv8 that is the same for the same content and ordinal. */
export function derivedId(content: string, ordinal = 0): string {
  const hash = createHash('sha256').update(`${ordinal}\n${content}`).digest('hex');
  const variant = '89ab'[parseInt(hash[16]!, 16) & 3]!;
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Different lines that are remembered: about 6 MB. */
export const REMEMBERED = 50_000;

/**
 * Tells equal lines of one source apart by their ordinal: the third equal line is another event than the first. Memory
 * is bounded, so of equal lines that stand more than REMEMBERED different ones apart, the later ones count as the first
 * again; a log has its equal lines within a second.
 */
export class LineIds {
  private readonly seen: LRUCache<string, number>;

  constructor(remembered = REMEMBERED) {
    this.seen = new LRUCache({ max: remembered });
  }

  idOf(line: string): string {
    const first = derivedId(line);
    const ordinal = this.seen.get(first) ?? 0;
    this.seen.set(first, ordinal + 1);
    return ordinal === 0 ? first : derivedId(line, ordinal);
  }
}
