import type { DataFrame } from '@grafana/data';
import type { Parameters } from '../../api/types';
import type { AnalyticsQuery } from '../../query';
import { field } from '../../test/answers';
import { FakeBackend, type Reply } from '../../test/backend';
import { columnsOf, datasource, query, run, type RequestOptions } from '../../test/requests';
import { METRICS, session, SESSIONS } from '../../test/sessions';
import { fakeTemplates } from '../../test/templates';
import type { Filter } from '../../types';

const ROUTE = 'token/api/v1/analytics/sessions';
const HOURS = { start_time: '2026-03-15T00:00:00.000Z', end_time: '2026-04-14T00:00:00.000Z' };

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend()
    .on('GET', ROUTE, () => ({ data: SESSIONS }))
    .on('GET', `${ROUTE}/metrics`, () => ({ data: METRICS }));
});

const ask = (changes: Partial<AnalyticsQuery> = {}, options?: RequestOptions) =>
  run(datasource(), [query({ queryType: 'sessions', metric: '', ...changes })], options);
const asked = () => backend.sent('/sessions').map(({ params }) => params as Parameters);
const only = (dimension: string, ...values: string[]): Filter => ({ dimension, operator: 'in', values });

/** Returns the requested page of this many sessions. */
function answerWith(total: number): void {
  backend.on('GET', ROUTE, ({ params }): Reply => {
    const { cursor = '0', limit } = params as { cursor?: string; limit: number };
    const first = Number(cursor);
    const size = Math.min(limit, total - first);
    const next = first + size;
    const page = Array.from({ length: size }, (_, index) => session({ session_id: `s${first + index}` }));
    return { data: { sessions: page, next_cursor: next < total ? String(next) : null } };
  });
}

