/** A weighted semaphore, for example for memory. Keys take turns, so that a key with many tasks does not delay others. */
import { FairQueue } from './fair-queue.js';

interface Waiting {
  weight: number;
  start: () => void;
}

export interface FairLimits {
  /** Total weight of a key's tasks that run at the same time; a heavier task runs alone of its key. Default: the capacity. */
  perKey?: number;
  /** Number of tasks of a key that may wait. Default: unlimited. */
  maxWaiting?: number;
  /** How long a task may wait, in milliseconds. Default: unlimited. */
  maxWaitMs?: number;
}

/** A task was refused because it would have waited behind too many others, or has waited for too long. */
export class NoTurn extends Error {
  /** @param ownShare whether the key's own tasks are the reason, rather than those of all keys together */
  constructor(readonly ownShare: boolean) {
    super('no room for this task');
  }
}

export class FairSemaphore {
  private readonly queue = new FairQueue<Waiting>();
  private readonly heldByKey = new Map<string, number>();
  private held = 0;
  private active = 0;

  /** @param capacity total weight of the tasks that run at the same time; a heavier task runs alone */
  constructor(
    private readonly capacity: number,
    private readonly limits: FairLimits = {},
  ) {}

  /** Number of tasks that are running. */
  get running(): number {
    return this.active;
  }

  /** Number of a key's tasks that are waiting. */
  waitingOf(key: string): number {
    return this.queue.sizeOf(key);
  }

  /** Runs a task as soon as it is its turn and there is room. Settles like the task. */
  async run<T>(key: string, weight: number, task: () => Promise<T>): Promise<T> {
    const release = await this.acquire(key, weight);
    try {
      return await task();
    } finally {
      release();
    }
  }

  /**
   * Resolves as soon as it is the caller's turn and there is room.
   * @returns ends the turn; only its first call counts
   * @throws NoTurn
   */
  async acquire(key: string, weight: number): Promise<() => void> {
    const { maxWaiting = Infinity, maxWaitMs } = this.limits;
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const start = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const waiting: Waiting = { weight, start };
      this.queue.push(key, waiting);
      this.startNext();
      if (this.queue.sizeOf(key) > maxWaiting) {
        this.queue.remove(key, waiting);
        reject(new NoTurn(this.isFull(key, weight)));
      } else if (maxWaitMs !== undefined && this.queue.sizeOf(key) > 0) {
        timer = setTimeout(() => {
          this.queue.remove(key, waiting);
          reject(new NoTurn(this.isFull(key, weight)));
        }, maxWaitMs);
      }
    });
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.hold(key, -weight, -1);
      this.startNext();
    };
  }

  /** Whether the key's own tasks leave no room for this weight. */
  private isFull(key: string, weight: number): boolean {
    const { perKey = this.capacity } = this.limits;
    const own = this.heldByKey.get(key) ?? 0;
    return own > 0 && own + weight > perKey;
  }

  private hold(key: string, weight: number, tasks: 1 | -1): void {
    this.held += weight;
    this.active += tasks;
    const own = (this.heldByKey.get(key) ?? 0) + weight;
    if (own > 0) this.heldByKey.set(key, own);
    else this.heldByKey.delete(key);
  }

  private startNext(): void {
    // A key that has had its turn is visited again by this loop, behind the others.
    for (const [key, [first]] of this.queue.entries()) {
      const { weight, start } = first!;
      if (this.limits.perKey !== undefined && this.isFull(key, weight)) continue;
      // A task that does not fit yet is not overtaken. Otherwise a heavy one might never run.
      if (this.active > 0 && this.held + weight > this.capacity) return;
      this.queue.take(key, 1);
      this.hold(key, weight, 1);
      start();
    }
  }
}
