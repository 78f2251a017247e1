/** Sessions recounted from the executions that were sent, in the words of the contract. */
import type { TestExecution } from '../support/executions.js';

export interface SentStep {
  step_number: number;
  step_type: string;
  tool_name?: string | null;
  timestamp?: string | null;
}

export interface SentRun extends TestExecution {
  session_id: string | null;
  agent_id: string | null;
  user_id: string | null;
  environment: string | null;
  parent_execution_id: string | null;
  completed_at: string | null;
  execution_time_ms: number | null;
  cost_usd: number | null;
  steps: SentStep[];
}

export type Status = 'active' | 'completed' | 'failed';

interface Visit {
  label: string;
  at: number;
}

export interface Session {
  id: string;
  startedAt: number;
  endedAt: number;
  status: Status;
  runs: SentRun[];
  steps: number;
  agents: string[];
  user: string | null;
  environment: string | null;
  /** Every step, equal neighbours as one. */
  path: Visit[];
  agentPath: string[];
  cost: number | null;
}

const IDLE_MS = 30 * 60_000;

const startOf = (run: SentRun): number => Date.parse(run.started_at);

function endOf(run: SentRun): number {
  if (run.completed_at !== null) return Date.parse(run.completed_at);
  return startOf(run) + (run.execution_time_ms ?? 0);
}

const inOrder = (a: SentRun, b: SentRun): number => startOf(a) - startOf(b) || (a.id < b.id ? -1 : 1);

const collapse = <T>(items: readonly T[], labelOf: (item: T) => string): T[] =>
  items.filter((item, i) => i === 0 || labelOf(item) !== labelOf(items[i - 1]!));

/** The path of some runs of a session, in their order. */
function pathOf(runs: readonly SentRun[]): Visit[] {
  const visits = runs.flatMap((run) => {
    let last = startOf(run);
    return run.steps.map((step): Visit => {
      const at = step.timestamp == null ? last : Date.parse(step.timestamp);
      last = Math.max(at, last);
      return { at, label: step.step_type === 'tool_call' ? (step.tool_name ?? 'tool_call') : step.step_type };
    });
  });
  // The sort is stable: equal times stay in the order of their runs and steps.
  return collapse(
    visits.sort((a, b) => a.at - b.at),
    ({ label }) => label,
  );
}

export const flowOf = (labels: readonly string[]): string[] =>
  labels.length > 30 ? [...labels.slice(0, 30), '…'] : [...labels];

const firstOf = <T>(values: readonly (T | null)[]): T | null =>
  values.find((value) => value !== null) ?? null;

export function sessionsOf(sent: Iterable<SentRun>, now: number): Session[] {
  const bySession = new Map<string, SentRun[]>();
  for (const run of sent) {
    if (run.session_id === null) continue;
    bySession.set(run.session_id, [...(bySession.get(run.session_id) ?? []), run]);
  }
  return [...bySession].map(([id, all]): Session => {
    const runs = [...all].sort(inOrder);
    const endedAt = Math.max(...runs.map(endOf));
    const top = runs.filter((run) => run.parent_execution_id === null);
    const last = (top.length > 0 ? top : runs).at(-1)!;
    const isActive = runs.some(({ status }) => status === 'running') || endedAt > now - IDLE_MS;
    const agents = runs.flatMap(({ agent_id }) => agent_id ?? []);
    const costs = runs.flatMap(({ cost_usd }) => cost_usd ?? []);
    return {
      id,
      startedAt: startOf(runs[0]!),
      endedAt,
      status: isActive ? 'active' : last.status === 'success' ? 'completed' : 'failed',
      runs,
      steps: runs.reduce((sum, { steps }) => sum + steps.length, 0),
      agents: [...new Set(agents)],
      user: firstOf(runs.map(({ user_id }) => user_id)),
      environment: firstOf(runs.map(({ environment }) => environment)),
      path: pathOf(runs),
      agentPath: collapse(agents, (agent) => agent),
      cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
    };
  });
}

/** The part of a session that one agent ran; null where it did not run. */
export function partOf(session: Session, agent: string | undefined): Session | null {
  if (agent === undefined) return session;
  if (!session.agents.includes(agent)) return null;
  const runs = session.runs.filter(({ agent_id }) => agent_id === agent);
  return { ...session, path: pathOf(runs), agentPath: [agent] };
}

export const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : (100 * part) / whole;
export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Seconds. */
export const durationOf = ({ startedAt, endedAt }: Session): number => (endedAt - startedAt) / 1000;
export const ended = (sessions: readonly Session[]): Session[] =>
  sessions.filter(({ status }) => status !== 'active');
export const completed = (sessions: readonly Session[]): Session[] =>
  sessions.filter(({ status }) => status === 'completed');

export function metricsOf(sessions: readonly Session[]) {
  return {
    total_sessions: sessions.length,
    active_sessions: sessions.length - ended(sessions).length,
    ended_sessions: ended(sessions).length,
    avg_duration_sec: mean(sessions.map(durationOf)),
    avg_steps: mean(sessions.map(({ steps }) => steps)),
    avg_executions: mean(sessions.map(({ runs }) => runs.length)),
    completion_rate: percent(completed(sessions).length, ended(sessions).length),
  };
}

/** The flows with their figures, by their labels. */
export function flowsOf(sessions: readonly Session[], of: 'steps' | 'agents') {
  const groups = new Map<string, Session[]>();
  for (const session of sessions) {
    const labels = of === 'steps' ? session.path.map(({ label }) => label) : session.agentPath;
    const key = JSON.stringify(flowOf(labels));
    groups.set(key, [...(groups.get(key) ?? []), session]);
  }
  return new Map(
    [...groups].map(([key, some]) => [
      key,
      {
        count: some.length,
        share: percent(some.length, sessions.length),
        avg_duration_ms: mean(some.map((session) => 1000 * durationOf(session))),
        completion_rate: percent(completed(some).length, ended(some).length),
      },
    ]),
  );
}

export function dropoffOf(sessions: readonly Session[]) {
  const flows = ended(sessions).map((session) => ({
    status: session.status,
    flow: flowOf(session.path.map(({ label }) => label)),
  }));
  const longest = Math.max(0, ...flows.map(({ flow }) => flow.length));
  return Array.from({ length: longest }, (_, i) => {
    const reached = flows.filter(({ flow }) => flow.length > i).length;
    const last = flows.filter(({ flow }) => flow.length === i + 1);
    const dropped = last.filter(({ status }) => status === 'failed').length;
    const dropRate = percent(dropped, reached)!;
    return {
      number: i + 1,
      reached,
      completed: last.length - dropped,
      dropped,
      completion_rate: 100 - dropRate,
      drop_rate: dropRate,
    };
  });
}

const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};

export function funnelOf(sessions: readonly Session[], steps: readonly string[]) {
  const reached = sessions.map(({ path }) => {
    const times: number[] = [];
    let from = 0;
    for (const step of steps) {
      const place = path.findIndex(({ label }, i) => i >= from && label === step);
      if (place < 0) break;
      times.push(path[place]!.at);
      from = place + 1;
    }
    return times;
  });
  const count = (i: number): number => reached.filter((times) => times.length > i).length;
  return steps.map((step, i) => ({
    step,
    sessions: count(i),
    conversion_rate: percent(count(i), count(0)),
    from_previous_rate: i === 0 ? null : percent(count(i), count(i - 1)),
    median_ms_from_previous:
      i === 0
        ? null
        : median(reached.filter((times) => times.length > i).map((times) => times[i]! - times[i - 1]!)),
  }));
}
