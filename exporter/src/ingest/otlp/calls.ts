/**
 * The model calls of a trace, each of them once, however many spans report it. All functions are linear and not
 * recursive, because a trace may be deep.
 */
import { TOKEN_NAMES } from '../../facts/tokens.js';
import type { Fields } from './mapping.js';
import { type Metered, meteredOf } from './tokens.js';
import type { Node } from './tree.js';

/** A model call, or the usage of a span below which no call reports any. */
export interface Call {
  /** The innermost span that reports it. */
  node: Node;
  metered: Metered;
}

/** @param order each span after its parent */
export function callsOf(order: readonly Node[]): Call[] {
  const { calls, repeating, covering } = new Reports(order);
  const kept = withoutTwins(order, calls);
  completeModels(order, kept, repeating);
  const covered = below(order, covering);
  return [...kept.values()].filter(
    ({ node, metered }) => metered.has_tokens || node.status === 'error' || !covered.has(node),
  );
}

/** Sums of the calls below a span. */
class Below {
  calls = 0;
  /** One of them; the only one if there is one. */
  call: Call | undefined;
  hasTokens = false;
  input = 0;
  output = 0;
  hasSucceeded = false;

  add(other: Below): void {
    this.calls += other.calls;
    this.call ??= other.call;
    this.hasTokens ||= other.hasTokens;
    this.input += other.input;
    this.output += other.output;
    this.hasSucceeded ||= other.hasSucceeded;
  }

  addCall(call: Call): void {
    this.calls += 1;
    this.call ??= call;
    this.hasSucceeded ||= call.node.status !== 'error';
    if (call.metered.has_tokens) this.addTokens(call.metered);
  }

  addTokens({ input_tokens, output_tokens }: Metered): void {
    this.hasTokens = true;
    this.input += input_tokens;
    this.output += output_tokens;
  }

  /** The only call. */
  get only(): Call | undefined {
    return this.calls === 1 ? this.call : undefined;
  }
}

/** Which spans report a call of their own, and which repeat those below them. */
class Reports {
  readonly calls = new Map<Node, Call>();
  /** Spans that repeat calls below them. */
  readonly repeating = new Set<Node>();
  /** Spans whose tokens are those of calls below them, none of which reports any. */
  readonly covering = new Set<Node>();
  private readonly all = new Map<Node, Below>();
  /** Without calls inside a tool or an agent, which a model call may have invoked but does not include. */
  private readonly near = new Map<Node, Below>();

  constructor(order: readonly Node[]) {
    for (const node of order.toReversed()) {
      this.read(node);
      const { parent, fields } = node;
      if (parent === undefined) continue;
      addTo(this.all, parent, this.all.get(node));
      if (fields.role !== 'tool' && fields.role !== 'agent') addTo(this.near, parent, this.near.get(node));
    }
  }

  private read(node: Node): void {
    const call = reportOf(node);
    if (call === undefined) return;
    const isModel = node.fields.role === 'model';
    const below = (isModel ? this.near : this.all).get(node);
    if (below === undefined) return this.add(call);
    const { only } = below;
    if (call.metered.has_tokens && !below.hasTokens) {
      if (only === undefined || only.node.status === 'error') {
        this.covering.add(node);
        return this.add(call);
      }
      // The call below does not say what it has used.
      this.repeating.add(node);
      complete(only, call);
      for (const sums of [this.all, this.near]) sums.get(node)?.addTokens(call.metered);
      return;
    }
    if (isModel && !repeats(call, below)) return this.add(call);
    this.repeating.add(node);
    if (only !== undefined && (!call.metered.has_tokens || isEqual(call, below))) complete(only, call);
  }

  private add(call: Call): void {
    this.calls.set(call.node, call);
    for (const sums of [this.all, this.near]) sumsOf(sums, call.node).addCall(call);
  }
}

function sumsOf(sums: Map<Node, Below>, node: Node): Below {
  const known = sums.get(node) ?? new Below();
  sums.set(node, known);
  return known;
}

function addTo(sums: Map<Node, Below>, node: Node, added: Below | undefined): void {
  if (added !== undefined) sumsOf(sums, node).add(added);
}

