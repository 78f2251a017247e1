/** What an import has done, and what it could not take: counted, with the first few of each kind shown. */
import type { Rejection } from '../facts/refusal.js';
import type { StreamTotals } from '../ingest/stream.js';
import { DAY, formatDate, parseTime } from '../time.js';
import { counted, grouped } from './progress.js';

/** Of each kind. */
const SHOWN = 5;
/** Refusals that more retention would help. */
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

  /** @param unit what is read */
  constructor(private readonly unit: 'line' | 'row') {}

  /** Something that is no event. */
  addBroken(place: string, reason: string): void {
    record(this.broken, `${place}: ${reason}`);
  }

  /** An event that was refused. */
  addRejected(place: string, { code, message }: Pick<Rejection, 'code' | 'message'>, event: object): void {
    const kind = this.rejected.get(code) ?? { count: 0, examples: [] };
    this.rejected.set(code, kind);
    record(kind, `${place}: ${message}`);
    const { occurredAt, started_at } = event as { occurredAt?: unknown; started_at?: unknown };
    const at = occurredAt ?? started_at;
    const time = typeof at === 'string' ? parseTime(at) : undefined;
    if (isTooOld(code) && time !== undefined) this.oldest = Math.min(this.oldest, time);
  }

  /** Nothing of what was read was any good. */
  isFailure({ accepted, duplicates }: StreamTotals): boolean {
    return this.read > 0 && accepted + duplicates === 0;
  }

  /**
   * @param now decides which RETENTION_DAYS is advised; milliseconds
   * @param droppedBefore where the events begin that retention has not dropped yet; milliseconds
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
    const oldest = `  The oldest is of ${formatDate(this.oldest)}`;
    if (this.oldest < droppedBefore) {
      return `${oldest}; what is before ${formatDate(droppedBefore)} has been dropped here, so none of it is taken again.`;
    }
    const days = Math.ceil((now - this.oldest) / DAY) + 1;
    return `${oldest}: with RETENTION_DAYS=${days}, here and for the exporter, they are taken and kept.`;
  }
}

function record(kind: Kind, example: string): void {
  kind.count += 1;
  if (kind.examples.length < SHOWN) kind.examples.push(example);
}

function details(title: string, { count, examples }: Kind): string[] {
  const more = count - examples.length;
  return [
    `${title}:`,
    ...examples.map((example) => `  ${example}`),
    ...(more === 0 ? [] : [`  and ${grouped(more)} more`]),
  ];
}
