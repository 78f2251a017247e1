/**
 * The demo's executions, step by step. The same tenant, agent and hour always produce the same executions with the same
 * ids, as in traffic.ts.
 */
import { formatTime, HOUR } from '../time.js';
import type { Agent, DemoTenant } from './fleet.js';
import { Random } from './random.js';
import { intensity } from './rhythm.js';

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

interface Model {
  provider: string;
  name: string;
  /** Median duration of a call, in milliseconds. */
  medianMs: number;
  /** Median tokens per call. */
  input: number;
  output: number;
}

const MODELS = {
  gpt4o: { provider: 'openai', name: 'gpt-4o', medianMs: 1_900, input: 5_200, output: 420 },
  gpt4oMini: { provider: 'openai', name: 'gpt-4o-mini', medianMs: 900, input: 3_800, output: 260 },
  sonnet: { provider: 'anthropic', name: 'claude-sonnet-4-0', medianMs: 3_400, input: 9_500, output: 900 },
  haiku: {
    provider: 'anthropic',
    name: 'claude-3-5-haiku-latest',
    medianMs: 1_100,
    input: 4_100,
    output: 350,
  },
  flash: { provider: 'google', name: 'gemini-2.5-flash', medianMs: 800, input: 6_000, output: 380 },
  // A self-hosted model without a list price, so its executions are unpriced until someone sets one.
  house: { provider: 'in-house', name: 'house-7b', medianMs: 2_600, input: 2_900, output: 300 },
} as const satisfies Record<string, Model>;

interface Work {
  model: keyof typeof MODELS;
  /** Executions in a busy hour. */
  busyHour: number;
  flow: string;
  tools: readonly string[];
  asks: readonly string[];
}

/** What each agent executes. Agents that are not listed only call APIs. */
const WORK: Record<string, Work> = {
  'support-triage': {
    model: 'gpt4oMini',
    busyHour: 2.2,
    flow: 'support',
    tools: ['search_tickets', 'lookup_contact', 'set_priority'],
    asks: ['Which of the new tickets is urgent?', 'Sort the backlog of the night', 'Is this a duplicate?'],
  },
  'chat-concierge': {
    model: 'gpt4o',
    busyHour: 2.6,
    flow: 'support',
    tools: ['search_help', 'read_order', 'lookup_contact'],
    asks: ['Where is my parcel?', 'Can I change the delivery address?', 'The voucher does not work'],
  },
  'refund-assistant': {
    model: 'gpt4o',
    busyHour: 0.8,
    flow: 'refunds',
    tools: ['read_order', 'check_policy', 'create_refund'],
    asks: ['Refund one of two items', 'The parcel arrived damaged', 'Charged twice for one order'],
  },
  'ticket-summarizer': {
    model: 'haiku',
    busyHour: 1.2,
    flow: 'support',
    tools: ['read_ticket'],
    asks: ['Summarise the thread for the shift that follows', 'What has been tried already?'],
  },
  'contract-reviewer': {
    model: 'sonnet',
    busyHour: 0.7,
    flow: 'contracts',
    tools: ['parse_document', 'compare_clauses'],
    asks: ['Compare the liability clauses with our template', 'Which deadlines does this contract set?'],
  },
  'code-reviewer': {
    model: 'sonnet',
    busyHour: 1.4,
    flow: 'engineering',
    tools: ['read_pull_request', 'run_tests', 'search_code'],
    asks: ['Review the change of the retry logic', 'Why does this test fail on main?'],
  },
  'email-drafter': {
    model: 'gpt4oMini',
    busyHour: 0.9,
    flow: 'sales',
    tools: ['read_contact', 'draft_email'],
    asks: ['Answer the question about volume prices', 'Follow up on the demo of last week'],
  },
  'incident-responder': {
    model: 'flash',
    busyHour: 0.4,
    flow: 'operations',
    tools: ['query_metrics', 'query_logs', 'open_incident'],
    asks: ['Latency of checkout is above its target', 'Errors after the deployment of orders'],
  },
  'catalog-enricher': {
    model: 'house',
    busyHour: 1.1,
    flow: 'catalog',
    tools: ['read_product', 'write_attributes'],
    asks: [
      'Fill in the missing attributes of the new shoes',
      'Translate the descriptions of the spring range',
    ],
  },
};

/** Factor for live traffic, so that a few executions arrive per minute while the demo runs. */
export const LIVE_RATE = 12;
const USERS = 40;
const FAILURES = ['ToolError', 'RateLimit', 'ContextTooLong', 'InvalidOutput'] as const;

/** The executions of a tenant that start within the hour, oldest first. */
export function runsOf(tenant: DemoTenant, hour: number, rate = 1): TimedRun[] {
  return tenant.agents
    .flatMap((agent) => {
      const work = WORK[agent.id];
      return work === undefined ? [] : agentRuns(tenant.id, agent, work, hour, rate);
    })
    .sort((a, b) => a.at - b.at);
}

function agentRuns(tenantId: string, agent: Agent, work: Work, hour: number, rate: number): TimedRun[] {
  const random = new Random('runs', tenantId, agent.id, hour, rate);
  // Live traffic is never as low as at night, because somebody is watching.
  const busy = rate === 1 ? intensity(agent.rhythm, hour) : Math.max(0.5, intensity(agent.rhythm, hour));
  const count = random.poisson(work.busyHour * busy * rate);
  return Array.from({ length: count }, () => {
    const at = hour + random.below(HOUR);
    return { at, run: new Run(random, agent, work, at).toWire() };
  });
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
  ) {
    this.model = MODELS[work.model];
  }

  toWire(): DemoRun {
    const { random, agent, work, model, at } = this;
    const ask = work.asks[random.below(work.asks.length)]!;
    const outcome = random.unit();
    const status =
      outcome < 0.92 ? 'success' : outcome < 0.97 ? 'failure' : outcome < 0.99 ? 'timeout' : 'blocked';
    const id = random.uuid();
    if (status !== 'blocked') this.think('thought', `To be done: ${ask}`);
    const calls = status === 'blocked' ? 0 : 1 + random.poisson(1.1);
    for (let i = 0; i < calls; i += 1) {
      this.callTool(work.tools[random.below(work.tools.length)]!, status === 'failure' && i === calls - 1);
      if (random.chance(0.15)) this.callModel(MODELS.haiku, 'sub_agent');
    }
    if (status === 'success') this.think('final_answer', 'Done; the details are in the record.');
    if (status === 'timeout') this.elapsed += 60_000;
    return {
      id,
      session_id: `session-${random.below(9_000)}`,
      agent_id: agent.id,
      agent_name: agent.name,
      agent_type: 'react',
      flow_id: work.flow,
      user_id: `user-${1 + random.below(USERS)}`,
      provider: model.provider,
      model_name: model.name,
      status,
      started_at: formatTime(at),
      completed_at: formatTime(at + Math.max(1, Math.round(this.elapsed))),
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
