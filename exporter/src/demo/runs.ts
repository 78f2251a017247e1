/**
 * The demo's executions, step by step. The same tenant, agent and hour always produce the same executions with the same
 * ids, as in traffic.ts.
 */
import { formatTime, HOUR, MINUTE } from '../time.js';
import type { Agent, DemoTenant } from './fleet.js';
import { Random } from './random.js';
import { intensity } from './rhythm.js';
import { type Model, MODELS, type Work, WORK } from './work.js';

/** An execution as in `POST /api/v1/executions`. */
export interface DemoRun {
  id: string;
  started_at: string;
  [field: string]: unknown;
}

interface TimedRun {
  at: number;
  run: DemoRun;
}

/** Factor for live traffic, so that a few executions arrive per minute while the demo runs. */
export const LIVE_RATE = 12;
const USERS = 40;
const FAILURES = ['ToolError', 'RateLimit', 'ContextTooLong', 'InvalidOutput'] as const;

/** The executions of a tenant that start within the hour, oldest first. */
export function runsOf(tenant: DemoTenant, hour: number, rate = 1): TimedRun[] {
  return tenant.agents
    .flatMap((agent) => {
      const work = WORK[agent.id];
      return work === undefined ? [] : agentRuns(tenant, agent, work, hour, rate);
    })
    .sort((a, b) => a.at - b.at);
}

function agentRuns(tenant: DemoTenant, agent: Agent, work: Work, hour: number, rate: number): TimedRun[] {
  const random = new Random('runs', tenant.id, agent.id, hour, rate);
  // Live traffic is never as low as at night, because somebody is watching.
  const busy = rate === 1 ? intensity(agent.rhythm, hour) : Math.max(0.5, intensity(agent.rhythm, hour));
  const count = random.poisson(work.busyHour * busy * rate);
  const called = tenant.agents.filter(({ id }) => work.calls?.includes(id));
  // Runs that it calls start later, but within the hour too.
  const span = called.length === 0 ? HOUR : HOUR - 10 * MINUTE;
  return Array.from({ length: count }, () => {
    const at = hour + random.below(span);
    return new Run(random, agent, work, at).toWire(called);
  }).flat();
}

/** The run that calls another. */
interface Caller {
  id: string;
  trace_id: string;
  session_id: string;
  user_id: string;
}

/** Builds one execution: a thought, some tool calls, an answer. */
class Run {
  private readonly steps: object[] = [];
  private readonly usages: object[] = [];
  private readonly model: Model;
  private elapsed = 0;
  private llmMs = 0;

  constructor(
    private readonly random: Random,
    private readonly agent: Agent,
    private readonly work: Work,
    private readonly at: number,
    private readonly caller?: Caller,
  ) {
    this.model = MODELS[work.model];
  }

  /**
   * The execution first, and then those that it has called.
   * @param called agents that it calls, some of the time
   */
  toWire(called: readonly Agent[] = []): TimedRun[] {
    const { random, agent, work, model, at } = this;
    const ask = work.asks[random.below(work.asks.length)]!;
    const outcome = random.unit();
    const status =
      outcome < 0.92 ? 'success' : outcome < 0.97 ? 'failure' : outcome < 0.99 ? 'timeout' : 'blocked';
    const id = random.uuid();
    const self: Caller = {
      id,
      trace_id: this.caller?.trace_id ?? random.uuid().replaceAll('-', ''),
      session_id: this.caller?.session_id ?? `session-${random.below(9_000)}`,
      user_id: this.caller?.user_id ?? `user-${1 + random.below(USERS)}`,
    };
    const nested: TimedRun[] = [];
    if (status !== 'blocked') this.think('thought', `To be done: ${ask}`);
    const calls = status === 'blocked' ? 0 : 1 + random.poisson(1.1);
    for (let i = 0; i < calls; i += 1) {
      this.callTool(work.tools[random.below(work.tools.length)]!, status === 'failure' && i === calls - 1);
      if (random.chance(0.15)) this.callModel(MODELS.haiku, 'sub_agent');
    }
    for (const agent of called) {
      if (status !== 'blocked' && random.chance(0.5)) nested.push(...this.callAgent(agent, self));
    }
    if (status === 'success') this.think('final_answer', 'Done; the details are in the record.');
    if (status === 'timeout') this.elapsed += 60_000;
    const run: DemoRun = {
      ...self,
      parent_execution_id: this.caller?.id ?? null,
      agent_id: agent.id,
      agent_name: agent.name,
      agent_type: 'react',
      flow_id: work.flow,
      provider: model.provider,
      model_name: model.name,
      status,
      started_at: formatTime(at),
      completed_at: formatTime(at + this.lasted),
      llm_time_ms: Math.round(this.llmMs),
      query_preview: ask,
      error_type:
        status === 'failure'
          ? FAILURES[random.below(FAILURES.length)]
          : status === 'timeout'
            ? 'Timeout'
            : null,
      tags: ['demo'],
      // It was stopped before any model call, so its cost is known to be zero.
      ...(status === 'blocked' && { input_tokens: 0, output_tokens: 0 }),
      steps: this.steps,
      token_usages: this.usages,
    };
    return [{ at, run }, ...nested];
  }

  /** Milliseconds. */
  private get lasted(): number {
    return Math.max(1, Math.round(this.elapsed));
  }

  /** Lets another agent do a part of the work, and waits for it. */
  private callAgent(agent: Agent, self: Caller): TimedRun[] {
    // In whole milliseconds, so that it is not shorter than the run that it has called.
    const began = (this.elapsed = Math.ceil(this.elapsed));
    const called = new Run(this.random, agent, WORK[agent.id]!, this.at + began, self);
    const runs = called.toWire();
    this.elapsed += called.lasted;
    const { status } = runs[0]!.run;
    this.step('tool_call', began, { tool_name: `ask_${agent.id}`, status });
    return runs;
  }

  private think(type: 'thought' | 'final_answer', content: string): void {
    const began = this.elapsed;
    this.callModel(this.model, 'main_agent');
    this.step(type, began, { content, status: 'success' });
  }

  private callTool(tool: string, fails: boolean): void {
    const began = this.elapsed;
    this.elapsed += this.random.logNormal(240, 0.8);
    this.step('tool_call', began, { tool_name: tool, status: fails ? 'failure' : 'success' });
    if (!fails) this.think('thought', `What ${tool} has found will do.`);
  }

  private step(step_type: string, began: number, rest: object): void {
    this.steps.push({
      step_number: this.steps.length + 1,
      step_type,
      timestamp: formatTime(this.at + Math.round(began)),
      duration_ms: Math.round(this.elapsed - began),
      ...rest,
    });
  }

  /** Records a model call with its duration and tokens. */
  private callModel(model: Model, component: string): void {
    const { random } = this;
    const ms = random.logNormal(model.medianMs, 0.45);
    this.elapsed += ms;
    this.llmMs += ms;
    const input = Math.round(random.logNormal(model.input, 0.4));
    this.usages.push({
      component,
      provider: model.provider,
      model: model.name,
      input_tokens: input,
      output_tokens: Math.round(random.logNormal(model.output, 0.5)),
      cached_input_tokens: random.chance(0.5) ? Math.round(input * 0.4) : 0,
      step_number: this.steps.length + 1,
    });
  }
}
