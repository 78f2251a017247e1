/** How large an answer may be. The limits bound the memory and the time that one request takes from others. */
import { AppError } from '../errors.js';

/** Cells of one query: its buckets times its groups. */
export const MAX_CELLS = 50_000;
/** Cells of all queries of a request together. */
export const MAX_REQUEST_CELLS = 250_000;
/** Bytes of an answer as JSON, before compression. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const MAX_ANSWER_MIB = MAX_ANSWER_BYTES / 1024 / 1024;

/** @param fits what would fit instead */
export const tooManyCells = (fits: string): AppError =>
  new AppError('TOO_LARGE', `the answer would have more than ${MAX_CELLS} cells; ${fits}`);

export const tooManyBytes = (): AppError =>
  new AppError(
    'TOO_LARGE',
    `the answer would have more than ${MAX_ANSWER_MIB} MiB; ask for less at a time: a lower limit, fewer dimensions, a ` +
      'wider interval, a shorter range or fewer queries a request',
  );

/** What the queries of a request have left of its limits. */
export class AnswerBudget {
  private cells = MAX_REQUEST_CELLS;
  private bytes = MAX_ANSWER_BYTES;

  /** @param queries number of queries in the request */
  constructor(private readonly queries = 1) {}

  /** Whether the request as a whole asks for too much, so that none of its queries can be answered. */
  get isExceeded(): boolean {
    return this.cells < 0 || this.bytes < 0;
  }

  /** Cells that have been taken. */
  get cellsUsed(): number {
    return MAX_REQUEST_CELLS - this.cells;
  }

  get cellsLeft(): number {
    return this.cells;
  }

  /** @throws AppError TOO_LARGE */
  takeCells(count: number): void {
    this.cells -= count;
    if (this.cells >= 0) return;
    const each = Math.floor(MAX_REQUEST_CELLS / this.queries);
    throw new AppError(
      'TOO_LARGE',
      `the ${this.queries} queries of this request would have more than ${MAX_REQUEST_CELLS} cells together; ` +
        `${each} cells each would fit: take a wider interval, a shorter range, a limit or fewer queries a request`,
    );
  }

  /** @throws AppError TOO_LARGE */
  takeBytes(count: number): void {
    this.bytes -= count;
    if (this.bytes < 0) throw tooManyBytes();
  }
}
