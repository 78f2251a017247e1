/** Report of an import: counts, with the first few examples of each problem. */
import type { Rejection } from '../facts/refusal.js';
import type { StreamTotals } from '../ingest/stream.js';
import { DAY, formatDate, parseTime } from '../time.js';
import { printable } from './printable.js';
import { counted, grouped } from './progress.js';

/** Exit code of an import that refused something and imported the rest. */
const SOME_REFUSED = 3;
/** For the help of each import. */
export const EXIT_CODES = `
Exit codes: 0 if everything was imported, ${SOME_REFUSED} if something was broken or rejected, 1 if nothing could be imported.`;

/** Examples shown per kind of problem. */
const SHOWN = 5;
/** Rejections that a longer retention would avoid. */
const isTooOld = (code: string): boolean => code.endsWith('_TOO_OLD');

interface Kind {
  count: number;
  examples: string[];
}

export class ImportReport {
  /** Lines or rows read. */
  read = 0;
  private readonly broken: Kind = { count: 0, examples: [] };
  private readonly rejected = new Map<string, Kind>();
  private oldest = Infinity;

  constructor(private readonly unit: 'line' | 'row') {}

  /** Counts a line or row that could not be parsed. */
  addBroken(place: string, reason: string): void {
    record(this.broken, `${place}: ${reason}`);
  }

  /** Counts an event that the service rejected. */
  addRejected(place: string, { code, message }: Pick<Rejection, 'code' | 'message'>, event: object): void {
    const kind = this.rejected.get(code) ?? { count: 0, examples: [] };
    this.rejected.set(code, kind);
    record(kind, `${place}: ${message}`);
    const { occurredAt, started_at } = event as { occurredAt?: unknown; started_at?: unknown };
    const at = occurredAt ?? started_at;
    const time = typeof at === 'string' ? parseTime(at) : undefined;
    if (isTooOld(code) && time !== undefined) this.oldest = Math.min(this.oldest, time);
  }

  /** 0 if everything was imported, SOME_REFUSED if a part of it, 1 if nothing. */
  exitCode({ accepted, duplicates, rejected }: StreamTotals): number {
    if (this.read > 0 && accepted + duplicates === 0) return 1;
    return rejected + this.broken.count > 0 ? SOME_REFUSED : 0;
  }

  /**
   * @param now used to compute the RETENTION_DAYS to recommend; milliseconds
   * @param droppedBefore retention has dropped events from before this time; milliseconds
   */
  lines({ accepted, duplicates, rejected }: StreamTotals, now: number, droppedBefore: number): string[] {
    const { broken } = this;
    return [
      ...(broken.count === 0 ? [] : details(counted(broken.count, `broken ${this.unit}`), broken)),
      ...[...this.rejected].flatMap(([code, kind]) => [
        ...details(`${grouped(kind.count)} rejected, ${code}`, kind),
        ...(isTooOld(code) ? [this.advice(now, droppedBefore)] : []),
      ]),
      `${counted(this.read, this.unit)}: ${grouped(accepted)} accepted, ${counted(duplicates, 'duplicate')}, ` +
        `${grouped(rejected)} rejected, ${grouped(broken.count)} broken`,
    ];
  }

  private advice(now: number, droppedBefore: number): string {
    const oldest = `  The oldest is from ${formatDate(this.oldest)}`;
    if (this.oldest < droppedBefore) {
      return `${oldest}. Data from before ${formatDate(droppedBefore)} has already been dropped and cannot be imported.`;
    }
    const days = Math.ceil((now - this.oldest) / DAY) + 1;
    return `${oldest}. Set RETENTION_DAYS=${days} for the import and the exporter to accept them.`;
  }
}

function record(kind: Kind, example: string): void {
  kind.count += 1;
  if (kind.examples.length < SHOWN) kind.examples.push(printable(example));
}

function details(title: string, { count, examples }: Kind): string[] {
  const more = count - examples.length;
  return [
    `${title}:`,
    ...examples.map((example) => `  ${example}`),
    ...(more === 0 ? [] : [`  and ${grouped(more)} more`]),
  ];
}