describe('a list of sessions', () => {
  it('has one row per session', async () => {
    const { data, errors } = await ask();
    expect(errors).toBeUndefined();
    expect(asked()).toEqual([{ ...HOURS, limit: 50 }]);
    expect(columnsOf(data[0])).toEqual({
      Started: [Date.parse('2026-04-01T09:00:00Z')],
      Session: ['s-1'],
      Status: ['completed'],
      Duration: [150],
      Executions: [3],
      Steps: [7],
      Agents: ['billing-bot, a2'],
      User: ['u-7'],
      Environment: ['production'],
      Tokens: [4_200],
      Cost: [0.125],
      'Unpriced executions': [0],
      Flow: ['search → thought → pay'],
    });
    expect(field(data[0], 'Duration').config.unit).toBe('s');
    expect(field(data[0], 'Cost').config.unit).toBe('currencyUSD');
  });

  it('links each session to its executions', async () => {
    const [link] = field((await ask()).data[0], 'Session').config.links ?? [];
    expect(link?.url).toBe(
      '/d/agentidp-executions?var-session=${__data.fields.Session:percentencode}&var-datasource=analytics-uid&${__url_time_range}',
    );
  });

  it('is filtered by an agent, a user and a status', async () => {
    fakeTemplates({ status: { value: 'failed' }, agent: { value: 'a1' } });
    await ask({ sessionStatus: '$status', filters: [only('agent', '$agent'), only('user', 'u-7')] });
    expect(asked()[0]).toMatchObject({ agent_id: 'a1', user_id: 'u-7', status: 'failed' });
  });

  it('is not filtered by variables that are set to All or empty', async () => {
    fakeTemplates({ status: { value: '' }, agent: { value: '$__all' } });
    await ask({ sessionStatus: '$status', filters: [only('agent', '$agent')] });
    expect(asked()[0]).toEqual({ ...HOURS, limit: 50 });
  });

  it('is not filtered by a variable with every status, but never silently by one of several', async () => {
    const status = (...value: string[]) => fakeTemplates({ status: { value } });
    status('active', 'completed', 'failed');
    await ask({ sessionStatus: '$status' });
    status('active', 'failed');
    await ask({ sessionStatus: '$status' });
    expect(asked().map((parameters) => parameters.status)).toEqual([undefined, 'active,failed']);
  });

  it('is filtered by the ad-hoc filters of the dashboard that its route has', async () => {
    const filters = ['user', 'statusClass'].map((key) => ({ key, operator: '=', value: 'x' }));
    const { data } = await ask({}, { filters });
    expect(asked()[0]).toMatchObject({ user_id: 'x' });
    expect((data[0] as DataFrame).meta?.notices).toEqual([
      {
        severity: 'warning',
        text: 'Not filtered by Status class: a list of sessions cannot be filtered by it.',
      },
    ]);
  });

  it('is an error for several agents', async () => {
    const { errors } = await ask({ filters: [only('agent', 'a1', 'a2')] });
    expect(errors?.[0]?.message).toContain('by one value of “agent”, not by 2: a1, a2');
    expect(asked()).toEqual([]);
  });

  it('is not requested if no session can match', async () => {
    const { data, errors } = await ask({ filters: [only('agent', 'a1'), only('agent', 'a2')] });
    expect([data, errors]).toEqual([[], undefined]);
    expect(asked()).toEqual([]);
  });

  it('is read page by page up to its limit', async () => {
    answerWith(900);
    const { data } = await ask({ limit: 450 });
    expect(asked().map(({ limit, cursor }) => [limit, cursor])).toEqual([
      [200, undefined],
      [200, '200'],
      [50, '400'],
    ]);
    expect(new Set(field(data[0], 'Session').values).size).toBe(450);
    expect((data[0] as DataFrame).meta?.notices).toBeUndefined();
  });

  it('is cut at a thousand rows, with a notice', async () => {
    answerWith(1_001);
    const { data } = await ask({ limit: 5_000 });
    expect((data[0] as DataFrame).length).toBe(1_000);
    expect((data[0] as DataFrame).meta?.notices).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('the latest 1000 sessions') },
    ]);
  });

  it('names sessions of which not all executions are counted', async () => {
    backend.on('GET', ROUTE, () => ({
      data: { ...SESSIONS, sessions: [session(), session({ session_id: 'endless', truncated: true })] },
    }));
    const { data } = await ask();
    expect((data[0] as DataFrame).meta?.notices).toMatchObject([
      { text: 'Not all executions are counted, because there are too many: endless.' },
    ]);
  });

  it('of a short time range says which hour it shows', async () => {
    const { data } = await ask({}, { from: '2026-04-10T12:15:00Z', to: '2026-04-10T12:45:00Z' });
    expect((data[0] as DataFrame).meta?.notices).toMatchObject([
      { severity: 'info', text: expect.stringContaining('2026-04-10 12:00 to 2026-04-10 13:00') },
    ]);
  });

  it('without rows is no frame', async () => {
    answerWith(0);
    expect((await ask()).data).toEqual([]);
  });

  it('has the error of the exporter', async () => {
    backend.on('GET', ROUTE, () => ({
      status: 400,
      data: { code: 'VALIDATION_ERROR', message: 'status must be active, completed or failed' },
    }));
    expect((await ask()).errors?.[0]?.message).toContain('status must be active, completed or failed');
  });
});

describe('the figures of sessions', () => {
  it('are one row', async () => {
    const { data } = await ask({ sessionPart: 'metrics', filters: [only('agent', 'a1')] });
    expect(backend.sent('/sessions/metrics')[0]?.params).toEqual({ ...HOURS, agent_id: 'a1' });
    expect(columnsOf(data[0])).toEqual({
      Sessions: [10],
      Active: [1],
      Ended: [9],
      Duration: [61.5],
      Executions: [1.5],
      Steps: [4.2],
      'Completion rate': [77.7],
      'Executions without session': [3],
    });
    expect(field(data[0], 'Completion rate').config.unit).toBe('percent');
  });

  it('have nulls and zeros without sessions', async () => {
    const none = { ...METRICS, total_sessions: 0, avg_duration_sec: null, completion_rate: null };
    backend.on('GET', `${ROUTE}/metrics`, () => ({ data: none }));
    const { data } = await ask({ sessionPart: 'metrics' });
    expect(columnsOf(data[0])).toMatchObject({ Sessions: [0], Duration: [null], 'Completion rate': [null] });
  });

  it('cannot be filtered by a user', async () => {
    const { errors } = await ask({ sessionPart: 'metrics', filters: [only('user', 'u-7')] });
    expect(errors?.[0]?.message).toBe('Figures of sessions cannot be filtered by “user”, only by agent.');
  });

  it('must be an answer of the exporter', async () => {
    backend.on('GET', `${ROUTE}/metrics`, () => ({ data: { hello: 'world' } }));
    const { errors } = await ask({ sessionPart: 'metrics' });
    expect(errors?.[0]?.message).toContain('not from AgentIdP Analytics');
  });
});
