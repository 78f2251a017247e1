/** A job is data: a name, a schedule and what to run. What jobs there are is none of this folder's business. */

/** Runs each slot of a cron expression once across all replicas. */
export interface SlotJob {
  /** As the ledger knows it. */
  name: string;
  /** Five fields, UTC. */
  cron: string;
  /** Run every missed slot when the service is back, rather than the latest only. */
  catchUp: boolean;
  /** @returns the rows written or removed */
  run: (slot: number, signal: AbortSignal) => Promise<number>;
}

/** Runs in every replica, again and again. The ledger records only its failures. */
export interface IntervalJob {
  name: string;
  /** Between the end of a run and the start of the next. */
  everySeconds: number;
  run: (signal: AbortSignal) => Promise<void>;
}

export type Job = SlotJob | IntervalJob;
