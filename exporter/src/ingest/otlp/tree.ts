/** The spans of a trace as a forest. All functions are linear and not recursive, because a trace may be deep. */
import type { Fields } from './mapping.js';

/** Optional fields may be null; in the database they are left out. */
export interface Span {
  spanId: string;
  parentSpanId?: string | null;
  name: string;
  /** Milliseconds, with a fraction. */
  start: number;
  end: number;
  status?: 'ok' | 'error' | null;
  statusMessage?: string | null;
  fields: Fields;
}

/** A span with its place in the trace. */
export interface Node extends Span {
  parent: Node | undefined;
  children: Node[];
  /** Number of ancestors. */
  depth: number;
}

/** Spans that start at the same time are sorted by id. */
export const byTime = (a: Span, b: Span): number => a.start - b.start || (a.spanId < b.spanId ? -1 : 1);

/** Sorted by time. */
export function treeOf(spans: readonly Span[]): Node[] {
  const nodes = spans.map(nodeOf).sort(byTime);
  const byId = new Map(nodes.map((node) => [node.spanId, node]));
  for (const node of nodes) {
    node.parent = node.parentSpanId == null ? undefined : byId.get(node.parentSpanId);
    node.parent?.children.push(node);
  }
  let order = topDown(nodes);
  if (order.length < nodes.length) {
    breakCycles(nodes);
    for (const node of nodes) node.children = [];
    for (const node of nodes) node.parent?.children.push(node);
    order = topDown(nodes);
  }
  for (const node of order) node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
  return nodes;
}

/** Field by field, because this is many times faster than a spread. */
const nodeOf = (span: Span): Node => ({
  spanId: span.spanId,
  parentSpanId: span.parentSpanId,
  name: span.name,
  start: span.start,
  end: span.end,
  status: span.status,
  statusMessage: span.statusMessage,
  fields: span.fields,
  parent: undefined,
  children: [],
  depth: 0,
});

/** Invalid traces can have cycles of parents. The earliest span of a cycle becomes a root. */
function breakCycles(nodes: readonly Node[]): void {
  const safe = new Set<Node>();
  for (const node of nodes) {
    const path = new Set<Node>();
    for (let at: Node | undefined = node; at !== undefined && !safe.has(at); at = at.parent) {
      if (path.has(at)) {
        earliestOf(at).parent = undefined;
        break;
      }
      path.add(at);
    }
    for (const seen of path) safe.add(seen);
  }
}

function earliestOf(inCycle: Node): Node {
  let earliest = inCycle;
  for (let at = inCycle.parent!; at !== inCycle; at = at.parent!) {
    if (at.start < earliest.start || (at.start === earliest.start && at.spanId < earliest.spanId))
      earliest = at;
  }
  return earliest;
}

/** Each span after its parent, without spans in or below a cycle. */
export function topDown(nodes: readonly Node[]): Node[] {
  const order = nodes.filter(({ parent }) => parent === undefined);
  for (const node of order) for (const child of node.children) order.push(child);
  return order;
}
