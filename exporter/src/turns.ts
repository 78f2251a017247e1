/** Callers who wait in turn in this process, by key, and are served in groups: however many, a few connections do. */
export interface TurnsOptions<Caller, Answer> {
  /** Callers served together at most, or what they weigh; one that weighs more is served alone. */
  maxGroup: number;
  /** Default: each weighs 1. */
  weigh?: (caller: Caller) => number;
  /** Keys whose callers are served at the same time. */
  maxKeysAtOnce: number;
  /** Serves callers of one key, the first to come first; an answer for each, in their order. */
  work: (key: string, callers: readonly Caller[]) => Promise<readonly Answer[]>;
}

interface Waiting<Caller, Answer> {
  caller: Caller;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class Turns<Caller, Answer> {
  /** By key, in the order in which the keys are to be served. */
  private readonly queues = new Map<string, Waiting<Caller, Answer>[]>();
  private readonly served = new Map<string, Promise<void>>();

  constructor(private readonly options: TurnsOptions<Caller, Answer>) {}

  /** Resolves with the caller's answer; when the work of its group fails, so do all callers of it. */
  take(key: string, caller: Caller): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = { caller, resolve, reject };
      const queue = this.queues.get(key);
      if (queue === undefined) this.queues.set(key, [waiting]);
      else queue.push(waiting);
      this.next();
    });
  }

  /** Resolves when nobody waits any more. */
  async drain(): Promise<void> {
    while (this.served.size > 0) await Promise.all(this.served.values());
  }

  private next(): void {
    for (const key of this.queues.keys()) {
      if (this.served.size >= this.options.maxKeysAtOnce) return;
      if (this.served.has(key)) continue;
      const serving = this.serve(key).finally(() => {
        this.served.delete(key);
        this.next();
      });
      this.served.set(key, serving);
    }
  }

  private async serve(key: string): Promise<void> {
    // Whoever comes in the same moment belongs to the group.
    await new Promise((resolve) => setImmediate(resolve));
    const queue = this.queues.get(key)!;
    const group = queue.splice(0, this.sizeOfGroup(queue));
    // Those who are left wait behind the other keys.
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    try {
      const answers = await this.options.work(
        key,
        group.map(({ caller }) => caller),
      );
      group.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      group.forEach(({ reject }) => reject(error));
    }
  }

  private sizeOfGroup(queue: readonly Waiting<Caller, Answer>[]): number {
    const { maxGroup, weigh = () => 1 } = this.options;
    let weight = 0;
    const beyond = queue.findIndex(({ caller }) => (weight += weigh(caller)) > maxGroup);
    return beyond === -1 ? queue.length : Math.max(1, beyond);
  }
}
