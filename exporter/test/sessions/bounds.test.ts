/** What comes from outside in any number is cut, and says so. The statements are run with bounds that a test can reach. */
import { sessionEnd, sessionFlow } from '../../src/aggregates/index.js';
import type { Aggregate } from '../../src/aggregates/index.js';
import { fromFiner, fromRaw, remove } from '../../src/aggregates/statements.js';
import { BOUNDS, maxExecutions } from '../../src/facts/session/session.js';
import { sessionFunnel } from '../../src/query/sessions/funnel.js';
import { insertSessions } from '../../src/rollup/session-rows.js';
import { testApp, type Json, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution } from '../support/executions.js';

const TENANT = 'acme';
let t: TestApp;
beforeEach(async () => {
  t = await testApp();
});
afterEach(() => t.close());

const minute = (n: number): string => new Date(Date.parse('2026-03-18T08:00:00Z') + n * 60_000).toISOString();

async function send(executions: readonly TestExecution[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions }, { tenant: TENANT });
  expect(response.json<Json>().accepted).toBe(executions.length);
  await t.rollup();
}

/** Makes a session again with these bounds. */
async function remade(bounds: Partial<typeof BOUNDS>): Promise<Json> {
  await t.pool.query('DELETE FROM sessions');
  await t.pool.query('DELETE FROM session_agents');
  await t.pool.query(insertSessions({ ...BOUNDS, ...bounds }), [
    TENANT,
    ['s'],
    '2000-01-01T00:00:00Z',
    '2026-03-18T11:30:00Z',
  ]);
  const { rows } = await t.pool.query<Json>('SELECT * FROM sessions');
  return rows[0]!;
}

it('of a session with too many executions those that began first and last count', async () => {
  await send(
    Array.from({ length: 20 }, (_, i) =>
      execution(i, minute(i), {
        session_id: 's',
        status: i === 19 ? 'failure' : 'success',
        completed_at: minute(i + 1),
        agent_id: `a-${i}`,
        steps: [step(1, 'tool_call', { tool_name: `tool-${i}` })],
      }),
    ),
  );
  expect(await remade({})).toMatchObject({ executions: 20, is_cut: false });
  const cut = await remade({
    firstExecutions: 7,
    lastExecutions: 3,
    agents: 4,
    pathExecutions: 5,
    pathSteps: 3,
  });
  expect(cut).toMatchObject({ executions: 10, is_cut: true, steps: 10, ended_as: 'failed' });
  expect(cut.started_at).toEqual(new Date(minute(0)));
  expect(cut.ended_at).toEqual(new Date(minute(20)));
  expect(cut.agents).toEqual(['a-0', 'a-1', 'a-2', 'a-3']);
  expect(cut.path).toEqual(['tool-0', 'tool-1', 'tool-2']);
  const { rows } = await t.pool.query<{ agent_id: string; path: string[] }>(
    'SELECT agent_id, path FROM session_agents ORDER BY agent_id',
  );
  expect(rows.map(({ path }) => path)).toEqual([['tool-0'], ['tool-1'], ['tool-2'], []]);
});

it('a cut session says so', async () => {
  await send([execution(1, minute(0), { session_id: 's' })]);
  await t.pool.query('UPDATE sessions SET is_cut = true, executions = $1', [maxExecutions(BOUNDS)]);
  expect(await t.read('sessions', TENANT)).toMatchObject({
    sessions: [{ executions: 10_000, truncated: true }],
  });
});

it('of a path only so many steps are kept', async () => {
  await send([
    execution(1, minute(0), {
      session_id: 's',
      agent_id: 'a',
      steps: Array.from({ length: 100 }, (_, i) => step(i, 'tool_call', { tool_name: `tool-${i % 7}` })),
    }),
  ]);
  const { path, path_at } = await remade({ path: 40 });
  expect(path).toHaveLength(40);
  expect(path_at).toHaveLength(40);
  expect(await t.read('sessions', TENANT)).toMatchObject({
    sessions: [{ steps: 100, flow: [...(path as string[]).slice(0, 30), '…'] }],
  });
});

