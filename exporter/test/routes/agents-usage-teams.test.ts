/**
 * What is answered of agents, usage, tools, costs and teams, held against a recount of what was sent: late executions, ones
 * that were replaced, and ones that moved to another hour, agent or user.
 */
import fc from 'fast-check';
import {
  AGENT_TAGS,
  asReported,
  type Fact,
  factsOf,
  type Item,
  madeOf,
  PAY_PRICES,
  toolCostOf,
  valueOf,
  type Wire,
} from '../executions/facts.js';
import { type Json, NOW as CLOCK, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { uuid } from '../support/executions.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.parse(CLOCK);
const TODAY = Math.floor(NOW / DAY) * DAY;
const tenant = 'acme';
const ITEMS: readonly Item[] = [
  { agent: 'a', amount: 12.5, from: TODAY - 10 * DAY, days: 7 },
  { agent: null, amount: 3.1, from: TODAY - DAY, days: 30 },
];
/** Calls by endpoint and status. */
const CALLS = [200, 204, 400, 404, 429, 500, null].flatMap((status, i) =>
  ['GET /a', 'POST /b', null].map((endpoint, j) => ({ status, endpoint, count: 1 + i + 7 * j })),
);

let t: TestApp;
let sent: Wire[];

/** Finished executions are not replaced by running ones. */
async function send(known: Map<string, Wire>, executions: readonly Wire[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions }, { tenant });
  expect(response.json<Json>().rejected).toEqual([]);
  for (const one of executions) {
    const before = known.get(one.id);
    if (before !== undefined && before.status !== 'running' && one.status === 'running') continue;
    known.set(one.id, one);
  }
}

async function change(method: 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) {
  const headers = await t.headers({
    tenant,
    scopes: ['analytics:admin', 'analytics:write', 'analytics:read'],
  });
  return t.app.inject({ method, url: `/api/v1/analytics/${path}`, headers, payload });
}
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

beforeAll(async () => {
  t = await testApp();
  const known = new Map<string, Wire>();
  const made = fc.sample(madeOf(NOW - 20 * DAY, NOW), 500);
  made.forEach((execution, i) => (execution.id = uuid(i % 350)));
  await send(known, made.slice(0, 300));
  await t.rollup();
  // The first hundred and fifty come again as others, elsewhere; the last fifty are late.
  await send(known, [...made.slice(350), ...made.slice(300, 350)]);
  const price = { tool_name: 'pay', usd_per_call: PAY_PRICES.first, effective_from: '2020-01-01' };
  expect((await change('PUT', 'prices', price)).statusCode).toBe(200);
  for (const { agent, amount, from, days } of ITEMS) {
    const dates = { start_date: dateOf(from), end_date: dateOf(from + (days - 1) * DAY) };
    const item = { category: 'storage', amount_usd: amount, agent_id: agent, ...dates };
    expect((await change('POST', 'cost-items', item)).statusCode).toBe(201);
  }
  for (const [agent, tags] of Object.entries(AGENT_TAGS))
    await change('PUT', `directory/agents/${agent}`, { tags, name: `Agent ${agent}`, created_by: 'u' });
  await change('PUT', 'directory/users/u', { name: 'Ada' });
  await t.send(
    tenant,
    CALLS.map((fields) => call('2026-03-16T08:00:00Z', fields)),
  );
  await t.rollup();
  sent = [...known.values()].map(asReported);
}, 600_000);
afterAll(() => t.close());

