import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, issued, refused } from '../support/events.js';

interface Daily {
  tenantId: string;
  days: number;
  data: { date: string; count: number }[];
}
interface Monthly {
  tenantId: string;
  month: string;
  data: { agentId: string; tokenCount: number }[];
  nextCursor?: string;
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());
beforeEach(() => t.setNow('2026-03-18T12:00:00Z'));

describe('GET /tokens', () => {
  it('gives the issuances of each of the last days, oldest first, today and zero days included', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-16T08:00:00Z', { agentId: 'a', count: 3 }),
      issued('2026-03-16T09:00:00Z', { agentId: 'b' }),
      issued('2026-03-18T11:59:00Z'),
      issued('2026-03-15T23:59:59Z', { agentId: 'a' }),
      refused('2026-03-16T08:00:00Z', { agentId: 'a' }),
      call('2026-03-16T08:00:00Z', { agentId: 'a' }),
    ]);
    expect(await t.read('tokens?days=3', tenant)).toEqual({
      tenantId: tenant,
      days: 3,
      data: [
        { date: '2026-03-16', count: 4 },
        { date: '2026-03-17', count: 0 },
        { date: '2026-03-18', count: 1 },
      ],
    });
  });

  it('goes back 30 days by default', async () => {
    const answer = await t.read<Daily>('tokens', t.tenant());
    expect(answer.days).toBe(30);
    expect(answer.data).toHaveLength(30);
    expect(answer.data[0]).toEqual({ date: '2026-02-17', count: 0 });
    expect(answer.data.at(-1)).toEqual({ date: '2026-03-18', count: 0 });
  });

  it('counts an event of the last moment before midnight UTC to its day, and one at midnight to the next', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-17T23:59:59.999Z'),
      issued('2026-03-18T00:00:00Z', { count: 2 }),
      issued('2026-03-18T01:30:00+02:00', { count: 4 }),
    ]);
    const { data } = await t.read<Daily>('tokens?days=2', tenant);
    expect(data).toEqual([
      { date: '2026-03-17', count: 5 },
      { date: '2026-03-18', count: 2 },
    ]);
  });

  it('knows the leap day', async () => {
    t.setNow('2024-03-01T06:00:00Z');
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [issued('2024-02-29T12:00:00Z', { count: 7 })]);
    const { data } = await t.read<Daily>('tokens?days=3', tenant);
    expect(data.map(({ date, count }) => [date, count])).toEqual([
      ['2024-02-28', 0],
      ['2024-02-29', 7],
      ['2024-03-01', 0],
    ]);
  });

  it.each(['1', '90'])('takes %s days', async (days) => {
    expect((await t.read<Daily>(`tokens?days=${days}`)).data).toHaveLength(Number(days));
  });

  it.each(['0', '91', '-1', '1.5', 'x', '', '30&days=31'])('refuses days=%s', async (days) => {
    const response = await t.get(`tokens?days=${days}`);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json()).toMatchObject({ message: expect.stringContaining('days') });
  });
});

describe('GET /agents', () => {
  it('gives the issuances of this UTC month by agent, largest first, equals in the order of their ids', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      issued('2026-03-01T00:00:00Z', { agentId: 'small' }),
      issued('2026-03-17T08:00:00Z', { agentId: 'large', count: 40 }),
      issued('2026-03-18T08:00:00Z', { agentId: 'large', count: 2 }),
      issued('2026-03-18T08:00:00Z', { agentId: 'equal-b', count: 5 }),
      issued('2026-03-18T08:00:00Z', { agentId: 'equal-a', count: 5 }),
      issued('2026-02-28T23:59:59Z', { agentId: 'last-month', count: 100 }),
      refused('2026-03-18T08:00:00Z', { agentId: 'refused' }),
      issued('2026-03-18T08:00:00Z', { agentId: null, count: 9 }),
    ]);
    expect(await t.read('agents', tenant)).toEqual({
      tenantId: tenant,
      month: '2026-03',
      data: [
        { agentId: 'large', tokenCount: 42 },
        { agentId: 'equal-a', tokenCount: 5 },
        { agentId: 'equal-b', tokenCount: 5 },
        { agentId: 'small', tokenCount: 1 },
      ],
    });
  });

  it('begins a month at midnight UTC', async () => {
    t.setNow('2026-02-28T23:59:59.999Z');
    expect((await t.read<Monthly>('agents')).month).toBe('2026-02');
    t.setNow('2026-03-01T00:00:00Z');
    expect((await t.read<Monthly>('agents')).month).toBe('2026-03');
  });

  it('is paged by cursor: every agent once, in order, the last page without a cursor', async () => {
    const tenant = t.tenant();
    const agents = Array.from({ length: 7 }, (_, i) => `agent-${i}`);
    await t.sendAndRollup(
      tenant,
      agents.map((agentId, i) => issued('2026-03-10T08:00:00Z', { agentId, count: 1 + (i % 3) })),
    );
    const all = (await t.read<Monthly>('agents', tenant)).data;
    expect(all).toHaveLength(7);
    const pages: Monthly[] = [];
    let cursor = '';
    do {
      const page = await t.read<Monthly>(`agents?limit=3${cursor}`, tenant);
      pages.push(page);
      cursor = `&cursor=${page.nextCursor}`;
    } while (pages.at(-1)!.nextCursor !== undefined);
    expect(pages.map(({ data }) => data.length)).toEqual([3, 3, 1]);
    expect(pages.flatMap(({ data }) => data)).toEqual(all);
  });

  it.each([
    'limit=0',
    'limit=10001',
    'limit=x',
    'cursor=',
    'cursor=nonsense',
    'cursor=WyJhIl0',
    'cursor=bnVsbA',
  ])('refuses %s', async (parameter) => {
    expect(refusalOf(await t.get(`agents?${parameter}`))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
