/** The directory: who the ids of agents and users are, entered by hand or learned from facts. */
import type { LightMyRequestResponse } from 'fastify';
import { MAX_ENTERED } from '../../src/tenants/directory.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call, rotated } from '../support/events.js';
import { execution } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Entry extends Json {
  name: string | null;
}
interface Page {
  agents: Entry[];
  users: Entry[];
  next_cursor: string | null;
}

async function change(
  method: 'PUT' | 'DELETE',
  path: string,
  tenant: string,
  payload?: object,
): Promise<LightMyRequestResponse> {
  const headers = await t.headers({ tenant, scopes: ['analytics:write'] });
  return t.app.inject({ method, url: `/api/v1/analytics/directory/${path}`, headers, payload });
}
const put = async (path: string, tenant: string, payload: object): Promise<Json> => {
  const response = await change('PUT', path, tenant, payload);
  expect([response.statusCode, response.body]).toEqual([200, expect.anything()]);
  return response.json();
};
const agentsOf = async (tenant: string, query = ''): Promise<Entry[]> =>
  (await t.read<Page>(`directory/agents${query}`, tenant)).agents;
const usersOf = async (tenant: string, query = ''): Promise<Entry[]> =>
  (await t.read<Page>(`directory/users${query}`, tenant)).users;
const run = async (tenant: string, ...executions: object[]): Promise<Json> =>
  (await t.post('/api/v1/executions', { executions }, tenant)).json();

