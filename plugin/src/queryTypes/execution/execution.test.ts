import { firstValueFrom } from 'rxjs';
import { FakeBackend } from '../../test/backend';
import { execution, EXECUTION_ID, step, usage } from '../../test/executions';
import { datasource, panelRequest, query, run } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import type { ExecutionPart } from './query';

const ROUTE = `token/api/v1/analytics/executions/${EXECUTION_ID}`;
const PARTS: ExecutionPart[] = ['summary', 'trace', 'steps', 'usages'];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates({ execution: { value: EXECUTION_ID } });
  backend = new FakeBackend().on('GET', ROUTE, () => ({
    data: execution({ steps: [step(1)], token_usages: [usage()] }),
  }));
});

const part = (name: ExecutionPart | undefined, refId = 'A', executionId = '$execution') =>
  query({ refId, queryType: 'execution', metric: '', executionId, part: name });

describe('an execution', () => {
  it('is requested once for all of its parts', async () => {
    const targets = PARTS.map((name, index) => part(name, 'ABCD'[index]));
    const { data, errors } = await run(datasource(), targets);
    expect(errors).toBeUndefined();
    expect(data.map(({ refId }) => refId)).toEqual(['A', 'B', 'C', 'D']);
    expect(backend.requests.map(({ url }) => url.split('/').at(-1))).toEqual([EXECUTION_ID]);
  });

  it('is requested once for all panels of a dashboard, and again on refresh', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    const source = datasource();
    await Promise.all([run(source, [part('trace')]), run(source, [part('steps')])]);
    await run(source, [part('usages')]);
    expect(backend.requests).toHaveLength(1);
    clock.mockReturnValue(10_000);
    await run(source, [part('trace')]);
    expect(backend.requests).toHaveLength(2);
    clock.mockRestore();
  });

  it('shows its trace by default', async () => {
    const { data } = await run(datasource(), [part(undefined)]);
    expect(data[0].meta.preferredVisualisationType).toBe('trace');
  });

  it.each(PARTS)('with more than one answer holds says so beside its %s', async (name) => {
    backend = new FakeBackend().on('GET', ROUTE, () => ({
      data: execution({ steps: [step(1)], token_usages: [usage()], next_cursor: 'more' }),
    }));
    const { data } = await run(datasource(), [part(name)]);
    expect(data[0].meta.notices).toMatchObject([
      { severity: 'info', text: expect.stringContaining('more than the first 1 steps and 1 token usages') },
    ]);
  });

  it('without an id is neither requested nor an error', async () => {
    fakeTemplates({ execution: { value: '' } });
    const { data, errors } = await run(datasource(), [part('trace'), part('steps', 'B', '  ')]);
    expect(data).toEqual([]);
    expect(errors).toBeUndefined();
    expect(backend.requests).toEqual([]);
  });

  it('is found by an OpenTelemetry trace id without dashes', async () => {
    const { errors } = await run(datasource(), [part('trace', 'A', ` ${EXECUTION_ID.replaceAll('-', '')} `)]);
    expect(errors).toBeUndefined();
    expect(backend.requests).toHaveLength(1);
  });

  it.each([
    ['is not there', { code: 'EXECUTION_NOT_FOUND', message: `there is no execution "${EXECUTION_ID}"` }],
    ['is none', { code: 'EXECUTION_NOT_FOUND', message: 'path parameter id must be a UUID' }],
  ])('that %s has one error for all parts', async (_, data) => {
    backend.on('GET', ROUTE, () => ({ status: 404, data }));
    const { data: frames, errors } = await run(datasource(), [part('trace'), part('steps', 'B')]);
    expect(frames).toEqual([]);
    expect(errors).toEqual([
      { refId: 'A', status: 404, message: `There is no execution “${EXECUTION_ID}”.` },
    ]);
  });

  it('tells a missing route from a missing execution', async () => {
    backend.on('GET', ROUTE, () => ({ status: 404, data: { code: 'NOT_FOUND', message: 'no such route' } }));
    const { errors } = await run(datasource(), [part('trace')]);
    expect(errors?.[0]?.message).toContain('analytics may be disabled');
  });

  it('is requested again after a failure', async () => {
    const source = datasource();
    backend.on('GET', ROUTE, () => ({ status: 503 }));
    expect((await run(source, [part('trace')])).errors?.[0]?.message).toContain('not available');
    backend.on('GET', ROUTE, () => ({ data: execution() }));
    expect((await run(source, [part('trace')])).errors).toBeUndefined();
  });

  it('is encoded if its id is a path', async () => {
    await firstValueFrom(datasource().client.execution('../budgets')).catch(() => undefined);
    expect(backend.requests[0]?.url).toMatch(/executions\/\.\.%2Fbudgets$/);
  });

  it('is cancelled when the panel unsubscribes', () => {
    backend.on('GET', ROUTE, () => 'never');
    datasource()
      .query(panelRequest([part('trace'), part('steps', 'B')]))
      .subscribe()
      .unsubscribe();
    expect(backend.cancelled).toBe(1);
  });

  it('ignores ad-hoc filters, without a notice', async () => {
    const filters = [{ key: 'agent', operator: '=', value: 'a2' }];
    const { data } = await run(datasource(), [part('summary')], { filters });
    expect(data[0].meta.notices).toBeUndefined();
  });
});
