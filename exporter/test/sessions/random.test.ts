/**
 * Sessions held against a recount of what was sent: executions in any order, late, replaced, deleted, moved to another
 * session and out of any, with gaps between rollups; at any time of the clock.
 */
import { withTransaction } from '../../src/db/pool.js';
import { removeExecutions } from '../../src/ingest/executions/remove.js';
import { type Json, NOW, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, uuid } from '../support/executions.js';
import { randomOf } from '../support/seed.js';
import { expectAnswers, near } from './compare.js';
import {
  ended,
  completed,
  durationOf,
  flowOf,
  mean,
  percent,
  type SentRun,
  type Session,
  sessionsOf,
} from './recount.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TENANT = 'acme';
/** The end of the range; the last hours lie close to the present. */
const END = Date.parse(NOW) - MINUTE;

const random = randomOf('sessions');
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const AGENTS = ['a', 'b', 'c'];
const TOOLS = ['search', 'pay', 'refund'];
const FUNNELS = [
  ['search', 'pay'],
  ['thought', 'search', 'refund', 'search'],
  ['pay', 'pay'],
];

let t: TestApp;
/** What is there now, by id. */
const known = new Map<string, SentRun>();

function make(n: number): SentRun {
  // The runs of a session lie together; those of some sessions close to the present.
  const session = pick([null, ...Array.from({ length: 40 }, (_, i) => `s-${i}`)]);
  const home = session === null ? random() * 60 : Math.max(0, Number(session.slice(2)) - 10) * 2;
  const startedAt = END - Math.floor((home + 2 * random()) * HOUR);
  const took = Math.floor(random() * 10 * MINUTE);
  let at = startedAt;
  const status = pick([...Array<string>(14).fill('success'), 'failure', 'failure', 'timeout', 'running']);
  return execution(n, new Date(startedAt).toISOString(), {
    session_id: session,
    status,
    agent_id: pick([...AGENTS, null]),
    user_id: pick(['u', 'v', null]),
    environment: pick(['production', 'staging', null]),
    parent_execution_id: pick([null, null, null, uuid(9_999)]),
    completed_at: random() < 0.5 ? new Date(startedAt + took).toISOString() : null,
    execution_time_ms: random() < 0.5 ? took : null,
    // One that failed without tokens costs nothing, and has no price.
    cost_usd:
      status === 'failure' || status === 'timeout' || random() < 0.7
        ? Math.floor(1 + random() * 100) / 100
        : null,
    steps: Array.from({ length: Math.floor(random() * 9) }, (_, i) => {
      at += Math.floor(random() * MINUTE);
      return step(i, pick(['thought', 'tool_call', 'tool_call']), {
        tool_name: pick(TOOLS),
        timestamp: random() < 0.7 ? new Date(at).toISOString() : null,
      });
    }),
  }) as SentRun;
}

async function send(runs: readonly SentRun[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions: runs }, { tenant: TENANT });
  expect(response.json<Json>().rejected).toEqual([]);
  for (const sent of runs) {
    const before = known.get(sent.id);
    if (before !== undefined && before.status !== 'running' && sent.status === 'running') continue;
    known.set(sent.id, sent);
  }
}

/** The same executions in other sessions, at other times, or in none. */
const moved = (): SentRun[] =>
  [...known.values()]
    .filter(() => random() < 0.1)
    .map((run) => ({
      ...run,
      status: run.status === 'running' ? 'success' : run.status,
      session_id: pick(['s-1', 's-2', 'new', null]),
    }));

async function remove(): Promise<void> {
  const ids = [...known.keys()].filter(() => random() < 0.05);
  await withTransaction(t.pool, (client) => removeExecutions(client, TENANT, ids));
  for (const id of ids) known.delete(id);
}

beforeAll(async () => {
  t = await testApp();
  for (let round = 0; round < 4; round += 1) {
    await send(Array.from({ length: 120 }, () => make(Math.floor(random() * 400))));
    if (round % 2 === 0) await t.rollup();
    await send(moved());
    await remove();
  }
  await t.rollup();
}, 600_000);
afterAll(() => t.close());

const now = (): number => t.clock.now;
const all = (): Session[] => sessionsOf(known.values(), now());

const expectRecounted = (): Promise<void> => expectAnswers(t, TENANT, [...known.values()], FUNNELS);

it('answer as a recount does', async () => {
  expect(all().length).toBeGreaterThan(35);
  expect(all().filter(({ status }) => status === 'active').length).toBeGreaterThan(0);
  await expectRecounted();
});

it('answer as a recount does, of some hours of a day and of hours with a whole day between them', async () => {
  const end = Math.ceil(END / HOUR) * HOUR;
  for (const hours of [6, 59]) {
    const range = { from: end - hours * HOUR, to: end };
    await expectAnswers(t, TENANT, [...known.values()], FUNNELS, range);
    const listed = await t.read<{ sessions: Json[] }>(
      `sessions?limit=200&start_time=${new Date(range.from).toISOString()}&end_time=${new Date(end).toISOString()}`,
      TENANT,
    );
    const within = all().filter(({ startedAt }) => startedAt >= range.from);
    expect(listed.sessions.map(({ session_id }) => session_id).sort()).toEqual(
      within.map(({ id }) => id).sort(),
    );
  }
});

