import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, issued, refused } from '../support/events.js';

interface Point {
  date: string;
  totalIssuances: number;
  successfulIssuances: number;
  failedIssuances: number;
  uniqueAgents: number;
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function points(path: string, tenant: string): Promise<Point[]> {
  return (await t.read<{ dataPoints: Point[] }>(`token-trends?${path}`, tenant)).dataPoints;
}

const figures = ({ date, ...rest }: Point): unknown[] => [date, ...Object.values(rest)];

describe('GET /token-trends', () => {
  it('gives issuances, failures and the agents with either by day, zero days included', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-02T08:00:00Z', { agentId: 'a', count: 3 }),
      issued('2026-03-02T09:00:00Z', { agentId: 'b' }),
      refused('2026-03-02T09:30:00Z', { agentId: 'b', count: 2 }),
      refused('2026-03-02T09:30:00Z', { agentId: 'c' }),
      refused('2026-03-04T00:00:00Z', { count: 6 }),
      call('2026-03-03T09:30:00Z', { agentId: 'only-calls' }),
    ]);
    expect(await t.read('token-trends?from=2026-03-02&to=2026-03-04', tenant)).toEqual({
      tenantId: tenant,
      period: { from: '2026-03-02', to: '2026-03-04' },
      granularity: 'day',
      dataPoints: [
        {
          date: '2026-03-02',
          totalIssuances: 7,
          successfulIssuances: 4,
          failedIssuances: 3,
          uniqueAgents: 3,
        },
        {
          date: '2026-03-03',
          totalIssuances: 0,
          successfulIssuances: 0,
          failedIssuances: 0,
          uniqueAgents: 0,
        },
        {
          date: '2026-03-04',
          totalIssuances: 6,
          successfulIssuances: 0,
          failedIssuances: 6,
          uniqueAgents: 0,
        },
      ],
    });
  });

  it('clips ISO weeks to the range and names them by their Monday, which may lie before it', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-02T08:00:00Z', { agentId: 'a', count: 100 }),
      issued('2026-03-04T08:00:00Z', { agentId: 'a', count: 2 }),
      issued('2026-03-08T23:59:59Z', { agentId: 'a', count: 3 }),
      issued('2026-03-09T00:00:00Z', { agentId: 'a', count: 5 }),
      issued('2026-03-10T00:00:00Z', { agentId: 'b', count: 7 }),
      issued('2026-03-11T00:00:00Z', { agentId: 'c', count: 100 }),
    ]);
    const weeks = await points('from=2026-03-04&to=2026-03-10&granularity=week', tenant);
    expect(weeks.map(figures)).toEqual([
      ['2026-03-02', 5, 5, 0, 1],
      ['2026-03-09', 12, 12, 0, 2],
    ]);
  });

  it('keeps an ISO week whole across the turn of the year', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2025-12-28T12:00:00Z', { count: 1 }),
      issued('2025-12-31T12:00:00Z', { count: 2 }),
      issued('2026-01-01T12:00:00Z', { count: 4 }),
      issued('2026-01-04T23:59:59Z', { count: 8 }),
      issued('2026-01-05T00:00:00Z', { count: 16 }),
    ]);
    const weeks = await points('from=2025-12-22&to=2026-01-11&granularity=week', tenant);
    expect(weeks.map(({ date, totalIssuances }) => [date, totalIssuances])).toEqual([
      ['2025-12-22', 1],
      ['2025-12-29', 14],
      ['2026-01-05', 16],
    ]);
  });

  it('includes weeks and days without anything', async () => {
    const weeks = await points('from=2026-01-01&to=2026-01-31&granularity=week', t.tenant());
    expect(weeks.map(figures)).toEqual(
      ['2025-12-29', '2026-01-05', '2026-01-12', '2026-01-19', '2026-01-26'].map((monday) => [
        monday,
        ...[0, 0, 0, 0],
      ]),
    );
    expect(await points('from=2024-02-28&to=2024-03-01', t.tenant())).toHaveLength(3);
  });

  it('counts an agent once in a week, whatever it did on how many of its days', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-09T08:00:00Z', { agentId: 'a' }),
      refused('2026-03-10T08:00:00Z', { agentId: 'a' }),
      refused('2026-03-11T08:00:00Z', { agentId: 'b' }),
    ]);
    const [week] = await points('from=2026-03-09&to=2026-03-15&granularity=week', tenant);
    expect(week).toMatchObject({ uniqueAgents: 2, successfulIssuances: 1, failedIssuances: 2 });
  });

  it.each(['month', 'DAY', '', 'day&granularity=week'])('refuses granularity=%s', async (granularity) => {
    const response = await t.get(`token-trends?granularity=${granularity}`);
    const twice = granularity.includes('&');
    expect(refusalOf(response)).toEqual([400, twice ? expect.any(String) : 'INVALID_GRANULARITY']);
    if (!twice) expect(response.json<Json>().message).toContain('day, week');
  });
});
