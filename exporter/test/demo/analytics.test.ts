/** What the demo's data has to show, as the API answers it. */
import { silentLog } from '../../src/db/log.js';
import { demoTenants } from '../../src/demo/fleet.js';
import { seed } from '../../src/demo/seed.js';
import { setUp } from '../../src/demo/setup.js';
import { DAY } from '../../src/time.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';

const NOW = Date.parse('2026-03-18T12:00:00Z');
const DAYS = 24;
const [tenant] = demoTenants('shown');

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: new Date(NOW).toISOString() });
  const executions = t.services.executions.executions.bind(t.services.executions);
  const { pool } = t;
  const author = { subject: 'demo', via: 'command_line', log: silentLog } as const;
  const setup = { pool, registry: t.services.registry, tenant, author, from: NOW - DAYS * DAY, now: NOW };
  await setUp(setup);
  // A second time adds nothing.
  await setUp(setup);
  // Only executions, because events have tests of their own.
  const ingest = { events: () => Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] }) };
  await seed({ pool, ingest, executions, tenant, days: DAYS, now: NOW });
  while ((await t.services.rollup.run(new AbortController().signal)).busy > 0);
}, 600_000);
afterAll(() => t.close());

const read = <T = Json>(path: string): Promise<T> => t.read<T>(path, tenant.id);

type Row = Record<string, string | number | null>;
const ask = async (metric: string, groupBy: string[], agent?: string): Promise<Row[]> => {
  const { A } = await t.query(tenant.id, {
    range: { from: new Date(NOW - 30 * DAY).toISOString(), to: new Date(NOW).toISOString() },
    queries: [
      {
        ...{ refId: 'A', metric, groupBy, interval: 'none' },
        filters: agent === undefined ? [] : [{ dimension: 'agent', operator: 'in', values: [agent] }],
      },
    ],
  });
  return rowsOf(A!);
};
/** The values of a metric by a dimension. */
async function by(metric: string, dimension: string, agent?: string): Promise<Map<unknown, number>> {
  const rows = await ask(metric, [dimension], agent);
  return new Map(rows.map((row) => [row[dimension], Number(row.value)]));
}

