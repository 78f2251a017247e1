/**
 * Runs concurrent requests in batches: while earlier batches run, requests wait and form the next ones. Keys, such as
 * tenants, take turns. A failed batch can be split, so that no request fails because of another.
 */
import { FairQueue } from './fair-queue.js';
import { InFlight } from './in-flight.js';

export interface BatcherOptions<Request, Answer> {
  /** Runs requests of one key, oldest first. Resolves with one result per request, in the same order. */
  run: (key: string, requests: readonly Request[]) => Promise<readonly Answer[]>;
  /** Default: every request weighs 1. */
  weigh?: (request: Request) => number;
  /** Total weight of a batch; a heavier request runs alone. */
  maxWeight: number;
  /**
   * Weight from which requests do not share a batch while another one could run at the same time: large requests are
   * faster side by side. Default `maxWeight`.
   */
  largeWeight?: number;
  /** Batches that run at the same time. */
  concurrency: number;
  /** Number of queues per key, to which its requests are distributed in turn. Default 1. */
  queuesPerKey?: number;
  /** Batches of a queue that run at the same time. Default 1. */
  concurrencyPerQueue?: number;
  /** Whether a batch that failed with this error is split, and its parts are run again. Default: never. */
  splitOn?: (error: unknown) => boolean;
  /** A failed batch is first split into these groups, and only then into single requests. */
  groupOf?: (request: Request) => string;
}

interface Pending<Request, Answer> {
  key: string;
  request: Request;
  weight: number;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class Batcher<Request, Answer> {
  private readonly queue = new FairQueue<Pending<Request, Answer>>();
  private readonly inFlight = new InFlight();
  /** Number of running batches by queue. */
  private readonly running = new Map<string, number>();
  private active = 0;
  private submitted = 0;
  private waiting = 0;

  constructor(private readonly options: BatcherOptions<Request, Answer>) {}

  /** Total weight of the requests that are not part of a batch yet. */
  get waitingWeight(): number {
    return this.waiting;
  }

  /** Resolves with the result of the request; rejects with the error of its batch. */
  submit(key: string, request: Request): Promise<Answer> {
    const { weigh = () => 1, queuesPerKey = 1 } = this.options;
    const weight = weigh(request);
    this.submitted += 1;
    const queue = `${this.submitted % queuesPerKey} ${key}`;
    return this.inFlight.track(
      new Promise<Answer>((resolve, reject) => {
        this.queue.push(queue, { key, request, weight, resolve, reject });
        this.waiting += weight;
        this.schedule();
      }),
    );
  }

  /** Resolves when all requests have settled. */
  drain(): Promise<void> {
    return this.inFlight.drain();
  }

  /** After the current turn of the event loop, so that requests that arrive in the same turn share a batch. */
  private schedule(): void {
    setImmediate(() => this.startNext());
  }

  private startNext(): void {
    const { concurrency, concurrencyPerQueue = 1, maxWeight, largeWeight = maxWeight } = this.options;
    // A queue that has had its turn is visited again by this loop, behind the others.
    for (const [queue, pending] of this.queue.entries()) {
      if (this.active >= concurrency) return;
      const free = Math.min(concurrency - this.active, concurrencyPerQueue - (this.running.get(queue) ?? 0));
      if (free <= 0) continue;
      const weight = free > 1 ? largeWeight : maxWeight;
      this.start(queue, this.queue.take(queue, sizeOfBatch(pending, weight)));
    }
  }

  private start(queue: string, batch: readonly Pending<Request, Answer>[]): void {
    for (const { weight } of batch) this.waiting -= weight;
    this.count(queue, 1);
    void this.run(batch).finally(() => {
      this.count(queue, -1);
      this.schedule();
    });
  }

  private count(queue: string, change: 1 | -1): void {
    this.active += change;
    const running = (this.running.get(queue) ?? 0) + change;
    if (running > 0) this.running.set(queue, running);
    else this.running.delete(queue);
  }

  private async run(batch: readonly Pending<Request, Answer>[]): Promise<void> {
    const { run, splitOn = () => false, groupOf } = this.options;
    try {
      const answers = await run(
        batch[0]!.key,
        batch.map(({ request }) => request),
      );
      batch.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      if (batch.length === 1 || !splitOn(error)) batch.forEach(({ reject }) => reject(error));
      else for (const part of split(batch, groupOf)) await this.run(part);
    }
  }
}

function sizeOfBatch(pending: readonly { weight: number }[], maxWeight: number): number {
  let total = 0;
  const end = pending.findIndex(({ weight }) => (total += weight) > maxWeight);
  return end === -1 ? pending.length : Math.max(1, end);
}

/** Splits by group if there are several, otherwise by request. */
function split<Request, P extends { request: Request }>(
  batch: readonly P[],
  groupOf: (request: Request) => string = () => '',
): P[][] {
  const groups = new Map<string, P[]>();
  for (const pending of batch) {
    const group = groupOf(pending.request);
    const part = groups.get(group);
    if (part === undefined) groups.set(group, [pending]);
    else part.push(pending);
  }
  return groups.size > 1 ? [...groups.values()] : batch.map((pending) => [pending]);
}
