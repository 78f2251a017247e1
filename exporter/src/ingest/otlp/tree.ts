/** The spans of a trace as a forest. Everything here is linear in the spans and free of recursion: a trace may be deep. */
import type { Fields } from './mapping.js';

export interface Span {
  spanId: string;
  parentSpanId: string | null;
  name: string;
  /** Milliseconds. */
  start: number;
  end: number;
  status: 'ok' | 'error' | null;
  statusMessage: string | null;
  fields: Fields;
}

/** A span with its place in the trace. */
export interface Node extends Span {
  parent: Node | undefined;
  children: Node[];
  /** Spans above it. */
  depth: number;
}

/** In the order of time; what began at once in the order of the ids. */
export function treeOf(spans: readonly Span[]): Node[] {
  const nodes = [...spans]
    .sort((a, b) => a.start - b.start || (a.spanId < b.spanId ? -1 : 1))
    .map((span): Node => ({ ...span, parent: undefined, children: [], depth: 0 }));
  const byId = new Map(nodes.map((node) => [node.spanId, node]));
  for (const node of nodes)
    node.parent = node.parentSpanId === null ? undefined : byId.get(node.parentSpanId);
  breakCircles(nodes);
  for (const node of nodes) node.parent?.children.push(node);
  for (const node of topDown(nodes)) node.depth = node.parent === undefined ? 0 : node.parent.depth + 1;
  return nodes;
}

/** In a circle of parents, which nobody should send, the earliest span becomes a root. */
function breakCircles(nodes: readonly Node[]): void {
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

function earliestOf(inCircle: Node): Node {
  let earliest = inCircle;
  for (let at = inCircle.parent!; at !== inCircle; at = at.parent!) {
    if (at.start < earliest.start || (at.start === earliest.start && at.spanId < earliest.spanId))
      earliest = at;
  }
  return earliest;
}

/** Every span after its parent. */
export function topDown(nodes: readonly Node[]): Node[] {
  const order = nodes.filter(({ parent }) => parent === undefined);
  for (const node of order) for (const child of node.children) order.push(child);
  return order;
}
