/** One execution of the demo, step by step: a thought, the tools of its turn, an answer. */
import { formatTime } from '../time.js';
import type { Agent } from './fleet.js';
import { type Model, MODELS } from './models.js';
import type { Random } from './random.js';
import { type Turn, type Work, WORK } from './work.js';

/** An execution as in `POST /api/v1/executions`. */
export interface DemoRun {
  id: string;
  status: string;
  started_at: string;
  completed_at?: string;
  steps: DemoStep[];
  token_usages: DemoUsage[];
  [field: string]: unknown;
}

interface DemoStep {
  step_number: number;
  timestamp: string;
  duration_ms: number;
  [field: string]: unknown;
}

interface DemoUsage {
  component: 'main_agent' | 'sub_agent';
  provider: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  step_number: number;
}

export interface TimedRun {
  at: number;
  run: DemoRun;
}

/** What the executions of a session share, as it is sent. */
export interface SessionFields {
  session_id: string;
  trace_id: string;
  user_id: string;
  environment: string;
  tags: string[];
}

export type Outcome = 'success' | 'failure' | 'timeout' | 'blocked';

export interface RunOptions {
  agent: Agent;
  work: Work;
  model: Model;
  turn: Turn;
  session: SessionFields;
  at: number;
  /** The execution that calls this one. */
  callerId?: string;
  /** Default: at random. */
  outcome?: Outcome;
  /** Default: at random. */
  error?: string;
  /** How long its tools take, in milliseconds. */
  toolMs?: number;
}

const FAILURES = ['ToolError', 'RateLimit', 'ContextTooLong', 'InvalidOutput'] as const;
const FAILING = 0.05;
const TIMED_OUT = 0.02;
const BLOCKED = 0.01;
const TOOL_MS = 240;
/** How long an execution waits before it times out, in milliseconds. */
const TIMEOUT_MS = 60_000;
/** Share of the input that a run finds in the cache: at its first call, and at later ones. */
const CACHED = [0.35, 0.8] as const;
/** By how much the input of an agent that keeps everything in its context grows with each call. */
const GROWTH = 0.8;

export class Run {
  readonly outcome: Outcome;
  private readonly steps: DemoStep[] = [];
  private readonly usages: DemoUsage[] = [];
  private elapsed = 0;
  private llmMs = 0;
  private mainCalls = 0;

  constructor(
    private readonly random: Random,
    private readonly options: RunOptions,
  ) {
    this.outcome = options.outcome ?? randomOutcome(random, options.work.failing ?? FAILING);
  }

  /**
   * The execution first, and then those that it has called.
   * @param called agents that it calls, some of the time
   */
  toWire(called: readonly Agent[] = []): TimedRun[] {
    const { random, outcome } = this;
    const { agent, work, model, turn, session, at, callerId } = this.options;
    const id = random.uuid();
    const nested: TimedRun[] = [];
    if (outcome !== 'blocked') {
      this.think('thought', `To be done: ${turn.ask}`);
      turn.tools.forEach((tool, i) =>
        this.callTool(tool, outcome === 'failure' && i === turn.tools.length - 1),
      );
      for (const other of called) if (random.chance(0.35)) nested.push(...this.callAgent(other, id));
    }
    if (outcome === 'success') this.think('final_answer', 'Done; the details are in the record.');
    if (outcome === 'timeout') this.elapsed += TIMEOUT_MS;
    const run: DemoRun = {
      id,
      ...session,
      parent_execution_id: callerId ?? null,
      agent_id: agent.id,
      agent_name: agent.name,
      agent_type: 'react',
      flow_id: work.flow,
      provider: model.provider,
      model_name: model.name,
      status: outcome,
      started_at: formatTime(at),
      completed_at: formatTime(at + this.lasted),
      llm_time_ms: Math.round(this.llmMs),
      query_preview: turn.ask,
      error_type: this.errorType(),
      // It was stopped before any model call, so its cost is known to be zero.
      ...(outcome === 'blocked' && { input_tokens: 0, output_tokens: 0 }),
      steps: this.steps,
      token_usages: this.usages,
    };
    return [{ at, run }, ...nested];
  }

  /** Milliseconds. */
  private get lasted(): number {
    return Math.max(1, Math.round(this.elapsed));
  }

  private errorType(): string | null {
    if (this.outcome === 'timeout') return this.options.error ?? 'Timeout';
    if (this.outcome !== 'failure') return null;
    return this.options.error ?? FAILURES[this.random.below(FAILURES.length)]!;
  }

  /** Lets another agent do a part of the work, and waits for it. */
  private callAgent(agent: Agent, callerId: string): TimedRun[] {
    // In whole milliseconds, so that it is not shorter than the run that it has called.
    const began = (this.elapsed = Math.ceil(this.elapsed));
    const work = WORK[agent.id]!;
    const called = new Run(this.random, {
      agent,
      work,
      model: MODELS[work.model],
      turn: work.scripts[0]!.turns[0]!,
      session: this.options.session,
      at: this.options.at + began,
      callerId,
    });
    const runs = called.toWire();
    this.elapsed += called.lasted;
    this.step('tool_call', began, { tool_name: `ask_${agent.id}`, status: called.outcome });
    return runs;
  }

  private think(type: 'thought' | 'final_answer', content: string): void {
    const began = this.elapsed;
    this.callModel(this.options.model, 'main_agent');
    this.step(type, began, { content, status: 'success' });
  }

  /** The model decides on the call first. */
  private callTool(tool: string, fails: boolean): void {
    this.callModel(this.options.model, 'main_agent');
    if (this.random.chance(0.1)) this.callModel(MODELS.haiku, 'sub_agent');
    const began = this.elapsed;
    this.elapsed += this.random.logNormal(this.options.toolMs ?? TOOL_MS, 0.8);
    this.step('tool_call', began, { tool_name: tool, status: fails ? 'failure' : 'success' });
  }

  private step(step_type: string, began: number, rest: object): void {
    this.steps.push({
      step_number: this.steps.length + 1,
      step_type,
      timestamp: formatTime(this.options.at + Math.round(began)),
      duration_ms: Math.round(this.elapsed - began),
      ...rest,
    });
  }

  /** Records a model call with its duration and tokens. */
  private callModel(model: Model, component: 'main_agent' | 'sub_agent'): void {
    const { random } = this;
    const ms = random.logNormal(model.medianMs, 0.45);
    this.elapsed += ms;
    this.llmMs += ms;
    const { prompt = 'cached' } = this.options.work;
    const earlier = component === 'main_agent' ? this.mainCalls : 0;
    const grown = prompt === 'growing' ? 1 + GROWTH * earlier : 1;
    const input = Math.round(random.logNormal(model.input, prompt === 'growing' ? 0.1 : 0.3) * grown);
    const cached = prompt === 'cached' ? CACHED[earlier === 0 ? 0 : 1] : 0;
    if (component === 'main_agent') this.mainCalls += 1;
    this.usages.push({
      component,
      provider: model.provider,
      model: model.name,
      input_tokens: input,
      output_tokens: Math.round(random.logNormal(model.output, 0.5)),
      cached_input_tokens: Math.round(input * cached),
      step_number: this.steps.length + 1,
    });
  }
}

function randomOutcome(random: Random, failing: number): Outcome {
  let left = random.unit();
  if ((left -= failing) < 0) return 'failure';
  if ((left -= TIMED_OUT) < 0) return 'timeout';
  return left < BLOCKED ? 'blocked' : 'success';
}
