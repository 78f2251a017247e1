/** Tools, the team and its users. */
import type { DataFrame } from '@grafana/data';
import type { AnalyticsQuery } from '../query';
import { TEAM, TOOLS, USERS } from '../test/agents';
import { at, field } from '../test/answers';
import { FakeBackend } from '../test/backend';
import { columnsOf, datasource, query, run, type RequestOptions } from '../test/requests';
import { fakeTemplates } from '../test/templates';

const API = 'token/api/v1/analytics';
const HOURS = { start_time: '2026-03-15T00:00:00.000Z', end_time: '2026-04-14T00:00:00.000Z' };

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend()
    .on('GET', `${API}/tools`, () => ({ data: TOOLS }))
    .on('GET', `${API}/team`, () => ({ data: TEAM }))
    .on('GET', `${API}/users/activity`, () => ({ data: USERS }));
});

const ask = (changes: Partial<AnalyticsQuery>, options?: RequestOptions) =>
  run(datasource(), [query({ metric: '', ...changes })], options);
const frameOf = async (...asked: Parameters<typeof ask>): Promise<DataFrame | undefined> => {
  const { data, errors } = await ask(...asked);
  expect(errors).toBeUndefined();
  return data[0];
};
const byAgent = { dimension: 'agent', operator: 'in' as const, values: ['a1'] };

describe('tools', () => {
  it('are one row each, with their last error', async () => {
    const frame = await frameOf({ queryType: 'tools', limit: 10, filters: [byAgent] });
    expect(backend.sent('/tools')[0]?.params).toEqual({ ...HOURS, limit: 10, agent_id: 'a1' });
    expect(columnsOf(frame)).toEqual({
      Tool: ['search', '(none)'],
      Calls: [40, 1],
      'Success rate': [97.5, 97.5],
      Duration: [120, 120],
      'P95 duration': [300, 300],
      Cost: [0.4, null],
      Agents: [2, 1],
      'Last error': ['timed out', null],
      'Last error at': [at('2026-04-02T10:00:00Z'), null],
      Execution: ['e-9', null],
    });
    expect(field(frame, 'Execution').config.links?.[0]?.url).toContain('/d/agentidp-execution?');
  });

  it('are no frame if none was called', async () => {
    backend.on('GET', `${API}/tools`, () => ({ data: { tools: [] } }));
    expect(await frameOf({ queryType: 'tools' })).toBeUndefined();
  });

  it('have the error of the exporter', async () => {
    backend.on('GET', `${API}/tools`, () => ({
      status: 404,
      data: { code: 'AGENT_NOT_FOUND', message: 'there is no agent "a1"' },
    }));
    expect((await ask({ queryType: 'tools', filters: [byAgent] })).errors).toHaveLength(1);
  });
});

describe('the team', () => {
  it('has each figure of the period before and of this one', async () => {
    const frame = await frameOf({ queryType: 'team' });
    expect(backend.sent('/team')[0]?.params).toEqual(HOURS);
    expect(columnsOf(frame)).toMatchObject({
      time: [at('2026-02-13T00:00:00Z'), at('2026-03-15T00:00:00Z')],
      'Active users': [2, 4],
      'Active agents': [3, 3],
      Tokens: [90_000, 90_000],
      Cost: [12.5, 12.5],
    });
  });

  it('has no change where there is nothing before', async () => {
    const frame = await frameOf({ queryType: 'team' });
    expect(columnsOf(frame)).toMatchObject({
      Users: [Infinity, 9],
      Agents: [Infinity, 5],
      Executions: [Infinity, 200],
      'Success rate': [Infinity, 95],
    });
    expect(field(frame, 'Users').config.mappings).toHaveLength(1);
  });

  it('has a notice that ad-hoc filters do not apply', async () => {
    const frame = await frameOf(
      { queryType: 'team' },
      { filters: [{ key: 'agent', operator: '=', value: 'a1' }] },
    );
    expect(frame?.meta?.notices).toMatchObject([
      { text: 'Not filtered by Agent: figures of the team cannot be filtered by it.' },
    ]);
  });
});

describe('the activity of users', () => {
  it('is one row per user, by id if there is no name', async () => {
    const frame = await frameOf({ queryType: 'userActivity', limit: 2 });
    expect(backend.sent('/users/activity')[0]?.params).toEqual({ ...HOURS, limit: 2 });
    expect(columnsOf(frame)).toEqual({
      User: ['Ada', 'u-8'],
      'User ID': ['u-7', 'u-8'],
      Executions: [150, 50],
      'Success rate': [96, null],
      Tokens: [70_000, 20_000],
      Cost: [9.5, null],
      'Agents created': [2, 0],
      'Last active': [at('2026-04-13T18:00:00Z'), null],
    });
  });

  it('is no frame without users', async () => {
    backend.on('GET', `${API}/users/activity`, () => ({ data: { ...USERS, users: [] } }));
    expect(await frameOf({ queryType: 'userActivity' })).toBeUndefined();
  });

  it('fails for a filter', async () => {
    const { errors } = await ask({ queryType: 'userActivity', filters: [byAgent] });
    expect(errors?.[0]?.message).toBe('A list of users cannot be filtered by “agent”.');
  });
});
