/** Executions that are the same each time: of the wire, and as rows of the three tables. */
import { createHash } from 'node:crypto';

export interface BenchRun {
  id: string;
  startedAt: number;
  agent: string;
  user: string;
  model: string;
  status: 'success' | 'failure';
  durationMs: number;
  input: number;
  output: number;
}

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1'];
export const STEPS = 3;
export const USAGES = 2;

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const digest = (text: string): string => {
  const hex = createHash('md5').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

export interface RunsOptions {
  seed: number;
  agents?: number;
  users?: number;
}

/** `count` executions spread evenly over `[from, to)`, in the order of time; durations are lognormal. */
export function* runsBetween(
  { seed, agents = 25, users = 200 }: RunsOptions,
  from: number,
  to: number,
  count: number,
): Generator<BenchRun> {
  const random = generator(seed);
  for (let i = 0; i < count; i += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    yield {
      id: digest(`${seed} ${i}`),
      startedAt: Math.floor(from + ((to - from) * (i + random())) / count),
      agent: `agent-${Math.floor(random() * agents)}`,
      user: `user-${Math.floor(random() * users)}`,
      model: MODELS[Math.floor(random() * MODELS.length)]!,
      status: random() < 0.93 ? 'success' : 'failure',
      durationMs: Math.round(Math.exp(7 + 1.4 * normal) * 1000) / 1000,
      input: 200 + Math.floor(random() * 4000),
      output: 20 + Math.floor(random() * 600),
    };
  }
}

export function wireRun(run: BenchRun): object {
  return {
    id: run.id,
    agent_id: run.agent,
    user_id: run.user,
    session_id: `session-${run.user}`,
    flow_id: 'flow',
    provider: 'openai',
    model_name: run.model,
    status: run.status,
    started_at: new Date(run.startedAt).toISOString(),
    execution_time_ms: run.durationMs,
    query_preview: 'What has changed since the last report, and why?',
    steps: Array.from({ length: STEPS }, (_, i) => ({
      step_number: i + 1,
      step_type: i === 1 ? 'tool_call' : 'thought',
      content: 'The figures of the last week are looked up first, then compared with those before.',
      tool_name: i === 1 ? 'search' : null,
      status: 'success',
      duration_ms: 120,
    })),
    token_usages: Array.from({ length: USAGES }, (_, i) => ({
      component: i === 0 ? 'main_agent' : 'sub_agent',
      provider: 'openai',
      model: run.model,
      input_tokens: run.input,
      output_tokens: run.output,
    })),
  };
}
