/** Long computations that let other work go on. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which a computation pauses. */
const TURN_MS = 20;

/** Resolves at once while the computation has not had the process for long, and otherwise after waiting work. */
export class Pauses {
  private began = performance.now();

  /** Whether the computation should pause now. */
  get isDue(): boolean {
    return performance.now() - this.began > TURN_MS;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.began = performance.now();
  }
}
