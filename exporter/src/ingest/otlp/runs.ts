/**
 * The runs of a trace: which spans are one run of an agent. Each outermost GenAI span begins a run, and so does each agent
 * below it. A span that only wraps others is no run of its own. All functions are linear and not recursive.
 */
import type { Call, Scope } from './calls.js';
import { byTime, type Node } from './tree.js';

export interface Run {
  /** Its outermost span. */
  top: Node;
  /** The span that names its agent; undefined for a run without one. */
  agent: Node | undefined;
  /** The run that called it. */
  parent: Run | undefined;
  /** The runs that it has called. */
  children: Run[];
  /** Its GenAI spans, in time order, without those of the runs that it has called. */
  nodes: Node[];
  calls: Call[];
  /** Spans around all others of the run, whose failure is that of the run. */
  whole: Node[];
  /** Name of the outermost workflow around it. */
  flow: string | undefined;
}

/** A run before the wrappers are known. */
interface Draft extends Run, Scope {
  parent: Draft | undefined;
  children: Draft[];
  /** Number of its model and tool calls. */
  own: number;
  /** Whether one of its spans in `whole` has failed. */
  failed: boolean;
  /** Whether a run that it has called has failed as a whole. */
  failedBelow: boolean;
  isWrapper: boolean;
  /** The only run inside a wrapper. */
  inside: Draft | undefined;
}

/**
 * @param order each span after its parent
 * @returns each run after the one that called it, siblings in time order
 */
export function runsOf(order: readonly Node[], calls: readonly Call[]): Run[] {
  const { drafts, runOf } = openRuns(order);
  for (const call of calls) {
    const run = runOf.get(call.node)!;
    run.calls.push(call);
    if (call.node.fields.role !== 'tool') run.own += 1;
  }
  for (const draft of drafts.toReversed()) close(draft);
  const flows = flowsOf(order, drafts);
  const runs = drafts.filter(({ isWrapper }) => !isWrapper);
  for (const run of runs) {
    run.nodes.sort(byTime);
    run.calls.sort((a, b) => byTime(a.node, b.node));
    run.flow = flows.get(run.top);
    run.parent = calledBy(run);
    run.children = [];
  }
  for (const run of runs) run.parent?.children.push(run);
  return outermostFirst(runs);
}

/**
 * Which spans are of the same run, before it is known which of them report calls. A span that is not part of any run is
 * left out. Gives undefined wherever other work can go on.
 * @param order each span after its parent
 */
export function* scopesOf(order: readonly Node[]): Generator<undefined, ReadonlyMap<Node, Scope>> {
  const { drafts, runOf } = openRuns(order);
  yield;
  for (const [{ fields }, draft] of runOf) if (fields.role === 'model') draft.own += 1;
  for (const draft of drafts.toReversed()) close(draft);
  const scopes = new Map<Draft, Draft>();
  // The run inside a wrapper stands behind it.
  for (const draft of drafts.toReversed())
    scopes.set(draft, (draft.inside && scopes.get(draft.inside)) ?? draft);
  yield;
  return new Map([...runOf].map(([node, draft]) => [node, scopes.get(draft)!]));
}

/** The name by which spans are told to be of one agent. */
export const agentNameOf = ({ fields }: Node): string | undefined =>
  fields.agentName ?? fields.ownAgentId ?? fields.agentId ?? fields.label;

/** A span without a name of its own that is called so is the node of a framework's graph. */
const NODE_OF_GRAPH = 'agent';

function openRuns(order: readonly Node[]): { drafts: Draft[]; runOf: ReadonlyMap<Node, Draft> } {
  const drafts: Draft[] = [];
  const runOf = new Map<Node, Draft>();
  /** Spans that a model or tool call of their run has invoked. */
  const invoked = new Set<Node>();
  for (const node of order) {
    const { parent, fields } = node;
    const around = parent && runOf.get(parent);
    const isInvoked = parent !== undefined && (invoked.has(parent) || isCall(parent));
    if (fields.role !== undefined && (around === undefined || beginsRun(node, around, isInvoked))) {
      const draft = draftOf(node, around);
      drafts.push(draft);
      runOf.set(node, draft);
      continue;
    }
    if (around === undefined) continue;
    runOf.set(node, around);
    if (isInvoked) invoked.add(node);
    if (fields.role === undefined) continue;
    around.nodes.push(node);
    if (fields.role === 'tool') around.own += 1;
  }
  return { drafts, runOf };
}

const draftOf = (node: Node, parent: Draft | undefined): Draft => ({
  top: node,
  agent: isAgent(node) ? node : undefined,
  parent,
  children: [],
  nodes: [node],
  calls: [],
  whole: [node],
  flow: undefined,
  own: node.fields.role === 'tool' ? 1 : 0,
  failed: node.status === 'error',
  failedBelow: false,
  isWrapper: false,
  holdsOthers: false,
  inside: undefined,
});

