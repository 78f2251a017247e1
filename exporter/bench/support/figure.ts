/** What a bench is: some figures with targets, and a run that measures them. */
import type { BenchServer } from './database.js';

export interface Figure {
  title: string;
  /** The bound that a value must keep; null where there is nothing to hold it against, and it is stated only. */
  target: { atLeast: number } | { atMost: number } | null;
  /** Of value and target; default: a ratio. */
  unit?: 'MB' | '%' | '/s' | 's';
}

export interface Result {
  /** Undefined: it could not be measured, and `measured` says why. */
  value: number | undefined;
  /** Both sides of the ratio, and whatever a reader should know of how they came about. */
  measured: string;
}

/** Pages of `docs/` with a table of figures. */
export const DOCUMENTS = ['performance', 'reliability'] as const;
export type BenchDocument = (typeof DOCUMENTS)[number];

/** `quick` is for daily use: the same comparisons over less data. */
export type Size = 'quick' | 'full';

export interface Context {
  size: Size;
  server: BenchServer;
  /** Where the exporter's processes leave CPU profiles. */
  profileDir: string | undefined;
  /** Replaces the line that says what is going on. */
  progress: (text: string) => void;
}

export interface Bench {
  /** As `--only` takes it. */
  name: string;
  /** The page of `docs/` with its figures. Default: performance. */
  document?: BenchDocument;
  figures: (size: Size) => readonly Figure[];
  /** One result a figure, in their order. */
  run: (context: Context) => Promise<Result[]>;
}

/** Undefined where there is no bound. */
export function isMet({ target }: Figure, value: number): boolean | undefined {
  if (target === null) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
