/** 200 real runs of a tool-calling agent, turned into executions. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Json, TestApp } from './app.js';
import { execution, step, type TestExecution } from './executions.js';

/** They lie beside the repository where they are there at all. */
const RUNS = fileURLToPath(new URL('../../../../shared/data/tau_bench_gpt4o_airline.json', import.meta.url));

interface Message {
  role: string;
  content: string | null;
  tool_calls?: { function: { name: string; arguments: string } }[];
}
interface Run {
  task_id: number;
  trial: number;
  reward: number;
  traj: Message[];
}

export const describeReal = existsSync(RUNS) ? describe : describe.skip;
if (!existsSync(RUNS))
  process.stderr.write(`Skipped: "real runs of an agent", because ${RUNS} is not there\n`);

/** A run is an execution, its assistant turns and tool calls are its steps, its reward is its success. */
function executionOf({ task_id, trial, reward, traj }: Run, i: number): TestExecution {
  const steps: object[] = [];
  for (const { role, content, tool_calls = [] } of traj) {
    if (role !== 'assistant') continue;
    steps.push(step(steps.length + 1, 'thought', { content }));
    for (const { function: tool } of tool_calls ?? []) {
      steps.push(step(steps.length + 1, 'tool_call', { tool_name: tool.name, content: tool.arguments }));
    }
  }
  return execution(i, new Date(Date.parse('2026-03-10T00:00:00Z') + i * 600_000).toISOString(), {
    status: reward === 1 ? 'success' : 'failure',
    agent_id: 'airline',
    session_id: `${task_id}-${trial}`,
    provider: 'openai',
    model_name: 'gpt-4o',
    steps,
  });
}

export const realRuns = (): TestExecution[] =>
  (JSON.parse(readFileSync(RUNS, 'utf8')) as Run[]).map(executionOf);

const RUNS_A_REQUEST = 50;

/** Sends the runs, all of which have to be accepted, and rolls them up. */
export async function sendRealRuns(t: TestApp, tenant: string, runs: readonly object[]): Promise<void> {
  for (let first = 0; first < runs.length; first += RUNS_A_REQUEST) {
    const executions = runs.slice(first, first + RUNS_A_REQUEST);
    const answer = (await t.post('/api/v1/executions', { executions }, tenant)).json<Json>();
    expect(answer).toEqual({ accepted: executions.length, duplicates: 0, rejected: [] });
  }
  await t.rollup();
}
