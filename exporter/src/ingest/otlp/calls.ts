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

/** What spans of one run have in common. */
export interface Scope {
  /** Whether it is no run, but only holds several. */
  holdsOthers: boolean;
}

/** The runs of spans. */
type Scopes = ReadonlyMap<Node, Scope>;

/** Spans that are read before other work can go on. */
const AT_ONCE = 1_000;

/**
 * Gives undefined wherever other work can go on, and returns the calls.
 * @param order each span after its parent
 * @param scopes the figures of a span are its run's, and stand for calls of the same run only
 */
export function* callsOf(order: readonly Node[], scopes: Scopes): Generator<undefined, Call[]> {
  const reports = new Reports(scopes);
  for (let end = order.length; end > 0; end -= AT_ONCE) {
    for (const node of order.slice(Math.max(0, end - AT_ONCE), end).reverse()) reports.read(node);
    yield;
  }
  const { calls, repeating, covering } = reports;
  const kept = withoutTwins(order, calls);
  yield;
  completeModels(order, scopes, kept, repeating);
  yield;
  const covered = below(order, scopes, covering);
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
  /** Whether they are of more than one model. */
  isMixed = false;

  add(other: Below): void {
    this.calls += other.calls;
    this.isMixed ||= other.isMixed;
    this.take(other.call);
    this.hasTokens ||= other.hasTokens;
    this.input += other.input;
    this.output += other.output;
    this.hasSucceeded ||= other.hasSucceeded;
  }

  addCall(call: Call): void {
    this.calls += 1;
    this.take(call);
    this.hasSucceeded ||= call.node.status !== 'error';
    if (call.metered.has_tokens) this.addTokens(call.metered);
  }

  addTokens({ input_tokens, output_tokens }: Metered): void {
    this.hasTokens = true;
    this.input += input_tokens;
    this.output += output_tokens;
  }

  private take(call: Call | undefined): void {
    if (call === undefined) return;
    this.call ??= call;
    this.isMixed ||= this.call.metered.model_name !== call.metered.model_name;
  }

  /** The only call. */
  get only(): Call | undefined {
    return this.calls === 1 ? this.call : undefined;
  }
}

/** Whether what is said of the parent of a span is also said of the span: it is of the same run. */
function isWithin(scopes: Scopes, node: Node): boolean {
  const { parent } = node;
  const around = parent && scopes.get(parent);
  return around !== undefined && (around.holdsOthers || around === scopes.get(node));
}

/** Which calls below a span it repeats: those of its run, or those of the runs that it has called as well. */
type Repeated = 'own' | 'all';

/** Which spans report a call of their own, and which repeat those below them. */
class Reports {
  readonly calls = new Map<Node, Call>();
  /** Spans that repeat calls below them. */
  readonly repeating = new Map<Node, Repeated>();
  /** Spans whose tokens are those of calls below them, none of which reports any. */
  readonly covering = new Set<Node>();
  private readonly all = new Map<Node, Below>();
  /** Without calls of runs that the span's own run has called. */
  private readonly own = new Map<Node, Below>();
  /** Without calls inside a tool or an agent, which a model call may have invoked but does not include. */
  private readonly near = new Map<Node, Below>();

  constructor(private readonly scopes: Scopes) {}

  /** Takes each span after all that are below it. */
  read(node: Node): void {
    const call = reportOf(node);
    if (call !== undefined) {
      if (node.fields.role === 'model') this.readCall(call);
      else this.readSum(call);
    }
    this.passOn(node);
  }

  private passOn(node: Node): void {
    const { parent, fields } = node;
    if (parent === undefined) return;
    const { scopes, all, own, near } = this;
    addTo(all, parent, all.get(node));
    if (isWithin(scopes, node)) {
      addTo(own, parent, (scopes.get(parent)!.holdsOthers ? all : own).get(node));
    }
    if (fields.role !== 'tool' && fields.role !== 'agent') addTo(near, parent, near.get(node));
  }

  private readCall(call: Call): void {
    const { node } = call;
    const below = this.near.get(node);
    if (below === undefined) this.add(call);
    else if (call.metered.has_tokens && !below.hasTokens) this.cover(call, below);
    else if (repeats(call, below)) this.repeat(call, below, 'all');
    else this.add(call);
  }

  /** Of a span that is no model call: what it reports are figures of its run. */
  private readSum(call: Call): void {
    const [all, own] = [this.all.get(call.node), this.own.get(call.node)];
    const { has_tokens: hasTokens } = call.metered;
    if (hasTokens && !own?.hasTokens && all?.hasTokens && isEqual(call, all)) this.repeat(call, all, 'all');
    else if (own === undefined) this.add(call);
    else if (hasTokens && !own.hasTokens) this.cover(call, own);
    else this.repeat(call, own, 'own');
  }

  /** Of a span with tokens, below which no call has any. */
  private cover(call: Call, { only, call: any, isMixed }: Below): void {
    const { node, metered } = call;
    if (only === undefined || only.node.status === 'error') {
      this.covering.add(node);
      // Only the calls may name the model.
      if (metered.model_name === null && any !== undefined && !isMixed) {
        metered.model_name = any.metered.model_name;
        metered.provider ??= any.metered.provider;
      }
      return this.add(call);
    }
    // The call below does not say what it has used.
    this.repeating.set(node, 'own');
    complete(only, call);
    for (const sums of [this.all, this.own, this.near]) sums.get(node)?.addTokens(call.metered);
  }

  private repeat(call: Call, below: Below, repeated: Repeated): void {
    this.repeating.set(call.node, repeated);
    const { only } = below;
    if (only !== undefined && (!call.metered.has_tokens || isEqual(call, below))) complete(only, call);
  }

  private add(call: Call): void {
    this.calls.set(call.node, call);
    for (const sums of [this.all, this.own, this.near]) sumsOf(sums, call.node).addCall(call);
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
  scopes: Scopes,
  calls: ReadonlyMap<Node, Call>,
  repeating: ReadonlyMap<Node, Repeated>,
): void {
  const above = new Map<Node, { fields: Fields; repeated: Repeated }>();
  for (const node of order) {
    const { parent } = node;
    if (parent === undefined) continue;
    const repeated = repeating.get(parent);
    const nearest =
      repeated !== undefined && parent.fields.model !== undefined
        ? { fields: parent.fields, repeated }
        : above.get(parent);
    if (nearest === undefined || (nearest.repeated === 'own' && !isWithin(scopes, node))) continue;
    above.set(node, nearest);
    const call = calls.get(node);
    if (call === undefined || call.metered.model_name !== null) continue;
    call.metered.model_name = nearest.fields.model ?? null;
    call.metered.provider ??= nearest.fields.provider ?? null;
  }
}

/** The nodes of the same runs below any of these. */
function below(order: readonly Node[], scopes: Scopes, tops: ReadonlySet<Node>): Set<Node> {
  const found = new Set<Node>();
  if (tops.size === 0) return found;
  for (const node of order) {
    const { parent } = node;
    if (parent !== undefined && (tops.has(parent) || found.has(parent)) && isWithin(scopes, node)) {
      found.add(node);
    }
  }
  return found;
}
