/** Items that wait, in order, bounded by number and bytes, given out as batches of one request each. */
import { type Item, type Kind, TARGETS } from './items.js';
import { MAX_BODY_BYTES, MAX_EXECUTIONS, MAX_ITEMS } from './options.js';

/** Items that are looked at for one batch, so that a long queue of many small ones costs no more than that. */
const LOOK_AHEAD = 10_000;

/** Bytes of the body around its items and the name of their list. */
const ENVELOPE = '{"":[]}'.length;

export interface QueueLimits {
  maxQueue: number;
  maxQueueBytes: number;
  maxBatch: number;
}

export class Queue {
  /** Events apart from the rest, whose order among each other matters. By sequence. */
  private readonly lanes: readonly [Map<number, Item>, Map<number, Item>] = [new Map(), new Map()];
  private bytes = 0;
  private sequence = 0;
  /** The most that a body may have; falls where the service or a proxy before it takes less. */
  private maxBodyBytes = MAX_BODY_BYTES;

  constructor(private readonly limits: QueueLimits) {}

  get length(): number {
    return this.lanes[0].size + this.lanes[1].size;
  }

  /** There is enough for a request, so that waiting for more would gain nothing. */
  get isFull(): boolean {
    const { maxBatch, maxQueue, maxQueueBytes } = this.limits;
    return (
      this.length >= Math.min(maxBatch, maxQueue) ||
      this.bytes >= Math.min(this.maxBodyBytes, maxQueueBytes / 2)
    );
  }

  /** Sequence of the item that was added last. */
  get last(): number {
    return this.sequence;
  }

  /** Sequence of the oldest item; Infinity when empty. */
  get first(): number {
    return this.oldest()?.sequence ?? Infinity;
  }

  /** @returns how many of the oldest had to go */
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
   * The oldest item with those that can go with it. Items of one execution never overtake each other; past those of other
   * executions they may, or a queue in which they alternate would be sent one by one.
   */
  take(): Item[] {
    const first = this.oldest();
    if (first === undefined) return [];
    const most = Math.min(this.limits.maxBatch, first.kind === 'execution' ? MAX_EXECUTIONS : MAX_ITEMS);
    const batch: Item[] = [];
    const keys = new Set<string | number>();
    const overtaken = new Set<string | undefined>();
    // One comma fewer than items.
    let bytes = ENVELOPE + TARGETS[first.kind].field.length - 1;
    let looked = 0;
    for (const item of this.laneOf(first.kind).values()) {
      if (batch.length >= most || (looked += 1) > LOOK_AHEAD) break;
      const fits =
        sameRequest(item, first) &&
        !overtaken.has(item.executionId) &&
        !(item.key !== undefined && keys.has(item.key));
      if (!fits) {
        overtaken.add(item.executionId);
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

  /** A body of so many bytes was too large: none is to be more than half of it. */
  tooLarge(bytes: number): void {
    this.maxBodyBytes = Math.min(this.maxBodyBytes, Math.ceil(bytes / 2));
  }

  /** Everything that waits. */
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

/** The body of a request. */
export function bodyOf(batch: readonly Item[]): string {
  return `{"${TARGETS[batch[0]!.kind].field}":[${batch.map(({ json }) => json).join(',')}]}`;
}