interface Range {
  name: string | null;
  query: string;
  from: number;
  to: number;
}
const PERIODS = [7, 30, 90].map((days): Range => ({
  name: `${days}d`,
  query: `period=${days}d`,
  from: TODAY + DAY - days * DAY,
  to: TODAY + DAY,
}));
/** Hours of one day, and hours with whole days between them. */
const HOURS = [
  { from: TODAY - 2 * DAY + 2 * HOUR, to: TODAY - 2 * DAY + 20 * HOUR },
  { from: TODAY - 9 * DAY + 7 * HOUR, to: TODAY - DAY + 16 * HOUR },
].map((range): Range => {
  // Within the first hour, and within the last one.
  const [start, end] = [range.from + 25 * MINUTE, range.to - 1].map((at) => new Date(at).toISOString());
  return { name: null, query: `start_time=${start}&end_time=${end}`, ...range };
});
const WEEK = PERIODS[0]!;
const periodAnswer = ({ name, from, to }: Omit<Range, 'query'>) => ({
  name,
  start: new Date(from).toISOString(),
  end: new Date(to).toISOString(),
});
const before = ({ from, to }: { from: number; to: number }) => ({ from: 2 * from - to, to: from });

function facts(metric: string, { from, to }: { from: number; to: number }, groupBy: string[] = []): Fact[] {
  return factsOf({ metric, groupBy, filters: [] }, sent, ITEMS).filter(({ at }) => at >= from && at < to);
}
const ofAgent = (all: readonly Fact[], agent: string | null): Fact[] =>
  all.filter(({ dimensions }) => dimensions.agent === agent);
const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 5));
const totalCost = (all: readonly Fact[]): number | null => valueOf('total_cost_usd', all);

function headline(range: { from: number; to: number }): Json {
  const all = facts('executions', range);
  const top = all.filter(({ dimensions }) => dimensions.level === 'top');
  return {
    total_executions: top.length,
    nested_executions: all.length - top.length,
    success_rate: near(valueOf('execution_success_rate', top)),
    total_tokens: valueOf('total_tokens', all),
    total_cost: near(totalCost(facts('total_cost_usd', range)) ?? 0),
    unpriced_executions: valueOf('unpriced_executions', all),
  };
}

