/** What is answered of agents, tools, costs and teams, of real runs of an agent, held against a recount. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { describeReal, realRuns, sendRealRuns } from '../support/real-runs.js';

const TENANT = 'tau';
const USERS = 7;

interface Run {
  id: string;
  status: string;
  user_id: string;
  input_tokens: number;
  output_tokens: number;
  execution_time_ms: number;
  cost_usd: number;
  error_type: string | null;
  steps: { step_type: string; tool_name?: string }[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const near = (value: number): unknown => expect.closeTo(value, 6);

describeReal('real runs of an agent', () => {
  let t: TestApp;
  let runs: Run[];
  beforeAll(async () => {
    t = await testApp();
    runs = realRuns().map((run, i): Run => {
      const made = run as unknown as Run;
      return {
        ...made,
        user_id: `user-${i % USERS}`,
        ...{ input_tokens: 1_000 + 7 * i, output_tokens: 100 + i, execution_time_ms: 30_000 + 10 * i },
        cost_usd: (1 + (i % 5)) / 100,
        error_type: made.status === 'success' || i % 3 === 0 ? null : `Error${i % 3}`,
      };
    });
    await sendRealRuns(t, TENANT, runs);
  }, 600_000);
  afterAll(() => t.close());

  const ask = (path: string): Promise<Json> => t.read(`${path}?period=30d`, TENANT);
  const headline = (some: readonly Run[]) => ({
    success_rate: near((100 * some.filter(({ status }) => status === 'success').length) / some.length),
    total_tokens: sum(some.map(({ input_tokens, output_tokens }) => input_tokens + output_tokens)),
    total_cost: near(sum(some.map(({ cost_usd }) => cost_usd))),
  });

  it('have the sums of what was sent, in total, of the agent and of the organization', async () => {
    expect(await ask('summary')).toMatchObject({
      ...{ ...headline(runs), total_executions: 200, nested_executions: 0, unpriced_executions: 0 },
      previous: { total_executions: 0, success_rate: null },
    });
    expect(await ask('agents/airline/metrics')).toMatchObject({
      ...{ ...headline(runs), execution_count: 200, error_rate: near(58) },
      avg_duration_ms: near(sum(runs.map((run) => run.execution_time_ms)) / 200),
      avg_steps: near(3_618 / 200),
    });
    expect(await ask('team')).toMatchObject({
      ...{ ...headline(runs), total_executions: 200 },
      ...{ total_users: USERS, active_users: USERS, total_agents: 1, active_agents: 1 },
    });
  });

  it('have their errors by type', async () => {
    const failed = runs.filter(({ status }) => status === 'failure');
    const { total, by_type } = await ask('agents/airline/errors');
    expect(total).toBe(failed.length);
    const counts = Object.fromEntries((by_type as Json[]).map(({ type, count }) => [type, count]));
    const of = (type: string | null): number => failed.filter(({ error_type }) => error_type === type).length;
    expect(counts).toEqual({ unknown: of(null), Error1: of('Error1'), Error2: of('Error2') });
  });

  it('have the calls of each tool', async () => {
    const names = runs.flatMap(({ steps }) => steps.flatMap(({ tool_name }) => tool_name ?? []));
    const { tools } = await ask('tools');
    const counts = new Map((tools as Json[]).map(({ name, call_count }) => [name, call_count]));
    expect(counts).toEqual(
      new Map([...new Set(names)].map((name) => [name, names.filter((other) => other === name).length])),
    );
    expect(sum([...counts.values()].map(Number))).toBe(1_164);
  });

  it('have their tokens and cost by model and agent', async () => {
    const [input, output] = [
      sum(runs.map((run) => run.input_tokens)),
      sum(runs.map((run) => run.output_tokens)),
    ];
    expect(await ask('tokens/usage')).toMatchObject({
      ...{ total_tokens: input + output, input_tokens: input, output_tokens: output },
      by_model: [{ name: 'gpt-4o', provider: 'openai', tokens: input + output, share: near(100) }],
    });
    const cost = headline(runs).total_cost;
    expect(await ask('costs')).toMatchObject({
      ...{ total: cost, model_costs: cost, tool_costs: 0, storage_costs: 0, other_costs: 0 },
      by_agent: [{ agent_id: 'airline', cost, share: near(100) }],
    });
    const { data } = await ask('costs/trends');
    expect(sum((data as { cost: number }[]).map((day) => day.cost))).toBeCloseTo(
      sum(runs.map(({ cost_usd }) => cost_usd)),
      6,
    );
  });

  it('have the activity of each user', async () => {
    const { users } = await ask('users/activity');
    const found = new Map((users as Json[]).map(({ user_id, ...figures }) => [user_id, figures]));
    expect(found.size).toBe(USERS);
    for (const [user, figures] of found) {
      const own = runs.filter(({ user_id }) => user_id === user);
      expect(figures).toMatchObject({ ...headline(own), execution_count: own.length });
    }
  });
});
