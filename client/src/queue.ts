/** An ordered queue, limited by number and bytes, that returns one batch per request. */
import { type Item, type Kind, TARGETS } from './items.js';
import { MAX_BODY_BYTES, MAX_EXECUTIONS, MAX_ITEMS } from './options.js';

/** Maximum number of items that are scanned for one batch. */
const LOOK_AHEAD = 10_000;

/** Size of the request body without its items and the name of the list. */
const ENVELOPE = '{"":[]}'.length;

export interface QueueLimits {
  maxQueue: number;
  maxQueueBytes: number;
  maxBatch: number;
}

export class Queue {
  /** Events are separate from other items, whose relative order matters. By sequence. */
  private readonly lanes: readonly [Map<number, Item>, Map<number, Item>] = [new Map(), new Map()];
  private bytes = 0;
  private sequence = 0;
  /** Maximum size of a body. It decreases if the service or a proxy accepts less. */
  private maxBodyBytes = MAX_BODY_BYTES;

  constructor(private readonly limits: QueueLimits) {}

  get length(): number {
    return this.lanes[0].size + this.lanes[1].size;
  }

  /** Whether the queue fills a request, so that waiting for more items is pointless. */
  get isFull(): boolean {
    const { maxBatch, maxQueue, maxQueueBytes } = this.limits;
    return (
      this.length >= Math.min(maxBatch, maxQueue) ||
      this.bytes >= Math.min(this.maxBodyBytes, maxQueueBytes / 2)
    );
  }

  /** Sequence of the newest item. */
  get last(): number {
    return this.sequence;
  }

  /** Sequence of the oldest item; Infinity if the queue is empty. */
  get first(): number {
    return this.oldest()?.sequence ?? Infinity;
  }

  /** @returns the number of old items that were dropped to make room */
  add(item: Omit<Item, 'sequence'>): number {
    this.sequence += 1;
    this.laneOf(item.kind).set(this.sequence, { ...item, sequence: this.sequence });
    this.bytes += item.bytes;
    let dropped = 0;
    while (this.length > this.limits.maxQueue || this.bytes > this.limits.maxQueueBytes) {
      this.remove(this.oldest()!);
      dropped += 1;
    }
    return dropped;
  }

  /**
   * Removes and returns a batch: the oldest item, and items that fit into the same request. The order of items of one
   * execution is kept. Items of different executions can be reordered; otherwise alternating ones would be sent one by one.
   */
  take(): Item[] {
    const first = this.oldest();
    if (first === undefined) return [];
    const maxItems = Math.min(this.limits.maxBatch, first.kind === 'execution' ? MAX_EXECUTIONS : MAX_ITEMS);
    const batch: Item[] = [];
    const keys = new Set<string | number>();
    const skipped = new Set<string | undefined>();
    // There is one comma less than items.
    let bytes = ENVELOPE + TARGETS[first.kind].field.length - 1;
    let scanned = 0;
    for (const item of this.laneOf(first.kind).values()) {
      if (batch.length >= maxItems || (scanned += 1) > LOOK_AHEAD) break;
      const fits =
        sameRequest(item, first) &&
        !skipped.has(item.executionId) &&
        !(item.key !== undefined && keys.has(item.key));
      if (!fits) {
        skipped.add(item.executionId);
        continue;
      }
      if (batch.length > 0 && bytes + item.bytes + 1 > this.maxBodyBytes) break;
      batch.push(item);
      bytes += item.bytes + 1;
      if (item.key !== undefined) keys.add(item.key);
    }
    for (const item of batch) this.remove(item);
    return batch;
  }

  /** Halves the maximum size after a body of this size was too large. */
  shrinkBodies(bytes: number): void {
    this.maxBodyBytes = Math.min(this.maxBodyBytes, Math.ceil(bytes / 2));
  }

  /** Removes and returns all items. */
  clear(): Item[] {
    const all = this.lanes.flatMap((lane) => [...lane.values()]);
    for (const lane of this.lanes) lane.clear();
    this.bytes = 0;
    return all.sort((a, b) => a.sequence - b.sequence);
  }

  private laneOf(kind: Kind): Map<number, Item> {
    return this.lanes[kind === 'event' ? 0 : 1];
  }

  private oldest(): Item | undefined {
    const [events, others] = this.lanes.map((lane): Item | undefined => lane.values().next().value);
    if (events === undefined || others === undefined) return events ?? others;
    return events.sequence < others.sequence ? events : others;
  }

  private remove(item: Item): void {
    if (this.laneOf(item.kind).delete(item.sequence)) this.bytes -= item.bytes;
  }
}

const sameRequest = (a: Item, b: Item): boolean =>
  a.kind === b.kind && (a.kind === 'execution' || a.executionId === b.executionId);

/** The request body of a batch. */
export function bodyOf(batch: readonly Item[]): string {
  return `{"${TARGETS[batch[0]!.kind].field}":[${batch.map(({ json }) => json).join(',')}]}`;
}
