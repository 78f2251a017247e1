import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, rotated } from '../support/events.js';

interface Rotations {
  agents: {
    agentId: string;
    agentName: string | null;
    rotations: number;
    lastRotatedAt: string | null;
    averageIntervalDays: number | null;
    daily: { date: string; count: number }[];
  }[];
  nextCursor?: string;
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const PERIOD = 'credential-rotations?from=2026-03-01&to=2026-03-10';

describe('GET /credential-rotations', () => {
  it('gives every agent with its rotations, those that never rotated with 0', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-01T00:00:00Z', { agentId: 'a', agentName: 'alpha' }),
      rotated('2026-03-04T12:00:00Z', { agentId: 'a' }),
      rotated('2026-03-04T18:30:15.250Z', { agentId: 'a' }),
      call('2026-03-04T12:00:00Z', { agentId: 'never' }),
      rotated('2026-03-05T08:00:00Z', { agentId: 'once' }),
      rotated('2026-03-05T08:00:00Z', { agentId: null }),
    ]);
    expect(await t.read(PERIOD, tenant)).toEqual({
      tenantId: tenant,
      period: { from: '2026-03-01', to: '2026-03-10' },
      agents: [
        {
          agentId: 'a',
          agentName: 'alpha',
          rotations: 3,
          lastRotatedAt: '2026-03-04T18:30:15.250Z',
          averageIntervalDays: expect.closeTo((3 + 18.5 / 24 + 15.25 / 86_400) / 2, 9),
          daily: [
            { date: '2026-03-01', count: 1 },
            { date: '2026-03-04', count: 2 },
          ],
        },
        {
          agentId: 'never',
          agentName: null,
          rotations: 0,
          lastRotatedAt: null,
          averageIntervalDays: null,
          daily: [],
        },
        {
          agentId: 'once',
          agentName: null,
          rotations: 1,
          lastRotatedAt: '2026-03-05T08:00:00.000Z',
          averageIntervalDays: null,
          daily: [{ date: '2026-03-05', count: 1 }],
        },
      ],
    });
  });

  it('knows the last rotation of all time, before and after the period', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-01-05T08:00:00.001Z', { agentId: 'before' }),
      rotated('2026-03-15T08:00:00.999Z', { agentId: 'after' }),
      rotated('2026-03-02T08:00:00Z', { agentId: 'after' }),
    ]);
    const { agents } = await t.read<Rotations>(PERIOD, tenant);
    expect(
      agents.map(({ agentId, rotations, lastRotatedAt }) => [agentId, rotations, lastRotatedAt]),
    ).toEqual([
      ['after', 1, '2026-03-15T08:00:00.999Z'],
      ['before', 0, '2026-01-05T08:00:00.001Z'],
    ]);
  });

  it('keeps the later of two rotations that come in the wrong order', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [rotated('2026-03-09T08:00:00Z', { agentId: 'a' })]);
    await t.sendAndRollup(tenant, [rotated('2026-03-02T08:00:00Z', { agentId: 'a' })]);
    const { agents } = await t.read<Rotations>(PERIOD, tenant);
    expect(agents).toMatchObject([
      { lastRotatedAt: '2026-03-09T08:00:00.000Z', averageIntervalDays: 7, rotations: 2 },
    ]);
  });

  it('leaves rotations outside the period out of the interval', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(
      tenant,
      ['2026-02-01', '2026-03-02', '2026-03-04', '2026-03-08', '2026-03-17'].map((date) =>
        rotated(`${date}T08:00:00Z`, { agentId: 'a' }),
      ),
    );
    expect((await t.read<Rotations>(PERIOD, tenant)).agents).toMatchObject([
      { rotations: 3, averageIntervalDays: 3 },
    ]);
  });

  it('is paged by cursor in the order of the ids', async () => {
    const tenant = t.tenant();
    const ids = Array.from({ length: 5 }, (_, i) => `agent-${i}`);
    await t.sendAndRollup(
      tenant,
      ids.map((agentId) => call('2026-03-02T08:00:00Z', { agentId })),
    );
    const seen: string[] = [];
    let page = await t.read<Rotations>(`${PERIOD}&limit=2`, tenant);
    for (;;) {
      seen.push(...page.agents.map(({ agentId }) => agentId));
      if (page.nextCursor === undefined) break;
      page = await t.read<Rotations>(`${PERIOD}&limit=2&cursor=${page.nextCursor}`, tenant);
    }
    expect(seen).toEqual(ids);
  });

  it('has no parameter for one agent', async () => {
    const response = await t.get('credential-rotations?agentId=a');
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json()).toMatchObject({ message: expect.stringContaining('agentId') });
  });
});
