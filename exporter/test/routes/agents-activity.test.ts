import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, issued } from '../support/events.js';

interface Activity {
  tenantId: string;
  data: { dow: number; hour: number; count: number }[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const SUNDAY = '2026-03-08';
const SATURDAY = '2026-03-14';

async function cells(path: string, tenant: string): Promise<number[][]> {
  const { data } = await t.read<Activity>(`agents/activity${path}`, tenant);
  return data.map(({ dow, hour, count }) => [dow, hour, count]);
}

describe('GET /agents/activity', () => {
  it('counts calls by weekday (0 Sunday) and UTC hour: non-zero cells only, ordered by both', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call(`${SATURDAY}T23:59:59Z`, { agentId: 'a', count: 4 }),
      call(`${SUNDAY}T10:15:00Z`, { agentId: 'a', count: 2 }),
      call(`${SUNDAY}T10:59:59Z`, { agentId: 'b' }),
      call('2026-03-15T10:00:00Z', { count: 8 }),
      call(`${SUNDAY}T00:00:00Z`, { agentId: 'a' }),
      issued(`${SUNDAY}T05:00:00Z`, { agentId: 'a' }),
    ]);
    expect(await t.read('agents/activity', tenant)).toEqual({
      tenantId: tenant,
      data: [
        { dow: 0, hour: 0, count: 1 },
        { dow: 0, hour: 10, count: 11 },
        { dow: 6, hour: 23, count: 4 },
      ],
    });
  });

  it('looks at the last 30 days unless told from and to, both included', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-02-16T00:00:00Z'),
      call('2026-02-15T23:59:59Z', { count: 100 }),
      call(`${SUNDAY}T03:00:00Z`, { count: 5 }),
      call('2026-03-09T03:00:00Z', { count: 7 }),
    ]);
    expect(await cells('', tenant)).toEqual([
      [0, 3, 5],
      [1, 0, 1],
      [1, 3, 7],
    ]);
    expect(await cells(`?from=${SUNDAY}&to=${SUNDAY}`, tenant)).toEqual([[0, 3, 5]]);
    expect(await cells(`?from=${SUNDAY}&to=2026-03-09`, tenant)).toEqual([
      [0, 3, 5],
      [1, 3, 7],
    ]);
  });

  it('narrows to one agent', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call(`${SUNDAY}T03:00:00Z`, { agentId: 'a', count: 5 }),
      call(`${SUNDAY}T03:00:00Z`, { agentId: 'b', count: 7 }),
      call(`${SUNDAY}T04:00:00Z`, { agentId: null, count: 9 }),
    ]);
    expect(await cells('?agentId=a', tenant)).toEqual([[0, 3, 5]]);
  });

  it('answers 404 for an agent that the tenant does not have', async () => {
    const [owner, other] = [t.tenant(), t.tenant()];
    await t.send(owner, [call(`${SUNDAY}T03:00:00Z`, { agentId: 'theirs' })]);
    for (const agentId of ['theirs', 'nobody']) {
      expect(refusalOf(await t.get(`agents/activity?agentId=${agentId}`, other))).toEqual([
        404,
        'AGENT_NOT_FOUND',
      ]);
    }
  });

  it.each(['', '%20', 'a%20b', '%00', 'x'.repeat(129)])(
    'refuses agentId=%j, which is no id',
    async (agentId) => {
      expect(refusalOf(await t.get(`agents/activity?agentId=${agentId}`))).toEqual([400, 'VALIDATION_ERROR']);
    },
  );

  it('is empty for a tenant without calls', async () => {
    expect(await cells('', t.tenant())).toEqual([]);
  });
});
