/** Long computations that let other work go on. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which a computation pauses. */
const TURN_MS = 20;

/** Elements that are handled without looking at the clock. */
const CHUNK = 1_000;

/** Resolves at once while the computation has not had the process for long, and otherwise after waiting work. */
export class Pauses {
  private began = performance.now();

  /** Whether the computation should pause now. */
  get isDue(): boolean {
    return performance.now() - this.began > TURN_MS;
  }

  /** Whether it should pause before so many elements that are handled without another look. */
  isDueBefore(elements: number): boolean {
    return elements > CHUNK || this.isDue;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.began = performance.now();
  }
}

/** The values in an array. Other work goes on between them. */
export async function collectInTurns<T>(values: Iterable<T>): Promise<T[]> {
  const pauses = new Pauses();
  const all: T[] = [];
  for (const value of values) {
    all.push(value);
    if (pauses.isDue) await pauses.take();
  }
  return all;
}

/** Calls `each` with every element, in order. */
export async function forEachInTurns<T>(
  items: readonly T[],
  each: (item: T, index: number) => void,
): Promise<void> {
  const pauses = new Pauses();
  for (let i = 0; i < items.length; i += 1) {
    if (i % CHUNK === 0 && pauses.isDue) await pauses.take();
    each(items[i]!, i);
  }
}

/** The elements in order, as by `sort`: parts are sorted by themselves, and then merged. */
export async function sortInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const pauses = new Pauses();
  let from = [...items];
  for (let start = 0; start < from.length; start += CHUNK) {
    const part = from.slice(start, start + CHUNK).sort(compare);
    for (let i = 0; i < part.length; i += 1) from[start + i] = part[i]!;
    if (pauses.isDue) await pauses.take();
  }
  for (let width = CHUNK; width < from.length; width *= 2) {
    const to: T[] = [];
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      for (let a = start, b = middle; a < middle || b < end;) {
        const takesFirst = b >= end || (a < middle && compare(from[a]!, from[b]!) <= 0);
        to.push(takesFirst ? from[a++]! : from[b++]!);
        if (to.length % CHUNK === 0 && pauses.isDue) await pauses.take();
      }
    }
    from = to;
  }
  return from;
}
