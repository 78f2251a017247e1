/** Figures are ratios of two things measured in turn, so that what else the machine does meets both alike. */

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Pairs {
  /** What each side measured, round by round. */
  ours: number[];
  bare: number[];
  /** Median over the rounds of `ours ÷ bare`. */
  ratio: number;
}

export interface PairedOptions {
  rounds: number;
  /** Rounds before those that count, so that neither side pays for compiling and first touches. Default 1. */
  warmUp?: number;
  onRound?: (done: number, of: number) => void;
}

/** Measures both sides once a round, each first in every other one. */
export async function paired(
  ours: () => Promise<number>,
  bare: () => Promise<number>,
  { rounds, warmUp = 1, onRound }: PairedOptions,
): Promise<Pairs> {
  const pairs = { ours: [] as number[], bare: [] as number[] };
  for (let round = -warmUp; round < rounds; round += 1) {
    const oursFirst = round % 2 === 0;
    const first = await (oursFirst ? ours() : bare());
    const second = await (oursFirst ? bare() : ours());
    if (round >= 0) {
      pairs.ours.push(oursFirst ? first : second);
      pairs.bare.push(oursFirst ? second : first);
    }
    onRound?.(round + warmUp + 1, rounds + warmUp);
  }
  return { ...pairs, ratio: median(pairs.ours.map((value, i) => value / pairs.bare[i]!)) };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs `work` for each number below `count`, so many at once. */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (i: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (next < count) await work(next++, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}