describe('an agent in the directory', () => {
  it('is registered by PUT, which changes only what it is given', async () => {
    const tenant = t.tenant();
    const made = await put('agents/a-1', tenant, { name: 'Billing bot', tags: ['billing', 'eu', 'billing'] });
    expect(made).toEqual({
      agent_id: 'a-1',
      name: 'Billing bot',
      tags: ['billing', 'eu'],
      created_by: null,
      first_seen_at: null,
      last_seen_at: null,
      last_rotated_at: null,
      deleted_at: null,
    });
    expect(await put('agents/a-1', tenant, { created_by: 'u-1' })).toEqual({ ...made, created_by: 'u-1' });
    expect(await put('agents/a-1', tenant, {})).toEqual({ ...made, created_by: 'u-1' });
    expect(await put('agents/a-1', tenant, { name: null, tags: [] })).toEqual({
      ...made,
      name: null,
      tags: [],
      created_by: 'u-1',
    });
  });

  it('has the times of its events and executions', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [
      call('2026-03-10T08:00:00.250Z', { agentId: 'a' }),
      rotated('2026-03-11T08:00:00Z', { agentId: 'a' }),
    ]);
    await run(tenant, execution(1, '2026-03-12T08:00:00Z', { agent_id: 'a', execution_time_ms: 5 }));
    await t.rollup();
    expect(await agentsOf(tenant)).toMatchObject([
      {
        agent_id: 'a',
        first_seen_at: '2026-03-10T08:00:00.250Z',
        last_seen_at: '2026-03-12T08:00:00.000Z',
        last_rotated_at: '2026-03-11T08:00:00.000Z',
      },
    ]);
  });

  it('is found by part of its id or name, and by a tag', async () => {
    const tenant = t.tenant();
    await put('agents/alpha', tenant, { name: 'Söderholm 50%', tags: ['x'] });
    await put('agents/beta', tenant, { tags: ['x', 'y'] });
    const found = async (query: string): Promise<unknown[]> =>
      (await agentsOf(tenant, query)).map(({ agent_id }) => agent_id);
    expect(await found('?search=LPH')).toEqual(['alpha']);
    expect(await found('?search=s%C3%B6der')).toEqual(['alpha']);
    expect(await found('?search=50%25')).toEqual(['alpha']);
    expect(await found('?search=%25')).toEqual(['alpha']);
    expect(await found('?search=_')).toEqual([]);
    expect(await found('?tag=x')).toEqual(['alpha', 'beta']);
    expect(await found('?tag=y')).toEqual(['beta']);
    expect(await found('?tag=X')).toEqual([]);
    expect(await found('?tag=x&search=beta')).toEqual(['beta']);
  });

  it('stays in the directory when it is deleted, and is back when it acts or is entered again', async () => {
    const tenant = t.tenant();
    await put('agents/a', tenant, { name: 'A' });
    expect((await change('DELETE', 'agents/a', tenant)).statusCode).toBe(204);
    expect(await agentsOf(tenant)).toMatchObject([{ name: 'A', deleted_at: expect.any(String) }]);
    const { values } = await t.read<{ values: unknown[] }>('dimensions/agent/values', tenant);
    expect(values).toEqual([]);
    expect((await change('DELETE', 'agents/a', tenant)).statusCode).toBe(204);
    expect(await put('agents/a', tenant, {})).toMatchObject({ name: 'A', deleted_at: null });
    expect(refusalOf(await change('DELETE', 'agents/b', tenant))).toEqual([404, 'AGENT_NOT_FOUND']);
  });

  it('comes page by page, each once', async () => {
    const tenant = t.tenant();
    const ids = Array.from({ length: 7 }, (_, i) => `agent-${i}`);
    for (const id of ids) await put(`agents/${id}`, tenant, {});
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await t.read<Page>(
        `directory/agents?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
        tenant,
      );
      expect(page.agents.length).toBeLessThanOrEqual(3);
      seen.push(...page.agents.map(({ agent_id }) => agent_id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids);
  });

  it.each([
    [
      { tags: Array.from({ length: 51 }, (_, i) => `tag-${i}`) },
      'field tags must NOT have more than 50 items',
    ],
    [{ tags: ['x'.repeat(65)] }, 'field tags.0 must NOT have more than 64 characters'],
    [{ tags: [''] }, 'field tags.0 must NOT have fewer than 1 characters'],
    [{ tags: ['\0'] }, 'field tags.0 must not contain U+0000'],
    [{ tags: null }, 'field tags must be array'],
    [{ name: '' }, expect.stringContaining('field name')],
    [{ created_by: 'a b' }, expect.stringContaining('field created_by')],
    [{ colour: 'red' }, expect.stringContaining('unknown field "colour"')],
  ])('refuses %j', async (body, message) => {
    const response = await change('PUT', 'agents/a', 'acme', body);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toEqual(message);
  });

  it('may have 50 tags of 64 characters', async () => {
    const tags = Array.from({ length: 50 }, (_, i) => String(i).padEnd(64, 'ü'));
    expect(await put('agents/a', t.tenant(), { tags })).toMatchObject({ tags });
  });

  it('is written with analytics:write only', async () => {
    const headers = await t.headers({ tenant: 'acme', scopes: ['analytics:read'] });
    for (const path of ['agents/a', 'users/u'])
      for (const method of ['PUT', 'DELETE'] as const) {
        const url = `/api/v1/analytics/directory/${path}`;
        expect(refusalOf(await t.app.inject({ method, url, headers }))).toEqual([403, 'FORBIDDEN']);
      }
  });
});

describe('a full directory', () => {
  it('takes no new entry by PUT, but changes and facts', async () => {
    const tenant = t.tenant();
    await put('agents/a', tenant, {});
    await put('users/u', tenant, {});
    for (const table of ['agents', 'users'])
      await t.pool.query(
        `INSERT INTO ${table} (tenant_id, id) SELECT $1, 'x-' || n FROM generate_series(2, $2::int) n`,
        [tenant, MAX_ENTERED],
      );
    for (const [path, what] of [
      ['agents', 'agents'],
      ['users', 'users'],
    ]) {
      const response = await change('PUT', `${path}/new`, tenant, { name: 'New' });
      expect(refusalOf(response)).toEqual([409, 'CONFLICT']);
      expect(response.json<Json>().message).toMatch(`there are 100000 ${what} already`);
      expect((await change('PUT', `${path}/x-2`, tenant, { name: 'Old' })).statusCode).toBe(200);
    }
    await run(tenant, execution(1, '2026-03-12T08:00:00Z', { agent_id: 'new', user_id: 'new-user' }));
    expect(await agentsOf(tenant, '?search=new')).toMatchObject([{ agent_id: 'new' }]);
    expect(await usersOf(tenant, '?search=new')).toMatchObject([{ user_id: 'new-user' }]);
  });
});

describe('a user in the directory', () => {
  it('is registered by PUT, found, and forgotten', async () => {
    const tenant = t.tenant();
    const made = await put('users/u-1', tenant, { name: 'Ada', email: 'ada@example.org' });
    expect(made).toEqual({
      user_id: 'u-1',
      name: 'Ada',
      email: 'ada@example.org',
      created_at: expect.stringMatching(/Z$/),
      last_seen_at: null,
    });
    expect(await put('users/u-1', tenant, { name: 'Ada L.' })).toEqual({ ...made, name: 'Ada L.' });
    for (const search of ['EXAMPLE.org', 'ada', 'u-']) {
      expect(await usersOf(tenant, `?search=${search}`)).toHaveLength(1);
    }
    expect(await usersOf(tenant, '?search=bob')).toEqual([]);
    expect((await change('DELETE', 'users/u-1', tenant)).statusCode).toBe(204);
    expect(await usersOf(tenant)).toEqual([{ ...made, name: null, email: null }]);
    expect(refusalOf(await change('DELETE', 'users/u-2', tenant))).toEqual([404, 'NOT_FOUND']);
    expect(refusalOf(await change('PUT', 'users/u-1', tenant, { email: 'no address' }))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });

  it('is registered by events and executions, with the time of the last of them', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [
      call('2026-03-10T08:00:00Z', { userId: 'by-event', userName: 'Eve' }),
      call('2026-03-18T11:59:30.125Z', { userId: 'by-event' }),
      call('2026-03-10T08:00:00Z', { userId: 'by-both' }),
      call('2026-03-10T08:00:00Z', {}),
    ]);
    await run(
      tenant,
      execution(1, '2026-03-12T08:00:00Z', { user_id: 'by-both', completed_at: '2026-03-12T08:00:05Z' }),
      execution(2, '2026-03-01T08:00:00Z', { user_id: 'by-execution', user_name: 'Xi' }),
    );
    await t.rollup();
    expect(await usersOf(tenant)).toMatchObject([
      { user_id: 'by-both', name: null, last_seen_at: '2026-03-12T08:00:05.000Z' },
      { user_id: 'by-event', name: 'Eve', last_seen_at: '2026-03-18T11:59:30.125Z' },
      { user_id: 'by-execution', name: 'Xi', last_seen_at: '2026-03-01T08:00:00.000Z' },
    ]);
  });

  it('is not named again by a fact that is sent again', async () => {
    const tenant = t.tenant();
    const old = execution(1, '2026-03-12T08:00:00Z', { user_id: 'u', user_name: 'Old name' });
    const event = call('2026-03-10T08:00:00Z', {
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      userId: 'v',
      userName: 'Old name',
    });
    await run(tenant, old);
    await t.send(tenant, [event]);
    await run(tenant, execution(2, '2026-03-12T08:00:00Z', { user_id: 'u', user_name: 'New name' }));
    await change('DELETE', 'users/v', tenant);
    expect(await run(tenant, old)).toMatchObject({ duplicates: 1 });
    expect((await t.post('/api/v1/events', { events: [event] }, tenant)).json()).toMatchObject({
      duplicates: 1,
    });
    // Nor by another process, which knows nothing of what was there before.
    const other = await testApp({ database: t.database });
    await other.post('/api/v1/executions', { executions: [old] }, tenant);
    await other.post('/api/v1/events', { events: [event] }, tenant);
    await other.close();
    expect((await usersOf(tenant)).map(({ name }) => name)).toEqual(['New name', null]);
  });

  it('is shown with an execution', async () => {
    const tenant = t.tenant();
    const sent = execution(1, '2026-03-12T08:00:00Z', { user_id: 'u', user_name: 'Ada' });
    await run(tenant, sent, execution(2, '2026-03-12T09:00:00Z', { user_id: 'nameless' }));
    await put('users/u', tenant, { name: 'Ada L.' });
    const { items } = await t.read<{ items: Json[] }>('executions', tenant);
    expect(items.map(({ user_id, user_name }) => [user_id, user_name])).toEqual([
      ['nameless', null],
      ['u', 'Ada L.'],
    ]);
  });
});

describe('the tags of an agent', () => {
  const tagged = (n: number, agent_tags: unknown, rest: object = {}) =>
    execution(n, '2026-03-12T08:00:00Z', { agent_id: 'a', agent_tags, ...rest });
  const tagsOf = async (tenant: string): Promise<unknown> => (await agentsOf(tenant))[0]?.tags;

  it('are those of its latest new execution that has some', async () => {
    const tenant = t.tenant();
    await run(tenant, tagged(1, ['old']));
    expect(await tagsOf(tenant)).toEqual(['old']);
    await run(tenant, tagged(2, ['new "quoted"', 'b\\ack'], { agent_name: 'A' }));
    await run(tenant, tagged(3, null));
    expect(await tagsOf(tenant)).toEqual(['new "quoted"', 'b\\ack']);
    // Sent again, an old one changes nothing; nor by a process that starts.
    await run(tenant, tagged(1, ['old']));
    const other = await testApp({ database: t.database });
    await other.post('/api/v1/executions', { executions: [tagged(1, ['old'])] }, tenant);
    await other.close();
    expect(await tagsOf(tenant)).toEqual(['new "quoted"', 'b\\ack']);
    await run(tenant, tagged(4, []));
    expect(await tagsOf(tenant)).toEqual([]);
  });

  it('are limited as in the directory', async () => {
    const outcome = async (agent_tags: unknown): Promise<unknown> =>
      (await t.post('/api/v1/executions', { executions: [tagged(1, agent_tags)] }, t.tenant())).json<{
        details?: { rejected: { message: string }[] };
      }>().details?.rejected[0]?.message;
    expect(await outcome(Array.from({ length: 51 }, (_, i) => String(i)))).toBe(
      'field agent_tags must NOT have more than 50 items',
    );
    expect(await outcome(['x'.repeat(65)])).toBe('field agent_tags.0 must NOT have more than 64 characters');
    expect(await outcome('x')).toBe('field agent_tags must be array or null');
  });
});
