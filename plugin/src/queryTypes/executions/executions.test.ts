import type { DataFrame } from '@grafana/data';
import type { ExecutionListRequest } from '../../api/types';
import { field } from '../../test/answers';
import { FakeBackend, type Reply } from '../../test/backend';
import { execution } from '../../test/executions';
import { datasource, panelRequest, query, run, type RequestOptions } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import type { AnalyticsQuery } from '../../query';
import type { Filter } from '../../types';

const ROUTE = 'token/api/v1/analytics/executions';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
  answerWith(3);
});

/** Returns the requested page of this many executions. */
function answerWith(total: number): void {
  backend.on('GET', ROUTE, ({ params }): Reply => {
    const { cursor = '0', page_size } = params as ExecutionListRequest;
    const first = Number(cursor);
    const size = Math.min(page_size, total - first);
    const next = first + size;
    return {
      data: {
        items: Array.from({ length: size }, (_, index) => execution({ id: `e${first + index}` })),
        total,
        next_cursor: next < total ? String(next) : null,
      },
    };
  });
}

const list = (changes: Partial<AnalyticsQuery> = {}, options?: RequestOptions) =>
  run(datasource(), [query({ queryType: 'executions', metric: '', ...changes })], options);
const asked = () => backend.sent('/executions').map(({ params }) => params as ExecutionListRequest);
const only = (dimension: string, ...values: string[]): Filter => ({ dimension, operator: 'in', values });

