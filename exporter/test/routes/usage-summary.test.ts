import { type Json, testApp, type TestApp } from '../support/app.js';
import { call, issued, refused, rotated } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const MARCH = 'usage-summary?from=2026-03-01&to=2026-03-10';

async function summaryOf(path: string, tenant: string): Promise<Json> {
  return (await t.read<{ summary: Json }>(path, tenant)).summary;
}

describe('GET /usage-summary', () => {
  it('sums the period, both days included, events of the tenant itself too', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-01T00:00:00Z', { agentId: 'a', count: 10 }),
      call('2026-03-10T23:59:59Z', { count: 5 }),
      call('2026-02-28T23:59:59Z', { agentId: 'a', count: 1_000 }),
      call('2026-03-11T00:00:00Z', { agentId: 'a', count: 1_000 }),
      issued('2026-03-05T08:00:00Z', { agentId: 'a', count: 3 }),
      issued('2026-03-05T08:00:00Z', { count: 4 }),
      rotated('2026-03-06T08:00:00Z', { agentId: 'b' }),
      refused('2026-03-06T08:00:00Z', { agentId: 'c', count: 50 }),
    ]);
    expect(await t.read(MARCH, tenant)).toEqual({
      tenantId: tenant,
      period: { from: '2026-03-01', to: '2026-03-10' },
      summary: {
        totalApiCalls: 15,
        totalTokenIssuances: 7,
        totalCredentialRotations: 1,
        activeAgentCount: 3,
        averageDailyApiCalls: 1,
        peakDailyApiCalls: 10,
        peakDate: '2026-03-01',
      },
    });
  });

  it('has zeros and no peak date without calls', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [issued('2026-03-05T08:00:00Z', { agentId: 'a' })]);
    expect(await summaryOf(MARCH, tenant)).toEqual({
      totalApiCalls: 0,
      totalTokenIssuances: 1,
      totalCredentialRotations: 0,
      activeAgentCount: 1,
      averageDailyApiCalls: 0,
      peakDailyApiCalls: 0,
      peakDate: null,
    });
  });

  it('names the earliest of equal peaks', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-07T08:00:00Z', { count: 6 }),
      call('2026-03-04T08:00:00Z', { agentId: 'a', count: 2 }),
      call('2026-03-04T22:00:00Z', { agentId: 'b', count: 4 }),
      call('2026-03-05T08:00:00Z', { count: 5 }),
    ]);
    expect(await summaryOf(MARCH, tenant)).toMatchObject({ peakDailyApiCalls: 6, peakDate: '2026-03-04' });
  });

  it('rounds the daily average down over all days of the period', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-04T08:00:00Z', { count: 29 })]);
    expect(await summaryOf(MARCH, tenant)).toMatchObject({ averageDailyApiCalls: 2 });
    expect(await summaryOf('usage-summary?from=2026-03-04&to=2026-03-04', tenant)).toMatchObject({
      averageDailyApiCalls: 29,
    });
  });

  it('counts an agent once, however many kinds of events and days it has', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(
      tenant,
      ['2026-03-02', '2026-03-03', '2026-03-09'].flatMap((date) => [
        call(`${date}T08:00:00Z`, { agentId: 'a' }),
        issued(`${date}T08:00:00Z`, { agentId: 'a' }),
        call(`${date}T08:00:00Z`, { agentId: null }),
      ]),
    );
    expect(await summaryOf(MARCH, tenant)).toMatchObject({ activeAgentCount: 1, totalApiCalls: 6 });
  });

  it('includes an event that comes late, after its day has been rolled up', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-04T08:00:00Z', { agentId: 'a' })]);
    await t.sendAndRollup(tenant, [call('2026-03-04T08:00:30Z', { agentId: 'a', count: 2 })]);
    expect(await summaryOf(MARCH, tenant)).toMatchObject({ totalApiCalls: 3 });
  });
});
