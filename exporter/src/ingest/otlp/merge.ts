/** The spans of one trace, the same in whichever order they come. */
import type { Span } from './tree.js';

/** Each batch of a trace reads and writes all of its spans again. */
export const MAX_SPANS_PER_TRACE = 10_000;

/** One span of each id: of two the greater stays, the one that ended later, and so on. */
export class MergedSpans {
  /** Whether anything that was added is new. */
  changed = false;
  private readonly byId: Map<string, Span>;

  /** @param spans of which no two have one id */
  constructor(spans: readonly Span[] = []) {
    this.byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /**
   * @param max spans beyond which no other one is added
   * @returns how many were not added for that
   */
  add(spans: readonly Span[], max = Infinity): number {
    let beyond = 0;
    for (const span of spans) {
      const known = this.byId.get(span.spanId);
      if (known === undefined && this.byId.size >= max) beyond += 1;
      else if (known === undefined || isGreater(span, known)) {
        this.byId.set(span.spanId, span);
        this.changed = true;
      }
    }
    return beyond;
  }

  all(): Span[] {
    return [...this.byId.values()];
  }
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
