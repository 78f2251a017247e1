import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { call, issued } from '../support/events.js';

interface Values {
  values: { value: string; label: string }[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.sendAndRollup('acme', [
    call('2026-03-10T08:00:00Z', {
      agentId: 'a1',
      agentName: 'Billing-Bot',
      endpoint: 'GET /invoices',
      status: 200,
    }),
    call('2026-03-10T08:00:00Z', {
      agentId: 'a2',
      agentName: 'audit_50%',
      endpoint: 'POST /ärger',
      status: 201,
    }),
    call('2026-03-10T08:00:00Z', { agentId: 'a3', endpoint: 'GET /invoices', status: 404 }),
    call('2026-03-10T08:00:00Z', { agentId: 'a4', agentName: 'Übersetzer', status: 503 }),
    call('2025-11-10T08:00:00Z', { agentId: 'a1', status: 418 }),
    issued('2026-03-10T08:00:00Z', { agentId: 'zeta', agentName: 'back\\slash' }),
  ]);
  await t.sendAndRollup('other', [
    call('2026-03-10T08:00:00Z', {
      agentId: 'theirs',
      agentName: 'Theirs',
      endpoint: 'GET /theirs',
      status: 226,
    }),
  ]);
});
afterAll(() => t.close());

async function values(path: string, tenant = 'acme'): Promise<[string, string][]> {
  const answer = await t.read<Values>(`dimensions/${path}`, tenant);
  return answer.values.map(({ value, label }) => [value, label]);
}
const searched = async (dimension: string, search: string): Promise<string[]> =>
  (await values(`${dimension}/values?search=${encodeURIComponent(search)}`)).map(([value]) => value);

describe('GET /dimensions/{dimension}/values', () => {
  it('gives agents by name, with the id as value, those without a name by their id', async () => {
    expect(await values('agent/values')).toEqual([
      ['a3', 'a3'],
      ['a2', 'audit_50%'],
      ['zeta', 'back\\slash'],
      ['a1', 'Billing-Bot'],
      ['a4', 'Übersetzer'],
    ]);
  });

  it('gives endpoints, status codes and status classes that were seen, in order', async () => {
    expect((await values('endpoint/values')).map(([value]) => value)).toEqual([
      'GET /invoices',
      'POST /ärger',
      'other',
    ]);
    expect(await values('statusCode/values')).toEqual(
      ['200', '201', '404', '503'].map((code) => [code, code]),
    );
    expect(await values('statusClass/values')).toEqual(['2xx', '4xx', '5xx'].map((name) => [name, name]));
  });

  it('gives users by name, and the tags of agents and of executions', async () => {
    const tenant = 'tagged';
    const executions = [
      execution(1, '2026-03-10T08:00:00Z', {
        ...{ agent_id: 'a', agent_tags: ['eu', 'billing'], tags: ['slow', 'Retry'] },
        ...{ user_id: 'u-2', user_name: 'Ada' },
      }),
      execution(2, '2026-03-10T08:00:00Z', {
        agent_id: 'b',
        agent_tags: ['eu'],
        tags: ['slow'],
        user_id: 'u-1',
      }),
    ];
    await t.post('/api/v1/executions', { executions }, tenant);
    await t.rollup();
    expect(await values('user/values', tenant)).toEqual([
      ['u-2', 'Ada'],
      ['u-1', 'u-1'],
    ]);
    expect(await values('user/values?search=ada', tenant)).toEqual([['u-2', 'Ada']]);
    const once = (names: string[]): string[][] => names.map((name) => [name, name]);
    expect(await values('agentTag/values', tenant)).toEqual(once(['billing', 'eu']));
    expect(await values('agentTag/values?search=E*', tenant)).toEqual(once(['eu']));
    expect(await values('tag/values', tenant)).toEqual(once(['Retry', 'slow']));
    expect(await values('tag/values?search=RETR', tenant)).toEqual(once(['Retry']));
  });

  it('gives weekdays and hours whether seen or not', async () => {
    const weekdays = await values('weekday/values', 'nobody');
    expect(weekdays).toHaveLength(7);
    expect([weekdays[0], weekdays[6]]).toEqual([
      ['0', 'Sunday'],
      ['6', 'Saturday'],
    ]);
    const hours = await values('hourOfDay/values', 'nobody');
    expect(hours).toHaveLength(24);
    expect([hours[0], hours[23]]).toEqual([
      ['0', '00:00–01:00'],
      ['23', '23:00–00:00'],
    ]);
  });

  it('searches within names and ids, whatever their case', async () => {
    expect(await searched('agent', 'BOT')).toEqual(['a1']);
    expect(await searched('agent', 'ZETA')).toEqual(['zeta']);
    expect(await searched('agent', 'übers')).toEqual(['a4']);
    expect(await searched('endpoint', 'invo')).toEqual(['GET /invoices']);
    expect(await searched('endpoint', 'ÄRGER')).toEqual(['POST /ärger']);
    expect(await searched('statusCode', '20')).toEqual(['200', '201']);
    expect(await searched('weekday', 'un')).toEqual(['0']);
    expect(await searched('agent', 'nothing like it')).toEqual([]);
  });

  it('takes * for anything, and then the whole name', async () => {
    expect(await searched('agent', 'bill*')).toEqual(['a1']);
    expect(await searched('agent', '*bot')).toEqual(['a1']);
    expect(await searched('agent', 'ot*')).toEqual([]);
    expect(await searched('statusClass', '*xx')).toEqual(['2xx', '4xx', '5xx']);
    expect(await searched('weekday', 'S*day')).toEqual(['0', '6']);
    expect(await searched('hourOfDay', '09*')).toEqual(['9']);
    expect(await searched('agent', '*')).toHaveLength(5);
  });

  it('takes %, _ and \\ for themselves', async () => {
    expect(await searched('agent', '%')).toEqual(['a2']);
    expect(await searched('agent', '_')).toEqual(['a2']);
    expect(await searched('agent', '\\')).toEqual(['zeta']);
    expect(await searched('agent', '50%*')).toEqual([]);
    expect(await searched('agent', '.*')).toEqual([]);
    expect(await searched('agent', '[a-z]')).toEqual([]);
  });

  it('gives no more than the limit', async () => {
    expect(await values('agent/values?limit=2')).toHaveLength(2);
    expect(await values('weekday/values?limit=3')).toHaveLength(3);
  });

  it('shows nothing of another tenant', async () => {
    for (const dimension of ['agent', 'endpoint', 'statusCode', 'statusClass']) {
      expect(JSON.stringify(await values(`${dimension}/values`))).not.toMatch(/theirs|226/i);
    }
    expect(await values('agent/values', 'other')).toEqual([['theirs', 'Theirs']]);
  });

  it('is a 404 for a dimension that there is not, which names those there are', async () => {
    for (const name of ['nonsense', 'Agent', '__proto__', 'x'.repeat(300)]) {
      const response = await t.get(`dimensions/${name}/values`);
      expect(refusalOf(response)).toEqual([404, 'NOT_FOUND']);
      expect(response.json()).toMatchObject({ message: expect.stringContaining('statusClass') });
    }
  });

  it.each(['limit=0', 'limit=10001', 'limit=x', `search=${'x'.repeat(257)}`, 'find=x'])(
    'refuses %.20s',
    async (query) => {
      expect(refusalOf(await t.get(`dimensions/agent/values?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
    },
  );
});
