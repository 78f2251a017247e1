/** Merges the spans of a trace. The result does not depend on their order. */
import { collectInTurns } from '../../pause.js';
import type { Span } from './tree.js';

/** Limited, because each batch of a trace reads all of its spans. */
export const MAX_SPANS_PER_TRACE = 10_000;
/** Of all spans of a trace as they are stored, in UTF-16 units of JSON. */
export const MAX_TRACE_MIB = 16;
const MAX_TRACE_UNITS = MAX_TRACE_MIB * 1024 * 1024;

/** Numbers of spans that were not added, by the limit that they exceed. */
export interface Beyond {
  spans: number;
  size: number;
}

/** Between the spans in the stored JSON. No string in it has a line feed, so that it can be split there. */
const SEPARATOR = ',\n';

export const jsonOf = (spans: readonly Span[]): string => listOf(spans.map((span) => JSON.stringify(span)));

const listOf = (spans: readonly string[]): string => `[${spans.join(SEPARATOR)}]`;

function* eachJson(spans: Iterable<Span>): Generator<string, undefined> {
  for (const span of spans) yield JSON.stringify(span);
}

/** UTF-16 units that are parsed at once. */
const CHUNK = 256 * 1024;

/** The parts of stored JSON one after the other, so that other work can go on between them. */
export function* spansIn(json: string): Generator<readonly Span[]> {
  for (let from = 1; from < json.length;) {
    const end = json.indexOf(SEPARATOR, from + CHUNK);
    yield JSON.parse(`[${json.slice(from, end === -1 ? -1 : end)}]`) as Span[];
    if (end === -1) return;
    from = end + SEPARATOR.length;
  }
}

/** Keeps one span per id: the greater one in the sense of ORDER, such as the one that ended later. */
export class MergedSpans {
  private readonly byId: Map<string, Span>;
  private readonly added: string[] = [];
  private replaced = false;
  private units: number;

  /** @param before spans with distinct ids, and their JSON */
  constructor(private readonly before: { spans: readonly Span[]; json: string } = { spans: [], json: '[]' }) {
    this.byId = new Map(before.spans.map((span) => [span.spanId, span]));
    this.units = before.json.length;
  }

  /** Whether a span was added or replaced. */
  get changed(): boolean {
    return this.replaced || this.added.length > 0;
  }

  /** Adds spans within the limits of a trace, and counts the others in `beyond`. */
  add(span: Span, beyond: Beyond): void {
    const known = this.byId.get(span.spanId);
    if (known !== undefined && !isGreater(span, known)) return;
    if (known === undefined && this.byId.size >= MAX_SPANS_PER_TRACE) {
      beyond.spans += 1;
      return;
    }
    const json = JSON.stringify(span);
    const more =
      known === undefined ? json.length + SEPARATOR.length : json.length - JSON.stringify(known).length;
    if (more > 0 && this.units + more > MAX_TRACE_UNITS) {
      beyond.size += 1;
      return;
    }
    this.units += more;
    this.byId.set(span.spanId, span);
    if (known === undefined) this.added.push(json);
    else this.replaced = true;
  }

  all(): Span[] {
    return [...this.byId.values()];
  }

  async json(): Promise<string> {
    const { json } = this.before;
    if (this.replaced) return listOf(await collectInTurns(eachJson(this.byId.values())));
    if (json === '[]') return listOf(this.added);
    return `${json.slice(0, -1)}${SEPARATOR}${this.added.join(SEPARATOR)}]`;
  }
}

/** The spans with one per id, whatever their number. */
export function distinct(spans: readonly Span[]): Span[] {
  const byId = new Map<string, Span>();
  for (const span of spans) {
    const known = byId.get(span.spanId);
    if (known === undefined || isGreater(span, known)) byId.set(span.spanId, span);
  }
  return [...byId.values()];
}

const ORDER: readonly ((span: Span) => number | string)[] = [
  ({ end }) => end,
  ({ start }) => start,
  ({ name }) => name,
  ({ parentSpanId }) => parentSpanId ?? '',
  ({ status }) => status ?? '',
  ({ statusMessage }) => statusMessage ?? '',
  ({ fields }) => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))),
];

function isGreater(a: Span, b: Span): boolean {
  for (const by of ORDER) {
    const [ofA, ofB] = [by(a), by(b)];
    if (ofA !== ofB) return ofA > ofB;
  }
  return false;
}
