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
  /** Batches of a key that run at the same time. Default 1. */
  concurrencyPerKey?: number;
  /**
   * Total weight from which waiting requests get a batch beside one of their key that runs. Lighter ones wait for its end
   * and share the next one, because a batch costs more than they do. Default 0.
   */
  besideWeight?: number;
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
  /** Number of running batches by key. */
  private readonly running = new Map<string, number>();
  private active = 0;
  private waiting = 0;

  constructor(private readonly options: BatcherOptions<Request, Answer>) {}

  /** Total weight of the requests that are not part of a batch yet. */
  get waitingWeight(): number {
    return this.waiting;
  }

  /** Resolves with the result of the request; rejects with the error of its batch. */
  submit(key: string, request: Request): Promise<Answer> {
    const { weigh = () => 1 } = this.options;
    const weight = weigh(request);
    return this.inFlight.track(
      new Promise<Answer>((resolve, reject) => {
        this.queue.push(key, { key, request, weight, resolve, reject });
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
    const { concurrency, concurrencyPerKey = 1, maxWeight, largeWeight = maxWeight } = this.options;
    const { besideWeight = 0 } = this.options;
    // A key that has had its turn is visited again by this loop, behind the others.
    for (const [key, pending] of this.queue.entries()) {
      if (this.active >= concurrency) return;
      const running = this.running.get(key) ?? 0;
      const free = Math.min(concurrency - this.active, concurrencyPerKey - running);
      if (free <= 0 || (running > 0 && !isHeavy(pending, besideWeight))) continue;
      const weight = free > 1 ? largeWeight : maxWeight;
      this.start(key, this.queue.take(key, sizeOfBatch(pending, weight)));
    }
  }

  private start(key: string, batch: readonly Pending<Request, Answer>[]): void {
    for (const { weight } of batch) this.waiting -= weight;
    this.count(key, 1);
    void this.run(batch).finally(() => {
      this.count(key, -1);
      this.schedule();
    });
  }

  private count(key: string, change: 1 | -1): void {
    this.active += change;
    const running = (this.running.get(key) ?? 0) + change;
    if (running > 0) this.running.set(key, running);
    else this.running.delete(key);
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

/** Whether their weight is at least `weight` together. */
function isHeavy(pending: readonly { weight: number }[], weight: number): boolean {
  let total = 0;
  return weight <= 0 || pending.some((one) => (total += one.weight) >= weight);
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