it('have their status by the clock, without a rollup', async () => {
  const before = all().filter(({ status }) => status === 'active').length;
  t.clock.now += 45 * MINUTE;
  expect(all().filter(({ status }) => status === 'active').length).toBeLessThan(before);
  await expectRecounted();
  await t.rollup();
  await expectRecounted();
});

it('are listed as they are, page by page', async () => {
  const wanted = all()
    .sort((a, b) => b.startedAt - a.startedAt)
    .map((session) => ({
      session_id: session.id,
      started_at: new Date(session.startedAt).toISOString(),
      ended_at: session.status === 'active' ? null : new Date(session.endedAt).toISOString(),
      duration_sec: durationOf(session),
      executions: session.runs.length,
      steps: session.steps,
      agents: session.agents,
      agent_names: session.agents,
      user_id: session.user,
      environment: session.environment,
      status: session.status,
      total_tokens: 0,
      total_cost: session.cost,
      unpriced_executions: session.runs.filter(({ cost_usd }) => cost_usd === null).length,
      flow: flowOf(session.path.map(({ label }) => label)),
    }));
  const list = async (query: string): Promise<Json[]> => {
    const found: Json[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { sessions: Json[]; next_cursor: string | null } = await t.read(
        `sessions?limit=7${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        TENANT,
      );
      found.push(...page.sessions);
      cursor = page.next_cursor;
    }
    return found;
  };
  expect(await list('')).toEqual(near(wanted));
  expect(await list('&agent_id=b')).toEqual(near(wanted.filter(({ agents }) => agents.includes('b'))));
  expect(await list('&user_id=u&status=failed')).toEqual(
    near(wanted.filter(({ user_id, status }) => user_id === 'u' && status === 'failed')),
  );
  expect(await list('&status=active&agent_id=a')).toEqual(
    near(wanted.filter(({ agents, status }) => agents.includes('a') && status === 'active')),
  );
});

const VALUES: Record<string, (sessions: Session[]) => number | null> = {
  sessions: (sessions) => sessions.length,
  session_duration_avg_s: (sessions) => mean(sessions.map(durationOf)),
  session_executions_avg: (sessions) => mean(sessions.map(({ runs }) => runs.length)),
  session_steps_avg: (sessions) => mean(sessions.map(({ steps }) => steps)),
  session_completion_rate: (sessions) => percent(completed(sessions).length, ended(sessions).length),
};

const DIMENSIONS: Record<string, (session: Session) => (string | null)[]> = {
  agent: ({ agents }) => agents,
  user: ({ user }) => [user],
  environment: ({ environment }) => [environment],
};

it.each(Object.keys(VALUES))('%s is what a recount says, in total and by each dimension', async (metric) => {
  const from = END - 40 * HOUR;
  const range = { from: new Date(from).toISOString(), to: new Date(END).toISOString() };
  const sessions = all().filter(({ startedAt }) => startedAt >= Math.floor(from / HOUR) * HOUR);
  const results = await t.query(TENANT, {
    range,
    queries: [
      { refId: 'all', metric },
      { refId: 'daily', metric, interval: 'day' },
      ...Object.keys(DIMENSIONS).map((name) => ({ refId: name, metric, groupBy: [name] })),
      {
        refId: 'both',
        metric,
        groupBy: ['environment'],
        filters: [{ dimension: 'agent', operator: 'in', values: ['a'] }],
      },
    ],
  });
  const byValue = (some: Session[], valuesOf: (session: Session) => (string | null)[]) => {
    const values = new Set(some.flatMap(valuesOf));
    return Object.fromEntries(
      [...values].map((value) => [
        value,
        near(VALUES[metric]!(some.filter((one) => valuesOf(one).includes(value)))),
      ]),
    );
  };
  const found = (refId: string, name: string): Json =>
    Object.fromEntries(rowsOf(results[refId]!).map((row) => [String(row[name]), row.value]));
  expect(rowsOf(results.all!)[0]!.value).toEqual(near(VALUES[metric]!(sessions)));
  const days = byValue(sessions, ({ startedAt }) => [new Date(startedAt).toISOString().slice(0, 10)]);
  const daily = found('daily', 'time');
  for (const [day, value] of Object.entries(days)) expect(daily[`${day}T00:00:00.000Z`]).toEqual(value);
  for (const [name, valuesOf] of Object.entries(DIMENSIONS))
    expect(found(name, name)).toEqual(byValue(sessions, valuesOf));
  expect(found('both', 'environment')).toEqual(
    byValue(
      sessions.filter(({ agents }) => agents.includes('a')),
      DIMENSIONS.environment!,
    ),
  );
  expect(results.agent!.notices).toContain('A session counts under each agent that ran in it.');
});

it('are the same when a range is recomputed without marks', async () => {
  await t.pool.query(`UPDATE sessions SET steps = steps + 1, path = '{}'; DELETE FROM session_agents`);
  await t.services.rollup.recomputeRange(TENANT, END - 80 * HOUR, END + HOUR);
  await t.rollup();
  await expectRecounted();
});
