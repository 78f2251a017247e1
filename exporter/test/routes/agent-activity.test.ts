import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, issued, refused, rotated } from '../support/events.js';

interface Activity {
  agents: { agentId: string; agentName: string | null; dailyActivity: unknown[] }[];
  nextCursor?: string;
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const PERIOD = 'from=2026-03-01&to=2026-03-10';
const idsOf = ({ agents }: Activity): string[] => agents.map(({ agentId }) => agentId);

describe('GET /agent-activity', () => {
  it('gives what each agent did by day: days with something only, oldest first', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-10T23:59:59Z', { agentId: 'a', agentName: 'alpha', count: 4 }),
      call('2026-03-01T00:00:00Z', { agentId: 'a', count: 2 }),
      issued('2026-03-01T08:00:00Z', { agentId: 'a', count: 3 }),
      rotated('2026-03-05T08:00:00Z', { agentId: 'b' }),
      call('2026-02-28T23:59:59Z', { agentId: 'before' }),
      call('2026-03-11T00:00:00Z', { agentId: 'after' }),
      call('2026-03-05T08:00:00Z', { agentId: null, count: 100 }),
      refused('2026-03-06T08:00:00Z', { agentId: 'b' }),
    ]);
    expect(await t.read(`agent-activity?${PERIOD}`, tenant)).toEqual({
      tenantId: tenant,
      period: { from: '2026-03-01', to: '2026-03-10' },
      agents: [
        {
          agentId: 'a',
          agentName: 'alpha',
          dailyActivity: [
            { date: '2026-03-01', apiCalls: 2, tokenIssuances: 3, credentialRotations: 0 },
            { date: '2026-03-10', apiCalls: 4, tokenIssuances: 0, credentialRotations: 0 },
          ],
        },
        {
          agentId: 'b',
          agentName: null,
          dailyActivity: [{ date: '2026-03-05', apiCalls: 0, tokenIssuances: 0, credentialRotations: 1 }],
        },
      ],
    });
  });

  it('narrows to one agent, which is there even with nothing done', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-01T00:00:00Z', { agentId: 'a' }),
      call('2026-02-01T00:00:00Z', { agentId: 'idle', agentName: 'Idle' }),
    ]);
    expect(idsOf(await t.read<Activity>(`agent-activity?${PERIOD}&agentId=a`, tenant))).toEqual(['a']);
    expect((await t.read<Activity>(`agent-activity?${PERIOD}&agentId=idle`, tenant)).agents).toEqual([
      { agentId: 'idle', agentName: 'Idle', dailyActivity: [] },
    ]);
  });

  it('answers 404 for an agent of another tenant or of none', async () => {
    const [owner, other] = [t.tenant(), t.tenant()];
    await t.send(owner, [call('2026-03-01T00:00:00Z', { agentId: 'theirs' })]);
    for (const agentId of ['theirs', 'nobody']) {
      const response = await t.get(`agent-activity?agentId=${agentId}`, other);
      expect(refusalOf(response)).toEqual([404, 'AGENT_NOT_FOUND']);
    }
  });

  it('is paged by cursor, each agent whole on one page', async () => {
    const tenant = t.tenant();
    const agents = ['a', 'B', 'c', 'ä', 'z'];
    await t.sendAndRollup(
      tenant,
      agents.flatMap((agentId) =>
        ['2026-03-02', '2026-03-03', '2026-03-04'].map((date) => call(`${date}T08:00:00Z`, { agentId })),
      ),
    );
    const all = await t.read<Activity>(`agent-activity?${PERIOD}`, tenant);
    expect(idsOf(all)).toEqual(['B', 'a', 'c', 'z', 'ä']);
    expect(all.nextCursor).toBeUndefined();
    const first = await t.read<Activity>(`agent-activity?${PERIOD}&limit=2`, tenant);
    const second = await t.read<Activity>(
      `agent-activity?${PERIOD}&limit=2&cursor=${first.nextCursor}`,
      tenant,
    );
    const third = await t.read<Activity>(
      `agent-activity?${PERIOD}&limit=2&cursor=${second.nextCursor}`,
      tenant,
    );
    expect([...first.agents, ...second.agents, ...third.agents]).toEqual(all.agents);
    expect([first.agents.length, second.agents.length, third.nextCursor]).toEqual([2, 2, undefined]);
  });

  it('gives no cursor when the page ends with the last agent', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(
      tenant,
      ['a', 'b'].map((agentId) => call('2026-03-02T08:00:00Z', { agentId })),
    );
    const page = await t.read<Activity>(`agent-activity?${PERIOD}&limit=2`, tenant);
    expect(page.agents).toHaveLength(2);
    expect(page).not.toHaveProperty('nextCursor');
  });

  it('shows the name that the agent has now', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-02T08:00:00Z', { agentId: 'a', agentName: 'old' })]);
    await t.sendAndRollup(tenant, [call('2026-03-03T08:00:00Z', { agentId: 'a', agentName: 'new' })]);
    await t.sendAndRollup(tenant, [call('2026-03-04T08:00:00Z', { agentId: 'a' })]);
    const { agents } = await t.read<Activity>(`agent-activity?${PERIOD}`, tenant);
    expect(agents.map(({ agentName, dailyActivity }) => [agentName, dailyActivity.length])).toEqual([
      ['new', 3],
    ]);
  });

  it.each(['cursor=abc', 'cursor=WzFd', 'limit=0', 'limit=10001', 'agentId='])(
    'refuses %s',
    async (parameter) => {
      expect(refusalOf(await t.get(`agent-activity?${parameter}`))).toEqual([400, 'VALIDATION_ERROR']);
    },
  );
});
