/** Merges the spans of a trace. The result does not depend on their order. */
import type { Span } from './tree.js';

/** Limited, because each batch reads and writes all spans of the trace again. */
export const MAX_SPANS_PER_TRACE = 10_000;

/** Keeps one span per id: the greater one in the sense of ORDER, such as the one that ended later. */
export class MergedSpans {
  /** Whether a span was added or replaced. */
  changed = false;
  private readonly byId: Map<string, Span>;

  /** @param spans spans with distinct ids */
  constructor(spans: readonly Span[] = []) {
    this.byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /**
   * @param max maximum number of spans; further ones are not added
   * @returns the number of spans that were not added
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
