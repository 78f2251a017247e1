/** A circuit breaker: after consecutive failures, operations are skipped, except for one trial per second. */

const FAILURES_TO_OPEN = 3;
const RETRY_AFTER_MS = 1_000;

export interface BreakerOptions {
  /** A monotonic clock in milliseconds. */
  now: () => number;
  /** Called once when the breaker opens, with the last error. */
  onOpen: (error: unknown) => void;
  /** Called once when an operation succeeds again. */
  onClose: () => void;
}

/** Runs an operation; returns undefined if it failed, or was skipped because the breaker is open. */
export type Breaker = <T>(operation: () => Promise<T>) => Promise<{ value: T } | undefined>;

export function createBreaker({ now, onOpen, onClose }: BreakerOptions): Breaker {
  let failures = 0;
  let retryAt = 0;
  const isOpen = () => failures >= FAILURES_TO_OPEN;

  return async (operation) => {
    if (isOpen()) {
      if (now() < retryAt) return undefined;
      // This is the trial. Other operations are still skipped while it runs.
      retryAt = now() + RETRY_AFTER_MS;
    }
    try {
      const value = await operation();
      if (isOpen()) onClose();
      failures = 0;
      return { value };
    } catch (error) {
      failures += 1;
      if (failures === FAILURES_TO_OPEN) onOpen(error);
      if (isOpen()) retryAt = now() + RETRY_AFTER_MS;
      return undefined;
    }
  };
}
