/** The outcome of a run, from what has happened to it. */
import type { ExecutionStatus } from '../../facts/execution/columns.js';
import { isTimeout } from './errors.js';
import type { Run } from './runs.js';
import type { Node } from './tree.js';

export interface Outcome {
  status: ExecutionStatus;
  errorType: string | null;
  errorMessage: string | null;
}

const SUCCESS: Outcome = { status: 'success', errorType: null, errorMessage: null };

/**
 * A run fails if a span around it fails, or if the last of what happened in it failed: many instrumentations set no status
 * on the spans around a failed call. A failure that something followed was survived.
 */
export function outcomeOf(run: Run, causes: Causes): Outcome {
  const around = run.whole.filter(isFailed).reduce<Node | undefined>(outer, undefined);
  const failed = around ?? lastFailure(run);
  if (failed === undefined) return SUCCESS;
  const cause = causes.of(failed);
  const errorType = cause.fields.errorType ?? failed.fields.errorType ?? null;
  const errorMessage = cause.statusMessage ?? failed.statusMessage ?? null;
  const said = `${cause.fields.errorType ?? ''} ${cause.statusMessage ?? ''}`;
  return { status: isTimeout(said) ? 'timeout' : 'failure', errorType, errorMessage };
}

const isFailed = ({ status }: Node): boolean => status === 'error';

const outer = (a: Node | undefined, b: Node): Node => (a === undefined || b.depth < a.depth ? b : a);

/** The last of the calls, the called runs and the failed steps, if it failed. */
function lastFailure({ nodes, whole, children }: Run): Node | undefined {
  const around = new Set(whole);
  let last: Node | undefined;
  for (const node of nodes) if (!around.has(node) && isEvent(node)) last = later(last, node);
  for (const { top } of children) last = later(last, top);
  return last !== undefined && isFailed(last) ? last : undefined;
}

const isEvent = (node: Node): boolean =>
  node.fields.role === 'model' || node.fields.role === 'tool' || isFailed(node);

/** The one that ended later. Of spans that ended at the same time, the outer one ended last. */
function later(a: Node | undefined, b: Node): Node {
  if (a === undefined) return b;
  const order = a.end - b.end || b.depth - a.depth || a.start - b.start || (a.spanId < b.spanId ? -1 : 1);
  return order > 0 ? a : b;
}

/** A span, and by how many levels it is deeper. */
interface Found {
  node: Node;
  levels: number;
}

/** The causes of failures. They are found for all spans at once, because the runs of a deep trace share theirs. */
export class Causes {
  /** By failed span: the deepest one that is connected to it by failed spans. */
  private readonly deepest = new Map<Node, Node>();
  /** By failed span: the same, but if none of them has a reason, below spans whose status is unset as well. */
  private readonly beyond = new Map<Node, Node>();
  /** The nearest failed span below spans whose status is unset. */
  private readonly belowUnset = new Map<Node, Found>();

  /** @param order each span after its parent */
  constructor(order: readonly Node[]) {
    for (const node of order.toReversed()) {
      if (node.status === 'ok') continue;
      const below = this.nearestBelow(node.children);
      if (below !== undefined) this.belowUnset.set(node, below);
      if (isFailed(node)) this.find(node, below);
    }
  }

  /** The cause of a failed span; the span itself if there is none below it. */
  of(failed: Node): Node {
    return (hasReason(failed) ? this.deepest : this.beyond).get(failed)!;
  }

  private find(node: Node, below: Found | undefined): void {
    if (below?.levels === 1) {
      this.deepest.set(node, this.deepest.get(below.node)!);
      this.beyond.set(node, this.beyond.get(below.node)!);
    } else {
      this.deepest.set(node, node);
      this.beyond.set(node, below === undefined || hasReason(node) ? node : this.beyond.get(below.node)!);
    }
  }

  /** The last of those at the nearest level. Many instrumentations only set the status of failed spans. */
  private nearestBelow(children: readonly Node[]): Found | undefined {
    let nearest: Found | undefined;
    for (const child of children) {
      const found = isFailed(child) ? { node: child, levels: 1 } : this.deeper(child);
      if (found === undefined) continue;
      if (nearest === undefined || found.levels < nearest.levels) nearest = found;
      else if (found.levels === nearest.levels) nearest = { ...found, node: later(nearest.node, found.node) };
    }
    return nearest;
  }

  private deeper(child: Node): Found | undefined {
    const found = child.status == null ? this.belowUnset.get(child) : undefined;
    return found && { node: found.node, levels: found.levels + 1 };
  }
}

const hasReason = ({ fields, statusMessage }: Node): boolean =>
  fields.errorType !== undefined || statusMessage != null;
