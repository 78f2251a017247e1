/** Requests of a tenant at the same moment in one transaction: most of what a small one costs is not its rows. */
import { Turns } from '../turns.js';
import { AppError } from '../errors.js';

export interface TogetherOptions<Request, Answer> {
  /** Writes the requests of one tenant in one transaction; an answer for each, in their order. */
  write: (tenantId: string, requests: readonly Request[]) => Promise<readonly Answer[]>;
  /** Rows of a request, about. */
  weigh: (request: Request) => number;
  /** Rows of one transaction; a larger single request still goes in whole. */
  maxWeight: number;
}

/** Transactions of a tenant at once: while the database works on one, the next is made ready. */
const LANES = 2;
/** Of all tenants: the rest of the pool's connections is for others. */
const MAX_AT_ONCE = 4;

type Outcome<Answer> = { answer: Answer } | { error: unknown };

export class Together<Request, Answer> {
  private readonly turns: Turns<Request, Outcome<Answer>>;
  private taken = 0;

  constructor(private readonly options: TogetherOptions<Request, Answer>) {
    const { weigh, maxWeight } = options;
    this.turns = new Turns({
      weigh,
      maxGroup: maxWeight,
      maxKeysAtOnce: MAX_AT_ONCE,
      work: (lane, requests) => this.serve(lane.slice(lane.indexOf(' ') + 1), requests),
    });
  }

  /** Resolves when the request is durable. @throws what its writing threw */
  async take(tenantId: string, request: Request): Promise<Answer> {
    this.taken += 1;
    const outcome = await this.turns.take(`${this.taken % LANES} ${tenantId}`, request);
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  /** Resolves when every request has been answered. */
  drain(): Promise<void> {
    return this.turns.drain();
  }

  /** All together; where that fails each by itself, so that none fails for another's rows. */
  private async serve(tenantId: string, requests: readonly Request[]): Promise<Outcome<Answer>[]> {
    try {
      return (await this.options.write(tenantId, requests)).map((answer) => ({ answer }));
    } catch (error) {
      // With the database away each would only wait as long again.
      if (requests.length === 1 || error instanceof AppError) return requests.map(() => ({ error }));
    }
    const outcomes: Outcome<Answer>[] = [];
    for (const request of requests) outcomes.push(...(await this.serve(tenantId, [request])));
    return outcomes;
  }
}
