/** A job is data: a name, a schedule and a function. This folder knows no particular job. */

/** Runs each slot of a cron expression once across all replicas. */
export interface SlotJob {
  /** Name of the job in the ledger. */
  name: string;
  /** A cron expression with five fields, in UTC. */
  cron: string;
  /** Whether every missed slot is run when the service is back, instead of only the latest. */
  catchUp: boolean;
  /** @returns the number of rows written or deleted */
  run: (slot: number, signal: AbortSignal) => Promise<number>;
}

/** Runs repeatedly in every replica. The ledger only records its failures. */
export interface IntervalJob {
  name: string;
  /** Delay between the end of a run and the start of the next one. */
  everySeconds: number;
  run: (signal: AbortSignal) => Promise<void>;
}

export type Job = SlotJob | IntervalJob;
