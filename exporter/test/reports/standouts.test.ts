/** What stands out in a report: each with its figure and its link, and nothing where nothing does. */
import { testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { reportOf } from './reports-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await testApp({ env: { GRAFANA_URL: 'https://grafana.example.org' } });
});
afterEach(() => t.close());

let made = 0;
async function spend(day: string, agent: string, cost_usd: number, rest: object = {}): Promise<void> {
  const one = execution((made += 1), `${day}T08:00:00Z`, { agent_id: agent, cost_usd, ...rest });
  const response = await t.post('/api/v1/executions', { executions: [one] }, 'acme');
  if (response.statusCode !== 200) throw new Error(response.body);
}

async function post(path: string, payload: object): Promise<void> {
  const headers = await t.headers({ tenant: 'acme', scopes: ['analytics:read', 'analytics:admin'] });
  const response = await t.app.inject({ method: 'POST', url: `/api/v1/analytics/${path}`, headers, payload });
  if (response.statusCode !== 201) throw new Error(response.body);
}

const found = async (report: object) => {
  await t.rollup();
  const { stands_out } = await reportOf(t, 'acme', report);
  return stands_out.map(({ kind, text, value }) => [kind, value, text]);
};

it('the groups that contribute most to a change are named, also those that are gone', async () => {
  await spend('2026-03-05', 'calm', 10);
  await spend('2026-03-12', 'calm', 10.1);
  await spend('2026-03-05', 'gone', 4);
  await spend('2026-03-13', 'new', 20, { agent_name: 'New bot' });
  const changes = (await found({ template: 'cost_report' })).filter(([kind]) => kind === 'change');
  expect(changes).toEqual([
    ['change', 20, 'New bot: Total cost rose from $0.00 to $20.00 (+$20.00). The total changed by +$16.10.'],
    [
      'change',
      -4,
      'gone: Total cost fell from $4.00 to $0.00 (−$4.00, −100 %). The total changed by +$16.10.',
    ],
    expect.anything(),
  ]);
});

it('kinds of errors are new if the period before did not have them', async () => {
  const failed = { status: 'failure' };
  await spend('2026-03-05', 'a', 1, { ...failed, error_type: 'Timeout' });
  await spend('2026-03-12', 'a', 1, { ...failed, error_type: 'Timeout' });
  await spend('2026-03-12', 'a', 1, { ...failed, error_type: 'Quota' });
  await spend('2026-03-13', 'a', 1, failed);
  const errors = (await found({ template: 'error_report' })).filter(([kind]) => kind === 'new_error');
  expect(errors).toEqual([
    ['new_error', 1, 'New error Quota: 1 failed execution, none in the period before.'],
  ]);
});

it('budgets come by when they will be used up, those that will not be are left out', async () => {
  // 7 USD in the week, 1 a day; nothing before.
  for (const day of ['11', '12', '13', '14', '15', '16', '17'])
    await spend(`2026-03-${day}`, 'a', 1, { agent_name: 'Bot A' });
  await post('budgets', { name: 'Used up', threshold_usd: 6 });
  await post('budgets', { name: 'Large', threshold_usd: 1_000 });
  await post('budgets', { name: 'Soon', threshold_usd: 14 });
  await post('budgets', { threshold_usd: 8, scope: 'agent', scope_id: 'a' });
  const budgets = (await found({ template: 'cost_report' })).filter(([kind]) => kind === 'budget');
  // A day of 1 USD comes in, and the mean of 30 days, 7/30 USD, goes out: 1 USD is left after 1.3 days, 7 USD after 9.1.
  expect(budgets).toEqual([
    ['budget', 7, 'Budget Used up is used up: $7.00 of $6.00 in 30 days (116.7 %).'],
    [
      'budget',
      7,
      'Budget of agent Bot A will be used up around 19 Mar 2026, at $1.00 a day: $7.00 of $8.00 in 30 days (87.5 %).',
    ],
    [
      'budget',
      7,
      'Budget Soon will be used up around 27 Mar 2026, at $1.00 a day: $7.00 of $14.00 in 30 days (50 %).',
    ],
  ]);
  const filtered = await found({ template: 'cost_report', filters: { agent_ids: ['a'] } });
  expect(filtered.filter(([kind]) => kind === 'budget').map(([, , text]) => text)).toEqual([
    expect.stringMatching(/^Budget of agent Bot A/),
  ]);
});

it('recommendations are those of the API, with their savings', async () => {
  await post('cost-items', {
    ...{ category: 'storage', amount_usd: 30, agent_id: 'idle' },
    ...{ start_date: '2026-03-01', end_date: '2026-03-18' },
  });
  const shown = (await found({ template: 'cost_report' })).filter(([kind]) => kind === 'recommendation');
  const { recommendations } = await t.read<{
    recommendations: { title: string; action: string; savings: number }[];
  }>('costs/recommendations', 'acme');
  expect(recommendations.length).toBeGreaterThan(0);
  expect(shown.map(([, value]) => value)).toEqual(recommendations.map(({ savings }) => savings));
  expect(shown[0]![2]).toContain(recommendations[0]!.title);
});

it('nothing is said of a tenant without any data', async () => {
  const report = await reportOf(t, 'acme', { template: 'executive_summary' });
  expect([report.stands_out, report.charts, report.tables]).toEqual([[], [], []]);
  expect(report.figures.map(({ value }) => value)).toEqual([0, null, 0, 0, null, 0]);
});

it('links lead to the dashboards that show more of it, at the same days', async () => {
  await spend('2026-03-12', 'a/b', 1);
  await t.rollup();
  const { stands_out } = await reportOf(t, 'acme', { template: 'cost_report' });
  const days = `from=${Date.parse('2026-03-11T00:00:00Z')}&to=${Date.parse('2026-03-18T00:00:00Z')}`;
  expect(stands_out[0]!.link).toBe(
    `https://grafana.example.org/d/agentidp-agent-detail?${days}&var-agent=a%2Fb`,
  );
});