function reportOf(node: Node): Call | undefined {
  const { role } = node.fields;
  if (role === undefined) return undefined;
  const metered = meteredOf(node.fields);
  const reports = role === 'model' || metered.has_tokens || metered.reported_cost_usd !== null;
  return reports ? { node, metered } : undefined;
}

/** Whether a model call is one of those below it, or all of them. One that differs from them is another call. */
function repeats(call: Call, below: Below): boolean {
  const { node, metered } = call;
  const [id, other] = [node.fields.responseId, below.only?.node.fields.responseId];
  if (id !== undefined && other !== undefined && id !== other) return false;
  if (metered.has_tokens) return isEqual(call, below);
  // One that succeeded where those below have failed is another attempt.
  return below.hasSucceeded || node.status === 'error';
}

const isEqual = ({ metered }: Call, { input, output }: Below): boolean =>
  metered.input_tokens === input && metered.output_tokens === output;

/** Adds what another report of the same call has beyond it. */
function complete({ metered }: Call, { metered: other }: Call): void {
  metered.provider ??= other.provider;
  metered.model_name ??= other.model_name;
  metered.own_service_tier ??= other.own_service_tier;
  metered.reported_cost_usd ??= other.reported_cost_usd;
  metered.has_tokens ||= other.has_tokens;
  // Of calls with equal input and output, these are the parts, such as cached tokens.
  for (const name of TOKEN_NAMES) metered[name] ||= other[name];
}

/**
 * Leaves out calls that another span beside them reports as well: one with the same response and no other tokens. The
 * first one is kept.
 */
function withoutTwins(order: readonly Node[], calls: ReadonlyMap<Node, Call>): Map<Node, Call> {
  const kept = new Map<Node, Call>();
  const reports = new ReportsByResponse();
  for (const node of order) {
    const call = calls.get(node);
    if (call === undefined) continue;
    const twin = reports.twinOf(call);
    if (twin === undefined) kept.set(node, call);
    else complete(twin, call);
    reports.add(twin ?? call);
  }
  return kept;
}

/** Calls by the id of their response. One id can stand for several calls only if these differ in tokens. */
class ReportsByResponse {
  private readonly byTokens = new Map<string, Call>();
  /** The first call of each response, which a report without tokens joins. */
  private readonly firsts = new Map<string, Call>();

  twinOf(call: Call): Call | undefined {
    const { responseId } = call.node.fields;
    if (responseId === undefined) return undefined;
    const first = this.firsts.get(responseId);
    if (first === undefined || !call.metered.has_tokens || !first.metered.has_tokens) return first;
    return this.byTokens.get(tokensKey(responseId, call));
  }

  /** Call it again when the call has got tokens of another report. */
  add(call: Call): void {
    const { responseId } = call.node.fields;
    if (responseId === undefined) return;
    if (!this.firsts.has(responseId)) this.firsts.set(responseId, call);
    if (call.metered.has_tokens) this.byTokens.set(tokensKey(responseId, call), call);
  }
}

const tokensKey = (responseId: string, { metered }: Call): string =>
  JSON.stringify([responseId, metered.input_tokens, metered.output_tokens]);

/** A call without a model has that of the nearest span that repeats it. */
function completeModels(
  order: readonly Node[],
  calls: ReadonlyMap<Node, Call>,
  repeating: ReadonlySet<Node>,
): void {
  const above = new Map<Node, Fields>();
  for (const node of order) {
    const { parent } = node;
    const outer =
      parent &&
      (repeating.has(parent) && parent.fields.model !== undefined ? parent.fields : above.get(parent));
    if (outer !== undefined) above.set(node, outer);
    const call = calls.get(node);
    if (call === undefined || call.metered.model_name !== null || outer === undefined) continue;
    call.metered.model_name = outer.model ?? null;
    call.metered.provider ??= outer.provider ?? null;
  }
}

/** The nodes below any of these. */
function below(order: readonly Node[], tops: ReadonlySet<Node>): Set<Node> {
  const found = new Set<Node>();
  if (tops.size === 0) return found;
  for (const node of order) {
    if (node.parent !== undefined && (tops.has(node.parent) || found.has(node.parent))) found.add(node);
  }
  return found;
}
