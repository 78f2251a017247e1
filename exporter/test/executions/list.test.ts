/** `GET /executions`: filters, sorts, counts and pages. */
import { refusalOf, testApp, type TestApp, outcomeOf } from '../support/app.js';
import { execution, type TestExecution, uuid } from '../support/executions.js';
import { FLEET, sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const send = (tenant: string, executions: readonly TestExecution[]): Promise<void> =>
  sendAndRollup(t, tenant, executions);

interface Page {
  items: { id: string }[];
  page: number | null;
  total: number;
  total_pages: number;
  next_cursor: string | null;
}

describe('GET /executions', () => {
  const list = (tenant: string, query = ''): Promise<Page> => t.read<Page>(`executions?${query}`, tenant);
  const ids = ({ items }: Page): number[] => items.map(({ id }) => Number(id.slice(-12)));

  it('filters and sorts', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    expect(ids(await list(tenant))).toEqual([4, 1, 2, 3, 5]);
    expect(ids(await list(tenant, 'sort_order=asc'))).toEqual([5, 3, 2, 1, 4]);
    expect(ids(await list(tenant, 'sort_by=execution_time_ms'))).toEqual([3, 2, 1, 5, 4]);
    expect(ids(await list(tenant, 'sort_by=cost_usd')).slice(0, 3)).toEqual([1, 5, 2]);
    expect(ids(await list(tenant, 'sort_by=total_tokens')).slice(0, 3)).toEqual([1, 2, 3]);
    for (const [query, found] of [
      ['status=running', [4]],
      ['agent_id=a', [1, 2]],
      ['user_id=u-2', [2]],
      ['session_id=s-1', [1]],
      ['flow_id=f-1', [1]],
      ['model_name=acme-1', [3]],
      ['error_type=RateLimit', [2]],
      ['q=ORDER', [1]],
      ['q=%25', []],
      ['q=*', []],
      ['q=O*R', []],
      ['agent_id=a&agent_id=nobody', [1, 2]],
      ['status=running&status=timeout', [4, 3]],
      ['model_name=acme-1&agent_id=a', []],
      ['start_time=2026-03-18T09:00:00Z', [4, 1]],
      ['start_time=2026-03-16T00:00:00Z&end_time=2026-03-18T10:00:00%2B01:00', [2, 3]],
      ['period=24h', [4, 1, 2]],
      ['start_date=2026-03-16&end_date=2026-03-16', [3]],
    ] as const) {
      expect([query, ids(await list(tenant, query))]).toEqual([query, found]);
    }
    expect(ids(await list(t.tenant()))).toEqual([]);
  });

  it('counts what has come in since the last rollup, what has moved, and not what retention has dropped', async () => {
    const tenant = t.tenant();
    const total = async (query = ''): Promise<number> => (await list(tenant, query)).total;
    await send(tenant, FLEET);
    expect(await total()).toBe(5);
    const more = {
      executions: [
        execution(6, '2026-03-16T09:00:00Z'),
        execution(3, '2026-03-11T08:00:00Z', { agent_id: 'b' }),
      ],
    };
    await t.post('/api/v1/executions', more, tenant);
    const counts = async (): Promise<number[]> =>
      Promise.all(
        [
          '',
          'status=success',
          'agent_id=b',
          'agent_id=b&status=timeout',
          'user_id=u-1',
          'flow_id=f-1',
          'session_id=s-1',
        ].map(total),
      );
    const wanted = [6, 4, 2, 0, 1, 1, 1];
    expect(await counts()).toEqual(wanted);
    await t.rollup();
    expect(await counts()).toEqual(wanted);
    const app = await testApp({
      database: t.database,
      now: '2026-03-18T12:00:00Z',
      env: { RETENTION_DAYS: '5', MINUTE_RETENTION_HOURS: '2' },
    });
    const retention = app.services.jobs.find(({ name }) => name === 'retention')!;
    expect(
      await retention.run(Date.parse('2026-03-18T12:00:00Z'), new AbortController().signal),
    ).toBeGreaterThan(0);
    expect([await total(), await total('agent_id=b')]).toEqual([4, 1]);
    expect((await list(tenant)).items).toHaveLength(4);
    // What was counted by day stays, and an older one is refused, for its hour could not be recomputed.
    expect(await t.read('overview?period=30d', tenant)).toMatchObject({ total_executions: 6 });
    const old = { executions: [execution(7, '2026-03-10T09:00:00Z')] };
    expect(outcomeOf(await app.post('/api/v1/executions', old, tenant))).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'EXECUTION_TOO_OLD' }],
    });
    await app.close();
  });

  it('counts a range by whole days and by what begins or ends within one, as a recount does', async () => {
    const tenant = t.tenant();
    const hours = Array.from(
      { length: 24 * 4 },
      (_, i) => Date.parse('2026-03-14T00:30:00Z') + i * 3_600_000,
    );
    const sent = hours.map((at, i) =>
      execution(i, new Date(at).toISOString(), {
        agent_id: `a-${i % 3}`,
        status: i % 2 ? 'success' : 'failure',
      }),
    );
    await send(tenant, sent);
    // A day that is to be recomputed, of which the aggregates do not know yet.
    const late = execution(999, '2026-03-15T05:00:00Z', { agent_id: 'a-0', status: 'failure' });
    await t.post('/api/v1/executions', { executions: [late] }, tenant);
    const times = [
      undefined,
      ...['14T00:00', '14T10:15', '15T00:00', '15T12:00', '17T00:00', '17T23:59'].map(
        (at) => `2026-03-${at}:00Z`,
      ),
    ];
    for (const filter of ['', 'status=failure', 'agent_id=a-0', 'agent_id=a-0&status=failure', 'q=nothing']) {
      const wanted = new URLSearchParams(filter);
      for (const from of times) {
        for (const to of times) {
          if (from !== undefined && to !== undefined && from >= to) continue;
          const query = new URLSearchParams(filter);
          if (from !== undefined) query.set('start_time', from);
          if (to !== undefined) query.set('end_time', to);
          const found = [...sent, late].filter(
            (one) =>
              [...wanted].every(([name, value]) => one[name] === value) &&
              (from === undefined || Date.parse(one.started_at) >= Date.parse(from)) &&
              (to === undefined || Date.parse(one.started_at) < Date.parse(to)),
          );
          expect([query.toString(), (await list(tenant, query.toString())).total]).toEqual([
            query.toString(),
            found.length,
          ]);
        }
      }
    }
  });

  it('counts the whole days of a range without looking at their executions', async () => {
    const tenant = t.tenant();
    await send(tenant, [execution(1, '2026-03-16T09:00:00Z'), execution(2, '2026-03-17T09:00:00Z')]);
    // Nothing marks the days, so that only their aggregates are asked.
    await t.pool.query('DELETE FROM executions WHERE tenant_id = $1', [tenant]);
    expect((await list(tenant, 'start_time=2026-03-16T00:00:00Z&end_time=2026-03-18T10:00:00Z')).total).toBe(
      2,
    );
    expect((await list(tenant, 'start_date=2026-03-17')).total).toBe(1);
  });

  it.each(['started_at', 'execution_time_ms', 'cost_usd', 'total_tokens'])(
    'every page by number and by cursor has what the whole has, by %s',
    async (sort_by) => {
      const tenant = t.tenant();
      const many = Array.from({ length: 23 }, (_, i) =>
        execution(i, `2026-03-18T0${i % 5}:00:00Z`, {
          ...(i % 3 === 0 ? {} : { execution_time_ms: i % 4, cost_usd: (i % 5) / 7 }),
          input_tokens: i % 6,
        }),
      );
      await send(tenant, many);
      for (const sort_order of ['asc', 'desc']) {
        const query = `sort_by=${sort_by}&sort_order=${sort_order}`;
        const whole = await list(tenant, `${query}&page_size=200`);
        expect(whole).toMatchObject({ total: 23, total_pages: 1, next_cursor: null });
        const byNumber: number[] = [];
        for (let page = 1; page <= 5; page += 1)
          byNumber.push(...ids(await list(tenant, `${query}&page_size=5&page=${page}`)));
        expect(byNumber).toEqual(ids(whole));
        expect(ids(await list(tenant, `${query}&page_size=5&page=6`))).toEqual([]);
        const byCursor: number[] = [];
        let cursor: string | null = null;
        do {
          const page: Page = await list(
            tenant,
            `${query}&page_size=5${cursor === null ? '' : `&cursor=${cursor}`}`,
          );
          byCursor.push(...ids(page));
          cursor = page.next_cursor;
        } while (cursor !== null);
        expect(byCursor).toEqual(ids(whole));
      }
    },
  );

  it.each([
    'page=0',
    'page_size=201',
    'sort_by=id',
    'sort_order=up',
    'status=done',
    'status=success&status=done',
    'agent_id=a%20b',
    'page=1&page=2',
    'start_time=yesterday',
    'start_time=2026-03-18T09:00:00Z&period=7d',
    'cursor=x',
    `cursor=${Buffer.from('["started_at","desc","no time","x"]').toString('base64url')}`,
    `cursor=${Buffer.from(JSON.stringify(['cost_usd', 'desc', '1', uuid(1)])).toString('base64url')}`,
    'agent=a',
  ])('%s is refused', async (query) => {
    expect(refusalOf(await t.get(`executions?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('names a repeated filter without a place in its list, and times that are no range', async () => {
    const { message } = (await t.get('executions?status=done')).json<{ message: string }>();
    expect(message).toBe('query parameter status must be one of running, success, failure, timeout, blocked');
    const backwards = 'start_time=2026-03-18T09:00:00Z&end_time=2026-03-18T09:00:00Z';
    expect(refusalOf(await t.get(`executions?${backwards}`))).toEqual([400, 'INVALID_DATE_RANGE']);
  });
});
