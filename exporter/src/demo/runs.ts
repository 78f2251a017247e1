/**
 * The demo's executions, session by session. The same tenant, agent and hour always produce the same executions with the
 * same ids, as in traffic.ts.
 */
import { HOUR, MINUTE } from '../time.js';
import type { Agent, DemoTenant } from './fleet.js';
import { MODELS } from './models.js';
import { Random } from './random.js';
import { intensity } from './rhythm.js';
import { Run, type RunOptions, type SessionFields, type TimedRun } from './run.js';
import { userFor } from './teams.js';
import { type Turn, type Work, WORK } from './work.js';

export type { DemoRun } from './run.js';

/** Factor for live traffic, so that a few executions arrive per minute while the demo runs. */
export const LIVE_RATE = 12;
/** An agent that fails for some minutes of every few in live traffic, so that an alert fires while one watches. */
export const LIVE_INCIDENT = {
  agentId: 'support-triage',
  error: 'UpstreamTimeout',
  every: 6 * MINUTE,
  from: 2 * MINUTE,
  to: 4 * MINUTE,
} as const;
const INCIDENT_GAP = 10_000;
/** An agent that works for some minutes in live traffic, again and again, so that something is running while one watches. */
export const LIVE_BATCH = { agentId: 'catalog-enricher', every: 4 * MINUTE, toolMs: 15_000 } as const;
const BATCH: Turn = {
  ask: 'Enrich the products that came in today',
  tools: Array.from({ length: 4 }, () => ['read_product', 'translate', 'write_attributes']).flat(),
};
/** Share of the sessions that try a new version. */
const STAGING = 0.12;
/** How often a user goes on after an execution that did not succeed. */
const PATIENCE = 0.4;
const RETRY_EVERY = 100_000;

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
  const called = tenant.agents.filter(({ id }) => work.calls?.includes(id));
  const sessions = Array.from({ length: random.poisson(work.busyHour * busy * rate) }, () =>
    conversation(random, agent, work, hour, called),
  );
  const { retries } = work;
  const loops = Array.from({ length: random.poisson((retries?.busyHour ?? 0) * busy * rate) }, () =>
    retryLoop(random, agent, work, hour, retries!.turn),
  );
  const incidents =
    rate !== 1 && agent.id === LIVE_INCIDENT.agentId ? liveIncidents(random, agent, work, hour) : [];
  const batches = rate !== 1 && agent.id === LIVE_BATCH.agentId ? liveBatches(random, agent, work, hour) : [];
  return [...sessions, ...loops, ...incidents, ...batches].flat();
}

/** The turns of a script, until one does not succeed and the user gives up. */
function conversation(
  random: Random,
  agent: Agent,
  work: Work,
  hour: number,
  called: readonly Agent[],
): TimedRun[] {
  const total = work.scripts.reduce((sum, { weight }) => sum + weight, 0);
  const { turns } = random.pick(work.scripts, total);
  let offset = 0;
  const starts = turns.map((_, i) => (offset += i === 0 ? 0 : 2 * MINUTE + random.below(4 * MINUTE)));
  // Runs that it calls start later, but within the hour too.
  const at = hour + random.below(HOUR - offset - (called.length === 0 ? 0 : 10 * MINUTE));
  const common = commonOf(random, agent, work);
  const runs: TimedRun[] = [];
  for (const [i, turn] of turns.entries()) {
    const left = turn.leaves !== undefined && random.chance(turn.leaves);
    const run = new Run(random, {
      ...common,
      turn,
      at: at + starts[i]!,
      ...(left && { outcome: 'timeout', error: 'UserLeft' }),
    });
    runs.push(...run.toWire(called));
    if (left || (run.outcome !== 'success' && !random.chance(PATIENCE))) break;
  }
  return runs;
}

/** The same execution again and again, each time with the same failure. */
function retryLoop(random: Random, agent: Agent, work: Work, hour: number, turn: Turn): TimedRun[] {
  const attempts = 6 + random.below(6);
  const at = hour + random.below(HOUR - attempts * RETRY_EVERY);
  const common = commonOf(random, agent, work);
  return Array.from({ length: attempts }, (_, i) =>
    new Run(random, {
      ...common,
      turn,
      at: at + i * RETRY_EVERY,
      outcome: 'failure',
      error: 'SupplierNotFound',
    }).toWire(),
  ).flat();
}

function liveIncidents(random: Random, agent: Agent, work: Work, hour: number): TimedRun[][] {
  const { every, from, to, error } = LIVE_INCIDENT;
  const turn = work.scripts[0]!.turns[0]!;
  const runs: TimedRun[][] = [];
  for (let incident = hour; incident < hour + HOUR; incident += every) {
    for (let at = incident + from; at < incident + to; at += INCIDENT_GAP) {
      const common = commonOf(random, agent, work);
      runs.push(new Run(random, { ...common, turn, at, outcome: 'failure', error }).toWire());
    }
  }
  return runs;
}

function liveBatches(random: Random, agent: Agent, work: Work, hour: number): TimedRun[][] {
  const { every, toolMs } = LIVE_BATCH;
  return Array.from({ length: HOUR / every }, (_, i) => {
    const at = hour + i * every;
    return new Run(random, {
      ...commonOf(random, agent, work),
      ...{ turn: BATCH, at, outcome: 'success', toolMs },
    }).toWire();
  });
}

function commonOf(random: Random, agent: Agent, work: Work): Omit<RunOptions, 'turn' | 'at'> {
  const { alternative } = work;
  const used = alternative !== undefined && random.chance(alternative.share) ? alternative : work;
  const session: SessionFields = {
    session_id: `session-${random.uuid()}`,
    trace_id: random.uuid().replaceAll('-', ''),
    user_id: userFor(agent.id, random),
    environment: random.chance(STAGING) ? 'staging' : 'production',
    tags: ['demo', work.channels[random.below(work.channels.length)]!],
  };
  return { agent, work: { ...work, failing: used.failing }, model: MODELS[used.model], session };
}