describe('a list of executions', () => {
  it('is requested for the time range, with the default limit', async () => {
    const { data, errors } = await list();
    expect(errors).toBeUndefined();
    expect(asked()).toEqual([
      { start_time: '2026-03-15T00:00:00.000Z', end_time: '2026-04-14T00:00:00.000Z', page_size: 50 },
    ]);
    expect((data[0] as DataFrame).length).toBe(3);
  });

  it('is filtered by every dimension of the route, by any of several values', async () => {
    await list({
      filters: [
        only('agent', 'a1', 'a2'),
        only('user', 'u-7'),
        only('flow', 'f'),
        only('model', 'gpt-4o'),
        only('executionStatus', 'failure', 'timeout'),
        only('errorType', 'ToolError'),
      ],
    });
    expect(asked()[0]).toMatchObject({
      agent_id: ['a1', 'a2'],
      user_id: ['u-7'],
      flow_id: ['f'],
      model_name: ['gpt-4o'],
      status: ['failure', 'timeout'],
      error_type: ['ToolError'],
    });
  });

  it('is filtered by variables unless they are set to All', async () => {
    fakeTemplates({ agent: { value: ['a1', 'a2'] }, model: { value: '$__all' } });
    await list({ filters: [only('agent', '$agent'), only('model', '$model')] });
    expect(asked()[0]).toMatchObject({ agent_id: ['a1', 'a2'] });
    expect(asked()[0]).not.toHaveProperty('model_name');
  });

  it('has all executions of a session, whenever they ran', async () => {
    fakeTemplates({ session: { value: 's-1' } });
    await list({ sessionId: '$session' });
    expect(asked()).toEqual([{ session_id: ['s-1'], page_size: 50 }]);
  });

  it('has those of the time range if no session is chosen', async () => {
    fakeTemplates({ session: { value: '' } });
    await list({ sessionId: '$session' });
    expect(asked()[0]).toMatchObject({ start_time: '2026-03-15T00:00:00.000Z' });
    expect(asked()[0]).not.toHaveProperty('session_id');
  });

  it('must match both of two filters by the same dimension', async () => {
    await list({ filters: [only('agent', 'a1', 'a2'), only('agent', 'a2', 'a3')] });
    expect(asked()[0]?.agent_id).toEqual(['a2']);
  });

  it('is not requested if no execution can match', async () => {
    const { data, errors } = await list({ filters: [only('agent', 'a1'), only('agent', 'a2')] });
    expect(data).toEqual([]);
    expect(errors).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  it.each<[Filter, string]>([
    [only('endpoint', 'GET /a'), 'cannot be filtered by “endpoint”, only by agent, user, flow, model'],
    [{ ...only('agent', 'a1'), operator: 'notIn' }, '“agent” cannot be filtered by leaving out a1'],
    [{ ...only('model', 'gpt*'), operator: 'matches' }, '“model” cannot be filtered by the pattern gpt*'],
  ])('fails for a filter that the route cannot apply: %j', async (filter, words) => {
    const { errors } = await list({ filters: [filter] });
    expect(errors?.[0]?.message).toContain(words);
    expect(asked()).toEqual([]);
  });

  it('is sorted', async () => {
    await list({ orderBy: { by: 'cost_usd', direction: 'desc' } });
    expect(asked()[0]).toMatchObject({ sort_by: 'cost_usd', sort_order: 'desc' });
  });

  it('is read page by page up to its limit', async () => {
    answerWith(900);
    const { data } = await list({ limit: 450 });
    expect(asked().map(({ page_size, cursor }) => [page_size, cursor])).toEqual([
      [200, undefined],
      [200, '200'],
      [50, '400'],
    ]);
    const ids = field(data[0], 'Execution').values as string[];
    expect(ids).toHaveLength(450);
    expect([ids[0], ids.at(-1)]).toEqual(['e0', 'e449']);
    expect((data[0] as DataFrame).meta?.notices).toBeUndefined();
  });

  it('is cut at a thousand rows, with a notice', async () => {
    answerWith(1_500);
    const { data } = await list({ limit: 5_000 });
    expect((data[0] as DataFrame).length).toBe(1_000);
    expect((data[0] as DataFrame).meta?.notices).toEqual([
      { severity: 'warning', text: expect.stringContaining('1000 of 1500 executions') },
    ]);
  });

  it('without rows is no frame', async () => {
    answerWith(0);
    expect((await list()).data).toEqual([]);
  });

  it('has an error if it cannot be read', async () => {
    backend.on('GET', ROUTE, () => ({
      status: 400,
      data: { code: 'INVALID_DATE_RANGE', message: 'start_time must lie before end_time' },
    }));
    const { errors } = await list();
    expect(errors?.[0]?.message).toBe(
      'AgentIdP Analytics refused the query. start_time must lie before end_time',
    );
    backend.on('GET', ROUTE, () => ({ data: { hello: 'world' } }));
    expect((await list()).errors?.[0]?.message).toContain('not from AgentIdP Analytics');
  });

  it('is cancelled at any page when the panel unsubscribes', () => {
    answerWith(900);
    let pages = 0;
    const first = { items: [execution()], total: 900, next_cursor: '1' };
    backend.on('GET', ROUTE, () => (pages++ === 0 ? { data: first } : 'never'));
    datasource()
      .query(panelRequest([query({ queryType: 'executions', metric: '' })]))
      .subscribe()
      .unsubscribe();
    expect(backend.cancelled).toBe(1);
  });
});

describe('ad-hoc filters of the dashboard', () => {
  it('restrict the list by its dimensions, with a notice about the others', async () => {
    const { data } = await list(
      { filters: [only('agent', 'a1', 'a2')] },
      {
        filters: [
          { key: 'agent', operator: '=', value: 'a2' },
          { key: 'statusClass', operator: '=', value: '5xx' },
        ],
      },
    );
    expect(asked()[0]?.agent_id).toEqual(['a2']);
    expect(asked()[0]).not.toHaveProperty('statusClass');
    expect((data[0] as DataFrame).meta?.notices).toEqual([
      {
        severity: 'warning',
        text: 'Not filtered by Status class: the list of executions does not support this filter.',
      },
    ]);
  });

  it('that exclude values fail the list', async () => {
    const filters = [{ key: 'agent', operator: '!=', value: 'a2' }];
    expect((await list({}, { filters })).errors?.[0]?.message).toContain('leaving out a2');
  });
});
