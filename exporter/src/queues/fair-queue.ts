/**
 * A queue per key, such as a tenant. Keys take turns (round robin), so that a key with many items does not delay the
 * others. The usual packages (p-queue, p-limit, fastq) are first in, first out or by priority, and have no keys.
 */
export class FairQueue<Item> {
  /** In the order of their turns. A key without items has no entry. */
  private readonly queues = new Map<string, Item[]>();

  push(key: string, item: Item): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.push(item);
  }

  /** Keys with their items (oldest first), in the order of their turns. */
  entries(): IterableIterator<[key: string, items: readonly Item[]]> {
    return this.queues.entries();
  }

  /** Number of items of a key. */
  sizeOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  /** Removes the oldest items of a key. The key's next turn comes after all others. */
  take(key: string, count: number): Item[] {
    const queue = this.queues.get(key) ?? [];
    const items = queue.splice(0, count);
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    return items;
  }

  /** Removes one item. The key keeps its turn. */
  remove(key: string, item: Item): void {
    const queue = this.queues.get(key) ?? [];
    const place = queue.indexOf(item);
    if (place >= 0) queue.splice(place, 1);
    if (queue.length === 0) this.queues.delete(key);
  }
}