describe('the sessions of the demo', () => {
  it('have several executions, and most of them complete', async () => {
    const metrics = await read<Record<string, number>>('sessions/metrics?period=30d');
    expect(metrics).toMatchObject({ executions_without_session: 0 });
    expect(metrics.total_sessions).toBeGreaterThan(1_000);
    expect(metrics.avg_executions).toBeGreaterThan(1.2);
    expect(metrics.completion_rate).toBeGreaterThan(75);
    expect(metrics.completion_rate).toBeLessThan(95);
  });

  it('have typical flows of steps and of agents', async () => {
    interface Flows {
      common_flows: { steps: string[]; share: number }[];
    }
    const steps = await read<Flows>('sessions/flows?period=30d&limit=10');
    expect(steps.common_flows.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(40);
    expect(steps.common_flows.every(({ steps: labels }) => labels.length > 2)).toBe(true);
    const agents = await read<Flows>('sessions/flows?period=30d&of=agents&agent_id=chat-concierge');
    const all = await read<Flows>('sessions/flows?period=30d&of=agents&limit=50');
    expect(agents.common_flows).not.toEqual([]);
    expect(all.common_flows.filter(({ steps: names }) => names.length > 1).length).toBeGreaterThan(2);
  });

  it('of one agent drop off at a step that loses more of them than any other', async () => {
    interface DropOff {
      steps: { number: number; reached: number; drop_rate: number; top_last_steps: { step: string }[] }[];
    }
    const { steps } = await read<DropOff>('sessions/dropoff?period=30d&agent_id=refund-assistant');
    const worst = steps.filter(({ reached }) => reached > 50).sort((a, b) => b.drop_rate - a.drop_rate)[0]!;
    expect(worst.drop_rate).toBeGreaterThan(15);
    expect(worst.top_last_steps[0]!.step).toBe('request_photos');
  });

  it('lose part of the users on the way through a funnel', async () => {
    const path =
      'sessions/funnel?period=30d&agent_id=refund-assistant&steps=read_order,request_photos,create_refund';
    const { steps } = await read<{ steps: { sessions: number }[] }>(path);
    const [first, second, third] = steps.map(({ sessions }) => sessions) as [number, number, number];
    expect(first).toBeGreaterThan(second);
    expect(second).toBeGreaterThan(1.3 * third);
    expect(third).toBeGreaterThan(50);
  });
});

describe('the agents of the demo', () => {
  it('belong to teams, and have names, tags and creators with names', async () => {
    const { agents } = await read<{ agents: { name: string; tags: string[]; created_by: string }[] }>(
      'directory/agents?limit=100',
    );
    expect(agents.length).toBe(tenant.agents.length + 1);
    expect(agents.every(({ name, tags }) => name !== '' && tags.length > 0)).toBe(true);
    const { users } = await read<{ users: { user_id: string; name: string | null }[] }>(
      'directory/users?limit=100',
    );
    const names = new Map(users.map(({ user_id, name }) => [user_id, name]));
    expect(agents.filter(({ created_by }) => !names.get(created_by))).toEqual([]);
    expect((await by('executions', 'agentTag')).size).toBeGreaterThan(5);
  });

  it('run in two environments and reach users through several channels', async () => {
    const environments = await by('executions', 'environment');
    expect([...environments.keys()].sort()).toEqual(['production', 'staging']);
    expect(environments.get('production')).toBeGreaterThan(3 * environments.get('staging')!);
    expect((await by('executions', 'tag')).size).toBeGreaterThan(3);
    expect((await read<Record<string, number>>('team?period=30d')).active_users).toBeGreaterThan(30);
  });

  it('include one that runs as well on a model at a fraction of its price', async () => {
    const agent = 'support-triage';
    const executions = await by('executions', 'model', agent);
    const rate = await by('execution_success_rate', 'model', agent);
    const cost = await by('execution_cost_avg_usd', 'model', agent);
    const [dear, cheap] = [...executions.keys()].sort((a, b) => cost.get(b)! - cost.get(a)!) as [
      string,
      string,
    ];
    expect(cost.get(dear)).toBeGreaterThan(5 * cost.get(cheap)!);
    expect(Math.min(executions.get(dear)!, executions.get(cheap)!)).toBeGreaterThan(100);
    expect(rate.get(cheap)).toBeGreaterThan(rate.get(dear)! - 1);
  });

  it('include one that sends large prompts again and again without a cache, although its model has a price for it', async () => {
    const agent = 'code-reviewer';
    const rates = await by('cache_hit_rate', 'agent');
    expect(rates.get(agent)).toBe(0);
    expect(rates.get('contract-reviewer')).toBeGreaterThan(50);
    const [tokens, executions] = [await by('input_tokens', 'agent'), await by('executions', 'agent')];
    expect(tokens.get(agent)! / executions.get(agent)!).toBeGreaterThan(5 * 2_000);
    const [[model]] = (await by('executions', 'model', agent)) as unknown as [[string]];
    const { rates: price } = await read<{ rates: Record<string, number> }>(
      `prices/resolve?provider=anthropic&model_name=${model}`,
    );
    expect(price.cached_input_usd_per_mtok).toBeLessThan(price.input_usd_per_mtok! / 2);
  });

  it('include one that runs the same again and again after it has failed', async () => {
    interface Listed {
      items: { started_at: string; query_preview: string; session_id: string }[];
    }
    const { items } = await read<Listed>(
      'executions?agent_id=invoice-matcher&error_type=SupplierNotFound&page_size=100',
    );
    const attempts = new Map<string, string[]>();
    for (const { session_id, query_preview } of items)
      attempts.set(session_id, [...(attempts.get(session_id) ?? []), query_preview]);
    const whole = [...attempts.values()].filter((previews) => previews.length > 5);
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.every((previews) => new Set(previews).size === 1)).toBe(true);
  });

  it('include one that runs nothing, but costs something', async () => {
    const { cost_items } = await read<{ cost_items: { agent_id: string | null }[] }>('cost-items');
    expect(cost_items.filter(({ agent_id }) => agent_id === 'newsletter-writer').length).toBe(2);
    expect((await by('executions', 'agent')).has('newsletter-writer')).toBe(false);
    expect((await by('storage_cost_usd', 'agent')).get('newsletter-writer')).toBeGreaterThan(10);
  });
});

describe('the cost of the demo', () => {
  it('has models, tools, storage and others, and what failed', async () => {
    const costs = await read<Record<string, number>>('costs?period=30d');
    for (const part of ['model_costs', 'tool_costs', 'storage_costs', 'other_costs'])
      expect([part, costs[part]! > 5]).toEqual([part, true]);
    const byStatus = await by('cost_usd', 'executionStatus');
    expect(byStatus.get('failure')).toBeGreaterThan(5);
  });

  it('leaves out a model without a price', async () => {
    const unpriced = await by('unpriced_executions', 'model');
    expect([...unpriced].filter(([, count]) => count > 0).map(([model]) => model)).toEqual(['house-7b']);
  });
});