describe.each([...PERIODS, ...HOURS])('of $query', (range: Range) => {
  const ask = (path: string): Promise<Json> =>
    t.read(`${path}${path.includes('?') ? '&' : '?'}${range.query}`, tenant);

  it('GET /summary is what was sent, beside the period before', async () => {
    expect(await ask('summary')).toEqual({
      period: periodAnswer(range),
      ...headline(range),
      previous: headline(before(range)),
    });
  });

  it('GET /agents/{id}/metrics covers all runs of the agent', async () => {
    const figures = (of: { from: number; to: number }): Json => {
      const all = ofAgent(facts('executions', of), 'a');
      const percentile = (p: string): unknown => {
        const exact = valueOf(`execution_duration_${p}_ms`, all);
        return exact === null ? null : expect.closeTo(exact, Math.floor(-Math.log10(exact * 0.04)));
      };
      return {
        execution_count: all.length,
        success_rate: near(valueOf('execution_success_rate', all)),
        error_rate: near(valueOf('execution_error_rate', all)),
        avg_duration_ms: near(valueOf('execution_duration_avg_ms', all)),
        p50_duration_ms: percentile('p50'),
        p95_duration_ms: percentile('p95'),
        p99_duration_ms: percentile('p99'),
        avg_tokens: near(valueOf('execution_tokens_avg', all)),
        avg_steps: near(valueOf('execution_steps_avg', all)),
        total_tokens: valueOf('total_tokens', all),
        total_cost: near(totalCost(ofAgent(facts('total_cost_usd', of), 'a'))),
        unpriced_executions: valueOf('unpriced_executions', all),
      };
    };
    const { period, ...answer } = await ask('agents/a/metrics');
    expect(period).toEqual(periodAnswer(range));
    expect(answer).toEqual({
      ...{ agent_id: 'a', agent_name: 'Agent a' },
      ...figures(range),
      previous: figures(before(range)),
    });
  });

  it('GET /agents/{id}/errors adds up to all failed runs', async () => {
    const failed = sent.filter(
      ({ agent_id, status, started_at }) =>
        agent_id === 'b' &&
        !['success', 'running'].includes(status) &&
        Date.parse(started_at) >= range.from &&
        Date.parse(started_at) < range.to,
    );
    const answer = await ask('agents/b/errors');
    const byType = answer.by_type as { type: string; count: number; percentage: number }[];
    expect(answer.total).toBe(failed.length);
    const wanted = ['Oops', 'Slow', null].flatMap((type) => {
      const own = failed.filter(({ error_type }) => error_type === type);
      const last = own.sort((x, y) => Date.parse(y.started_at) - Date.parse(x.started_at))[0];
      return last === undefined
        ? []
        : [
            {
              type: type ?? 'unknown',
              count: own.length,
              percentage: near((100 * own.length) / failed.length),
              last_seen_at: last.started_at,
              last_execution_id: last.id,
            },
          ];
    });
    const byName = (x: { type: string }, y: { type: string }): number => (x.type < y.type ? -1 : 1);
    expect([...byType].sort(byName)).toEqual(wanted.sort(byName));
    if (failed.length > 0)
      expect(byType.reduce((sum, { percentage }) => sum + percentage, 0)).toBeCloseTo(100, 6);
  });

  it('GET /agents/compare has any metrics under the names that were asked for', async () => {
    const names = 'execution_count,success_rate,cost,tool_calls,tool_cost_usd,avg_tokens,api_calls';
    const { agents, metrics } = await ask(`agents/compare?agent_ids=c,a&metrics=${names}`);
    expect(metrics).toEqual(names.split(','));
    const row = (agent: string): Json => {
      const all = ofAgent(facts('executions', range), agent);
      const calls = ofAgent(facts('tool_calls', range), agent);
      const cost = near(totalCost(ofAgent(facts('total_cost_usd', range), agent)));
      return {
        agent_id: agent,
        name: `Agent ${agent}`,
        execution_count: all.length,
        success_rate: near(valueOf('execution_success_rate', all)),
        cost,
        total_cost: cost,
        tool_calls: calls.length,
        tool_cost_usd: near(valueOf('tool_cost_usd', calls)),
        avg_tokens: near(valueOf('execution_tokens_avg', all)),
        api_calls: 0,
      };
    };
    expect(agents).toEqual([row('c'), row('a')]);
  });

  it('GET /usage splits calls into three outcomes that add up', async () => {
    const counts = (own: typeof CALLS) => {
      const sum = (of: typeof CALLS): number => of.reduce((total, { count }) => total + count, 0);
      const limited = sum(own.filter(({ status }) => status === 429));
      const failed = sum(own.filter(({ status }) => status !== null && status >= 400 && status !== 429));
      return {
        total: sum(own),
        outcomes: {
          successful_calls: sum(own) - failed - limited,
          failed_calls: failed,
          rate_limited_calls: limited,
        },
        rate: (100 * failed) / sum(own),
      };
    };
    const all = counts(CALLS);
    const paths = ['GET /a', 'POST /b', null].map((endpoint) => {
      const { total, outcomes, rate } = counts(CALLS.filter((one) => one.endpoint === endpoint));
      return { path: endpoint ?? 'other', call_count: total, ...outcomes, error_rate: near(rate) };
    });
    expect(await ask('usage')).toEqual({
      period: expect.anything(),
      total_calls: all.total,
      ...all.outcomes,
      by_endpoint: paths.sort((a, b) => b.call_count - a.call_count),
    });
  });

  it('GET /tokens/usage counts tokens by the model of each usage', async () => {
    const all = facts('total_tokens', range);
    const answer = await ask('tokens/usage');
    expect(answer).toMatchObject({
      total_tokens: valueOf('total_tokens', all),
      input_tokens: valueOf('input_tokens', all),
      output_tokens: valueOf('output_tokens', all),
      cached_input_tokens: valueOf('cached_input_tokens', all),
      reasoning_tokens: valueOf('reasoning_tokens', all),
    });
    const byModel = facts('total_tokens', range, ['model']);
    const models = answer.by_model as {
      name: string;
      provider: string | null;
      tokens: number;
      share: number;
    }[];
    for (const { name, provider, tokens } of models) {
      const own = byModel.filter(
        ({ dimensions }) => dimensions.model === name && dimensions.provider === provider,
      );
      expect([name, tokens]).toEqual([name, valueOf('total_tokens', own)]);
    }
    expect(models.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(valueOf('total_tokens', byModel));
    expect(models.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100, 6);
  });

  it.each([undefined, 'a'])('GET /tools counts the calls of each tool, of the agent %s', async (agent) => {
    const calls = facts('tool_calls', range).filter(
      ({ dimensions }) => agent === undefined || dimensions.agent === agent,
    );
    const { tools } = await ask(`tools${agent === undefined ? '' : `?agent_id=${agent}`}`);
    const rows = tools as Json[];
    expect(rows.map(({ name }) => name).sort()).toEqual(
      [...new Set(calls.map(({ dimensions }) => dimensions.tool))].sort(),
    );
    for (const row of rows) {
      const own = calls.filter(({ dimensions }) => dimensions.tool === row.name);
      const exact = valueOf(
        'tool_duration_p95_ms',
        own.filter(({ duration }) => duration !== null),
      );
      expect(row).toMatchObject({
        call_count: own.length,
        success_rate: near(valueOf('tool_success_rate', own)),
        avg_duration_ms: near(valueOf('tool_duration_avg_ms', own)),
        agents: new Set(own.flatMap(({ dimensions }) => dimensions.agent ?? [])).size,
      });
      expect(row.cost ?? 0).toEqual(near(valueOf('tool_cost_usd', own)));
      if (exact !== null) expect(Math.abs(Number(row.p95_duration_ms) / exact - 1)).toBeLessThanOrEqual(0.02);
      const failed = own.some(({ finished, succeeded }) => finished && !succeeded);
      expect(row.last_error).toEqual(failed ? expect.objectContaining({ message: 'failure' }) : null);
    }
  });

  it('GET /team has the figures of the organization', async () => {
    const active = (of: { from: number; to: number }, dimension: string): number =>
      new Set(facts('executions', of).flatMap(({ dimensions }) => dimensions[dimension] ?? [])).size;
    const figures = (of: { from: number; to: number }): Json => ({
      active_users: active(of, 'user'),
      active_agents: active(of, 'agent'),
      ...headline(of),
    });
    expect(await ask('team')).toEqual({
      ...{ org_id: tenant, period: expect.anything(), total_users: 2, total_agents: 3 },
      ...figures(range),
      previous: figures(before(range)),
    });
  });

  it('GET /users/activity has every user once, page by page', async () => {
    const all = facts('executions', range);
    const users = ['u', 'v'].flatMap((user) => {
      const own = all.filter(({ dimensions }) => dimensions.user === user);
      if (own.length === 0) return [];
      return [
        {
          user_id: user,
          name: user === 'u' ? 'Ada' : null,
          agents_created: user === 'u' ? 3 : 0,
          execution_count: own.length,
          success_rate: near(valueOf('execution_success_rate', own)),
          total_tokens: valueOf('total_tokens', own),
          total_cost: near(valueOf('cost_usd', own)),
          last_active: expect.stringMatching(/Z$/),
        },
      ];
    });
    users.sort((a, b) => b.execution_count - a.execution_count || (a.user_id < b.user_id ? -1 : 1));
    const first = await ask(`users/activity?org_id=${tenant}&limit=1`);
    expect(first.users).toEqual(users.slice(0, 1));
    const second = await ask(`users/activity?limit=1&cursor=${String(first.next_cursor)}`);
    expect(second).toMatchObject({ users: users.slice(1), next_cursor: null });
  });

  it('GET /costs has all kinds of costs, and lists that add up to them', async () => {
    const totals = (of: { from: number; to: number }): Json => {
      const all = facts('total_cost_usd', of);
      return {
        total: near(totalCost(all) ?? 0),
        model_costs: near(valueOf('model_cost_usd', all) ?? 0),
        tool_costs: near(valueOf('tool_cost_usd', all)),
        storage_costs: near(valueOf('storage_cost_usd', all)),
        other_costs: 0,
        unpriced_executions: valueOf('unpriced_executions', facts('executions', of)),
      };
    };
    const answer = await ask('costs');
    expect(answer).toMatchObject({ ...totals(range), previous: totals(before(range)) });
    const agents = answer.by_agent as {
      agent_id: string | null;
      cost: number | null;
      share: number | null;
    }[];
    const all = facts('total_cost_usd', range);
    for (const { agent_id, cost } of agents)
      expect([agent_id, cost]).toEqual([agent_id, near(totalCost(ofAgent(all, agent_id)))]);
    for (const list of ['by_agent', 'by_model', 'by_tool']) {
      const rows = answer[list] as { cost: number | null; share: number | null }[];
      expect(rows.reduce((sum, { share }) => sum + (share ?? 0), 0)).toBeCloseTo(100, 4);
      const whole = { by_agent: 'total', by_model: 'model_costs', by_tool: 'tool_costs' }[list]!;
      if (list !== 'by_model')
        expect(rows.reduce((sum, { cost }) => sum + (cost ?? 0), 0)).toBeCloseTo(Number(answer[whole]), 4);
    }
  });

  it.each(['daily', 'weekly', 'monthly'])(
    'GET /costs/trends is kept %s, and adds up',
    async (granularity) => {
      const startOf = (at: number): string => {
        const day = new Date(Math.floor(at / DAY) * DAY);
        if (granularity === 'weekly') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
        if (granularity === 'monthly') day.setUTCDate(1);
        return dateOf(day.getTime());
      };
      const all = facts('total_cost_usd', range);
      const starts = new Set<string>();
      for (let at = range.from; at < range.to; at += DAY) starts.add(startOf(at));
      const { data } = await ask(`costs/trends?granularity=${granularity}&group_by=agent`);
      const rows = data as (Json & { date: string; groups: { id: string | null; cost: number }[] })[];
      expect(rows.map(({ date }) => date)).toEqual([...starts]);
      for (const { date, groups, cost, ...parts } of rows) {
        const own = all.filter(({ at }) => startOf(at) === date);
        expect(cost).toEqual(near(totalCost(own) ?? 0));
        expect(parts).toEqual({
          model_costs: near(valueOf('model_cost_usd', own) ?? 0),
          tool_costs: near(valueOf('tool_cost_usd', own)),
          storage_costs: near(valueOf('storage_cost_usd', own)),
          other_costs: 0,
        });
        for (const { id, cost: ofGroup } of groups)
          expect([id, ofGroup]).toEqual([id, near(totalCost(ofAgent(own, id)) ?? 0)]);
      }
    },
  );
});

interface Group {
  id: string | null;
  name: string | null;
  cost: number;
}

/** What the models, tools and cost items of these facts have cost, as far as that is known. */
const knownCost = (all: readonly Fact[]): number =>
  all.reduce((sum, { cost, tools, item = 0 }) => sum + (cost ?? 0) + tools + item, 0);

describe.each(HOURS.concat(PERIODS[1]!))('GET /costs/trends by day, of $query', (range) => {
  const byDay = async (groupBy: string) => {
    const { data } = await t.read<{ data: { date: string; cost: number; groups: Group[] }[] }>(
      `costs/trends?group_by=${groupBy}&${range.query}`,
      tenant,
    );
    const ofDay = (metric: string, by: string[], date: string): Fact[] =>
      facts(metric, range, by).filter(({ at }) => dateOf(at) === date);
    return { data, ofDay };
  };

  it.each(['agent', 'model', 'environment'])('adds up by %s', async (groupBy) => {
    const { data } = await byDay(groupBy);
    expect(data.some(({ cost }) => cost > 0)).toBe(true);
    for (const { cost, groups } of data)
      expect(groups.reduce((sum, group) => sum + group.cost, 0)).toEqual(near(cost));
  });

  it('has the tool costs of an execution in its environment, and cost items in none', async () => {
    const { data, ofDay } = await byDay('environment');
    expect(data[0]!.groups.map(({ name }) => name).sort()).toEqual([null, 'production', 'staging'].sort());
    for (const { date, groups } of data) {
      const all = ofDay('total_cost_usd', [], date);
      for (const { id, name, cost } of groups) {
        const own = all.filter(({ dimensions }) => (dimensions.environment ?? null) === id);
        expect([date, id, name, cost]).toEqual([date, id, id, near(knownCost(own))]);
      }
    }
  });

  it('has in no model what tools and cost items have cost', async () => {
    const { data, ofDay } = await byDay('model');
    for (const { date, groups } of data) {
      const calls = ofDay('cost_usd', ['model'], date);
      for (const { id, cost } of groups.filter((group) => group.id !== null)) {
        const own = calls.filter(({ dimensions }) => dimensions.model === id);
        expect([date, id, cost]).toEqual([
          date,
          id,
          near(own.reduce((sum, fact) => sum + (fact.cost ?? 0), 0)),
        ]);
      }
      const models = calls.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
      const rest = groups.find(({ id }) => id === null);
      expect(rest?.cost ?? 0).toEqual(near(knownCost(ofDay('total_cost_usd', [], date)) - models));
    }
  });
});

describe('a range of times', () => {
  const thisHour = Math.floor(NOW / HOUR) * HOUR;
  const periodFor = async (query: string): Promise<unknown> =>
    (await t.read<Json>(`summary?${query}`, tenant)).period;

  it('ends with the current hour, and has seven days, where only one end is given', async () => {
    const start = new Date(NOW - 2 * HOUR).toISOString();
    const current = { name: null, from: thisHour - 2 * HOUR, to: thisHour + HOUR };
    expect(await periodFor(`start_time=${start}`)).toEqual(periodAnswer(current));
    expect(await periodFor(`start_time=${start}&end_time=2027-01-01T00:00:00Z`)).toEqual(
      periodAnswer(current),
    );
    const end = new Date(thisHour).toISOString();
    expect(await periodFor(`end_time=${end}`)).toEqual(
      periodAnswer({ name: null, from: thisHour - 7 * DAY, to: thisHour }),
    );
  });
});

describe('a period without data', () => {
  it.each(['summary', 'usage', 'tokens/usage', 'tools', 'team', 'users/activity', 'costs', 'costs/trends'])(
    'answers %s with zeros and nulls',
    async (path) => {
      const answer = await t.read<Json>(`${path}?start_date=2025-06-01&end_date=2025-06-02`, tenant);
      for (const [name, value] of Object.entries(answer)) {
        if (['period', 'previous', 'org_id', 'granularity', 'total_users', 'total_agents'].includes(name))
          continue;
        if (path === 'costs/trends') expect(value).toMatchObject([{ cost: 0 }, { cost: 0 }]);
        else if (Array.isArray(value)) expect([name, value]).toEqual([name, []]);
        else expect([name, value]).toEqual([name, /_rate$|cursor/.test(name) ? null : 0]);
      }
    },
  );

  it('answers what is asked of agents with zeros and nulls', async () => {
    const query = 'start_date=2025-06-01&end_date=2025-06-02';
    const nothing = { success_rate: null, avg_duration_ms: null, execution_count: 0 };
    expect(await t.read(`agents/a/metrics?${query}`, tenant)).toMatchObject({
      ...{ ...nothing, error_rate: null, p95_duration_ms: null, avg_tokens: null, total_tokens: 0 },
      ...{ total_cost: 0, unpriced_executions: 0 },
      previous: nothing,
    });
    expect(await t.read(`agents/a/errors?${query}`, tenant)).toMatchObject({ total: 0, by_type: [] });
    expect(await t.read(`agents/compare?agent_ids=b,a&${query}`, tenant)).toMatchObject({
      agents: [
        { ...nothing, agent_id: 'b', cost: 0 },
        { ...nothing, agent_id: 'a', cost: 0 },
      ],
    });
  });
});

describe('bad input', () => {
  const refused = async (path: string): Promise<[number, unknown, unknown]> => {
    const response = await t.get(path, tenant);
    return [...refusalOf(response), response.json<Json>().message];
  };

  it.each([
    ['agents/compare?agent_ids=a,nobody', 404, 'AGENT_NOT_FOUND', 'there is no agent "nobody"'],
    ['agents/compare?agent_ids=a', 400, 'VALIDATION_ERROR', 'agent_ids must name 2 to 20, not 1'],
    ['agents/compare?agent_ids=a,a', 400, 'VALIDATION_ERROR', 'agent_ids names "a" twice'],
    [
      'agents/compare?agent_ids=a,,b',
      400,
      'VALIDATION_ERROR',
      'agent_ids has an empty entry; it is a list such as a,b',
    ],
    [
      'agents/compare?agent_ids=a,b&metrics=api_duration_p95_ms',
      ...[
        400,
        'VALIDATION_ERROR',
        expect.stringMatching(/^metrics: api_duration_p95_ms is not kept by agent; there are /),
      ],
    ],
    [
      'agents/compare?agent_ids=a,b&metrics=luck',
      400,
      'VALIDATION_ERROR',
      expect.stringMatching(/no metric "luck"/),
    ],
    ['agents/nobody/metrics', 404, 'AGENT_NOT_FOUND', 'there is no agent "nobody"'],
    ['agents/nobody/errors', 404, 'AGENT_NOT_FOUND', 'there is no agent "nobody"'],
    ['tools?agent_id=nobody', 404, 'AGENT_NOT_FOUND', 'there is no agent "nobody"'],
    [
      'team?org_id=other',
      403,
      'FORBIDDEN',
      expect.stringMatching(/org_id must be the organization of the token/),
    ],
    ['users/activity?org_id=other', 403, 'FORBIDDEN', expect.anything()],
    ['users/activity?cursor=x', 400, 'VALIDATION_ERROR', expect.stringMatching(/cursor must be/)],
    [
      'costs/trends?granularity=hourly',
      400,
      'INVALID_GRANULARITY',
      expect.stringMatching(/daily, weekly, monthly/),
    ],
    [
      'costs/trends?group_by=user',
      400,
      'VALIDATION_ERROR',
      expect.stringMatching(/agent, model, environment/),
    ],
    ['summary?period=2d', 400, 'VALIDATION_ERROR', expect.stringMatching(/24h, 7d, 30d, 90d/)],
    ['costs?start_date=2026-03-02&end_date=2026-03-01', 400, 'INVALID_DATE_RANGE', expect.anything()],
    ['tools?start_time=2026-03-02', 400, 'VALIDATION_ERROR', expect.stringMatching(/start_time.*RFC 3339/)],
    [
      'team?start_time=2026-03-02T10:00:00Z&end_time=2026-03-02T10:00:00Z',
      ...[400, 'INVALID_DATE_RANGE', 'start_time must lie before end_time'],
    ],
    [
      `summary?start_time=${new Date(NOW + HOUR).toISOString()}`,
      ...[400, 'INVALID_DATE_RANGE', 'start_time lies after the current hour'],
    ],
    [
      'costs?start_time=2024-01-01T00:00:00Z',
      ...[400, 'INVALID_DATE_RANGE', expect.stringMatching(/at most 365/)],
    ],
    [
      'usage?start_time=2026-03-02T10:00:00Z&period=7d',
      ...[400, 'VALIDATION_ERROR', expect.stringMatching(/cannot be given together with period/)],
    ],
  ])('%s is %s', async (path, status, code, message) => {
    expect(await refused(String(path))).toEqual([status, code, message]);
  });
});

describe('prices of tools', () => {
  it('change the cost of the calls that they cover, and no others', async () => {
    const thenFrom = TODAY - 3 * DAY;
    const cost = async (): Promise<unknown> => (await t.read<Json>(`costs?${WEEK.query}`, tenant)).tool_costs;
    const wanted = (from: number): number =>
      sent
        .filter(({ started_at }) => Date.parse(started_at) >= WEEK.from)
        .flatMap((one) =>
          one.steps
            .filter(({ step_type }) => step_type === 'tool_call')
            .map((step) => toolCostOf(step, one, from)),
        )
        .reduce((sum, usd) => sum + usd, 0);
    const price = { tool_name: 'pay', usd_per_call: PAY_PRICES.then, effective_from: dateOf(thenFrom) };
    const { id } = (await change('PUT', 'prices', price)).json<{ id: string }>();
    await t.rollup();
    expect(await cost()).toEqual(near(wanted(thenFrom)));
    expect((await change('DELETE', `prices/${id}`)).statusCode).toBe(204);
    await t.rollup();
    expect(await cost()).toEqual(near(wanted(Infinity)));
  });
});

describe('a cost item', () => {
  const item = { category: 'other', amount_usd: 7, start_date: '2026-02-01', end_date: '2026-02-07' };
  const otherCosts = async (dates: string): Promise<unknown> =>
    (await t.read<Json>(`costs?${dates}`, tenant)).other_costs;

  it('is entered, changed and deleted, and costs follow at once', async () => {
    const made = (await change('POST', 'cost-items', item)).json<Json & { id: string }>();
    expect(made).toEqual({ ...item, id: made.id, agent_id: null, description: null });
    expect(await otherCosts('start_date=2026-02-03&end_date=2026-02-04')).toBe(2);
    const changed = await change('PATCH', `cost-items/${made.id}`, {
      amount_usd: 14,
      description: 'Licences',
    });
    expect(changed.json()).toEqual({ ...made, amount_usd: 14, description: 'Licences' });
    expect(await otherCosts('start_date=2026-02-03&end_date=2026-02-04')).toBe(4);
    expect(await otherCosts('start_date=2026-02-08&end_date=2026-02-09')).toBe(0);
    expect((await change('DELETE', `cost-items/${made.id}`)).statusCode).toBe(204);
    expect(refusalOf(await change('DELETE', `cost-items/${made.id}`))).toEqual([404, 'NOT_FOUND']);
    expect(await otherCosts('start_date=2026-02-03&end_date=2026-02-04')).toBe(0);
  });

  it.each([
    [
      { end_date: '2026-01-31' },
      'INVALID_DATE_RANGE',
      'start_date (2026-02-01) lies after end_date (2026-01-31)',
    ],
    [
      { start_date: '2026-02-30' },
      'INVALID_DATE_RANGE',
      'start_date must be a date that exists, such as 2026-03-06',
    ],
    [{ end_date: '2027-02-02' }, 'INVALID_DATE_RANGE', 'the item has 367 days; it may have at most 366'],
    [{ amount_usd: -1 }, 'VALIDATION_ERROR', 'field amount_usd must be >= 0'],
    [{ amount_usd: 0.0000001 }, 'VALIDATION_ERROR', 'field amount_usd must have at most 6 decimals'],
    [{ category: 'rent' }, 'VALIDATION_ERROR', 'field category must be one of storage, other'],
  ])('is refused with %j', async (fields, code, message) => {
    const response = await change('POST', 'cost-items', { ...item, ...fields });
    expect([...refusalOf(response), response.json<Json>().message]).toEqual([400, code, message]);
  });
});
