/** A circuit breaker: after some failures in a row, operations are left out, except for a try now and then. */

const FAILURES_TO_OPEN = 3;
const RETRY_AFTER_MS = 1_000;

export interface BreakerOptions {
  /** A monotonic clock in milliseconds. */
  now: () => number;
  /** Called once when it opens, with the last failure. */
  onOpen: (error: unknown) => void;
  /** Called once when an operation has succeeded again. */
  onClose: () => void;
}

/** Runs an operation unless the breaker is open; undefined when it was left out or has failed. */
export type Breaker = <T>(operation: () => Promise<T>) => Promise<{ value: T } | undefined>;

export function createBreaker({ now, onOpen, onClose }: BreakerOptions): Breaker {
  let failures = 0;
  let retryAt = 0;
  const isOpen = () => failures >= FAILURES_TO_OPEN;

  return async (operation) => {
    if (isOpen()) {
      if (now() < retryAt) return undefined;
      // This one is the try; the others go on being left out while it runs.
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
