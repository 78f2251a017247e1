/** Deleted agents: hidden from all lists, but still counted. */
import { rowsOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { runCli } from './run-cli.js';

const NOW = Date.now();
const DAY = 86_400_000;
const at = (daysAgo: number): string => new Date(NOW - daysAgo * DAY).toISOString();

let t: TestApp;
beforeAll(async () => {
  // A deletion uses the database's clock, and the service's clock must not be behind it.
  t = await testApp({ now: new Date(NOW + 60_000).toISOString() });
  for (const tenant of ['acme', 'other'])
    await t.sendAndRollup(tenant, [
      call(at(3), { agentId: 'gone', agentName: 'Old bot' }),
      call(at(3), { agentId: 'here' }),
    ]);
});
afterAll(() => t.close());

const agent = async (...args: string[]): Promise<[string, string, number | null]> => {
  const { stdout, stderr, exitCode } = await runCli(['agent', ...args], { DATABASE_URL: t.database.url });
  return [stdout, stderr, exitCode];
};

/** The agents in variables, in the list of rotations and in the metric of the alert. */
async function listed(tenant: string): Promise<unknown[]> {
  const { values } = (await t.get('dimensions/agent/values', tenant)).json<{ values: { value: string }[] }>();
  const { agents } = (await t.get('credential-rotations', tenant)).json<{ agents: { agentId: string }[] }>();
  const range = { from: at(1), to: new Date(NOW).toISOString() };
  const asked = { refId: 'A', metric: 'days_since_rotation', groupBy: ['agent'], interval: 'none' };
  const { A } = await t.query(tenant, { range, queries: [asked] });
  return [
    values.map(({ value }) => value).sort(),
    agents.map(({ agentId }) => agentId),
    rowsOf(A!)
      .map((row) => row.agent)
      .sort(),
  ];
}
const everywhere = (...ids: string[]): string[][] => [ids, ids, ids];

it('are hidden from lists and alerts of their own tenant, but their history still counts', async () => {
  expect(await listed('acme')).toEqual(everywhere('gone', 'here'));
  expect(await agent('delete', 'gone', '--tenant', 'acme')).toEqual(['gone "Old bot": deleted\n', '', 0]);
  expect(await agent('delete', 'gone', '--tenant', 'acme')).toEqual([
    'gone "Old bot": already deleted\n',
    '',
    0,
  ]);
  expect(await listed('acme')).toEqual(everywhere('here'));
  expect(await listed('other')).toEqual(everywhere('gone', 'here'));
  const range = { from: at(7), to: new Date(NOW).toISOString() };
  const asked = { refId: 'A', metric: 'api_calls', groupBy: ['agent'], interval: 'none' };
  const { A } = await t.query('acme', { range, queries: [asked] });
  expect(rowsOf(A!)).toEqual(expect.arrayContaining([{ agent: 'gone', agentName: 'Old bot', value: 1 }]));
});

it('appear again when they are restored', async () => {
  expect(await agent('restore', 'gone', '--tenant', 'acme')).toEqual([
    'gone "Old bot": not deleted\n',
    '',
    0,
  ]);
  expect((await listed('acme'))[1]).toEqual(['gone', 'here']);
});

it.each([
  ['an event', 'acts', () => t.sendAndRollup('acme', [call(new Date().toISOString(), { agentId: 'gone' })])],
  [
    'an execution',
    'runs',
    async () => {
      const execution = {
        id: '00000000-0000-4000-8000-000000000001',
        status: 'success',
        started_at: new Date().toISOString(),
        agent_id: 'gone',
      };
      await t.post('/api/v1/executions', { executions: [execution] }, { tenant: 'acme' });
      await t.rollup();
    },
  ],
])(
  'come back by themselves with %s after the deletion, not with one of before',
  async (_name, _does, act) => {
    await agent('delete', 'gone', '--tenant', 'acme');
    await t.sendAndRollup('acme', [call(at(2), { agentId: 'gone' })]);
    expect((await listed('acme'))[1]).toEqual(['here']);
    await act();
    expect((await listed('acme'))[1]).toEqual(['gone', 'here']);
  },
);

it('are not restored by an end in the future when another agent is active in the same hour', async () => {
  const started_at = at(4);
  const execution = (n: number, agent_id: string, completed_at?: string): object => ({
    ...{ id: `00000000-0000-4000-8000-00000000001${n}`, status: 'success', started_at, agent_id },
    ...(completed_at && { completed_at }),
  });
  const run = async (one: object): Promise<void> => {
    await t.post('/api/v1/executions', { executions: [one] }, { tenant: 'acme' });
    await t.rollup();
  };
  await run(execution(1, 'gone', '2100-01-01T00:00:00Z'));
  await agent('delete', 'gone', '--tenant', 'acme');
  await run(execution(2, 'here'));
  expect((await listed('acme'))[1]).toEqual(['here']);
});

it.each([
  ['an agent that is not known', ['delete', 'nobody', '--tenant', 'acme'], 'tenant acme has no agent nobody'],
  ['an agent of another tenant', ['delete', 'here', '--tenant', 'third'], 'tenant third has no agent here'],
  ['an id with white space', ['delete', 'a b', '--tenant', 'acme'], 'An agent id has 1 to 128'],
])('refuses %s', async (_name, args, message) => {
  const [stdout, stderr, exitCode] = await agent(...args);
  expect([stdout, exitCode]).toEqual(['', 1]);
  expect(stderr).toContain(message);
});