const isCall = ({ fields: { role } }: Node): boolean => role === 'tool' || role === 'model';

/** Some frameworks name the agent on a chain. */
const isAgent = ({ fields: { role, agentName } }: Node): boolean =>
  role === 'agent' || (role === 'chain' && agentName !== undefined);

/** Whether a span within a run is another agent, or the same one that was called again. */
function beginsRun(node: Node, { agent }: Draft, isInvoked: boolean): boolean {
  const { role, agentName } = node.fields;
  const name = agentNameOf(node);
  if (!isAgent(node) || name === undefined) return false;
  if (agentName === undefined && name === NODE_OF_GRAPH) return false;
  if (agent === undefined || agentNameOf(agent) !== name) return true;
  return isInvoked && role === 'agent';
}

/** Makes a run that only wraps another one part of it, and leaves out one that only wraps several. */
function close(draft: Draft): void {
  const { parent, children } = draft;
  const [only] = children.length === 1 ? children : [];
  draft.holdsOthers = children.length > 0 && isWrapping(draft);
  if (only !== undefined && (isWrapping(draft) || isNamedLike(draft, only))) {
    absorb(only, draft);
    addChild(parent, only);
  } else if (draft.holdsOthers && (draft.top.status !== 'error' || draft.failedBelow)) {
    draft.isWrapper = true;
    if (parent === undefined) return;
    parent.failedBelow ||= draft.failedBelow;
    parent.children = joined(parent.children, children);
  } else {
    // It is kept for its failure, which would be lost with it.
    if (draft.holdsOthers) draft.agent = undefined;
    addChild(parent, draft);
  }
}

/** Whether it neither names an agent nor calls a model or a tool. */
const isWrapping = ({ agent, own }: Draft): boolean => own === 0 && agent?.fields.agentName === undefined;

/** Whether a workflow, a chain or an unnamed agent is called as the agent inside. */
function isNamedLike({ top: { fields } }: Draft, { agent }: Draft): boolean {
  if (agent === undefined || fields.role === 'model' || fields.role === 'tool') return false;
  const title = fields.role === 'workflow' ? fields.workflow : (fields.agentName ?? fields.label);
  return fields.role !== 'agent' && title !== undefined && title === agentNameOf(agent);
}

function absorb(run: Draft, wrapper: Draft): void {
  wrapper.isWrapper = true;
  wrapper.inside = run;
  run.top = wrapper.top;
  run.own += wrapper.own;
  run.failed ||= wrapper.failed;
  for (const node of wrapper.nodes) run.nodes.push(node);
  for (const call of wrapper.calls) run.calls.push(call);
  for (const node of wrapper.whole) run.whole.push(node);
}

function addChild(parent: Draft | undefined, run: Draft): void {
  if (parent === undefined) return;
  parent.children.push(run);
  parent.failedBelow ||= run.failed;
}

/** Appends the shorter list to the longer one. */
function joined<T>(a: T[], b: T[]): T[] {
  const [longer, shorter] = a.length < b.length ? [b, a] : [a, b];
  for (const item of shorter) longer.push(item);
  return longer;
}

/** The nearest run above that is no wrapper. What was walked is remembered, because wrappers may be deep. */
function calledBy({ parent }: Draft): Draft | undefined {
  const walked: Draft[] = [];
  let found = parent;
  for (; found?.isWrapper; found = found.parent) walked.push(found);
  for (const wrapper of walked) wrapper.parent = found;
  return found;
}

/** The name of the outermost workflow around each span, the span itself included. */
function flowsOf(order: readonly Node[], drafts: readonly Draft[]): Map<Node, string> {
  const titles = new Map(
    drafts.filter(({ isWrapper }) => isWrapper).map((draft) => [draft.top, titleOf(draft)]),
  );
  const flows = new Map<Node, string>();
  for (const node of order) {
    const { parent, fields } = node;
    const own = fields.role === 'workflow' ? fields.workflow : titles.get(node);
    const flow = (parent && flows.get(parent)) ?? own;
    if (flow !== undefined) flows.set(node, flow);
  }
  return flows;
}

/** What a wrapper is called, unless it is called as the agent inside. */
function titleOf({ top, inside }: Draft): string | undefined {
  const { label } = top.fields;
  return inside?.agent !== undefined && agentNameOf(inside.agent) === label ? undefined : label;
}

function outermostFirst(runs: readonly Run[]): Run[] {
  const byTop = (a: Run, b: Run): number => byTime(a.top, b.top);
  const order = runs.filter(({ parent }) => parent === undefined).sort(byTop);
  for (const run of order) for (const child of run.children.sort(byTop)) order.push(child);
  return order;
}