describe('of many flows', () => {
  const hour = ['2026-03-18T08:00:00Z', '2026-03-18T10:00:00Z'];
  const day = ['2026-03-18T00:00:00Z', '2026-03-19T00:00:00Z'];

  /** Makes the rows of an aggregate again that keeps so many. */
  async function keep(aggregate: Aggregate, values: number): Promise<void> {
    const small = { ...aggregate, most: { ...aggregate.most!, values } };
    for (const [level, [from, to]] of [
      ['hour', hour],
      ['day', day],
    ] as const) {
      await t.pool.query(remove(small, level), [TENANT, [from], [to]]);
      const make = level === 'hour' ? fromRaw(small, 'hour') : fromFiner(small, 'day', 'hour');
      await t.pool.query(make, [TENANT, [from], [to]]);
    }
  }

  beforeEach(() =>
    send(
      // Within two hours.
      ['x', 'x', 'v', 'w', 'x', 'x', 'y', 'z'].map((name, i) =>
        execution(i, minute(15 * i), {
          session_id: `s-${i}`,
          agent_id: 'a',
          steps: [step(1, 'tool_call', { tool_name: name })],
        }),
      ),
    ),
  );

  it('the most common ones of each hour and day are kept, and the others count together', async () => {
    await keep(sessionFlow, 2);
    for (const query of ['period=7d', 'period=24h', 'period=7d&agent_id=a']) {
      const { total_sessions, common_flows, other } = await t.read<{
        total_sessions: number;
        common_flows: { steps: string[]; count: number }[];
        other: { count: number };
      }>(`sessions/flows?${query}`, TENANT);
      expect(total_sessions).toBe(8);
      expect(common_flows[0]).toMatchObject({ steps: ['x'], count: 4 });
      expect(common_flows.length).toBeLessThanOrEqual(query === 'period=24h' ? 4 : 2);
      expect(other.count).toBe(8 - common_flows.reduce((sum, { count }) => sum + count, 0));
    }
    const { rows } = await t.pool.query<Json>(
      'SELECT count(*) AS rows, sum(sessions)::int AS sessions FROM session_flow_days WHERE flow_of = $1 AND of_agent IS NULL',
      ['steps'],
    );
    expect(rows).toEqual([{ rows: 3, sessions: 8 }]);
  });

  it('a funnel counts those that are kept exactly, and the others as a sample of them', async () => {
    await keep(sessionFlow, 1);
    const ask = (sample: number): Promise<{ steps: { sessions: number }[] }> =>
      sessionFunnel(
        t.pool,
        TENANT,
        { range: { from: Date.parse(day[0]!), to: Date.parse(day[1]!) }, steps: ['x', 'y'] },
        { sessions: 0, sample },
      );
    // Sessions of one more agent that do both, in one flow that is kept and in some that are not.
    await send(
      Array.from({ length: 400 }, (_, i) =>
        execution(100 + i, minute(i % 60), {
          session_id: `more-${i}`,
          agent_id: 'b',
          steps: ['x', i % 2 === 0 ? 'v' : `w-${i}`, ...(i % 4 === 3 ? ['y'] : [])].map((tool_name, n) =>
            step(n, 'tool_call', { tool_name }),
          ),
        }),
      ),
    );
    await keep(sessionFlow, 1);
    const all = (await ask(Infinity)).steps.map(({ sessions }) => sessions);
    expect(all).toEqual([404, 100]);
    const [first, second] = (await ask(200)).steps.map(({ sessions }) => sessions);
    expect(first).toBeGreaterThan(380);
    expect(first).toBeLessThanOrEqual(408);
    expect(second).toBeGreaterThan(50);
    expect(second).toBeLessThan(150);
  });

  it('drop-off keeps its figures, and names the most common last steps', async () => {
    await keep(sessionEnd, 1);
    const { steps } = await t.read<{ steps: Json[] }>('sessions/dropoff', TENANT);
    expect(steps).toMatchObject([{ number: 1, reached: 8, completed: 8, dropped: 0 }]);
    expect(steps[0]!.top_last_steps).toEqual([{ step: 'x', count: expect.any(Number) }]);
  });
});
