import type { AnnotationQuery } from '@grafana/data';
import { FakeBackend } from '../../test/backend';
import { datasource, query, run, text, time, value } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import type { AnalyticsQuery } from '../../query';
import { annotationSupport } from '../../annotations';
import { annotationTarget } from '../../query';

const HOUR_1 = '2026-04-13T01:00:00Z';
const HOUR_2 = '2026-04-13T02:00:00Z';
const RANGE = { from: '2026-04-13T00:00:00Z', to: '2026-04-14T00:00:00Z' };
const at = (iso: string) => Date.parse(iso);

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
});

const table = (frame: { fields: Array<{ name: string; values: unknown[] }> }) =>
  Object.fromEntries(frame.fields.map(({ name, values }) => [name, values]));

describe('credential rotations', () => {
  const target = query({
    refId: 'Anno',
    queryType: 'annotation',
    annotation: 'rotations',
    metric: '',
    interval: 'none',
  });

  it('are an annotation per bucket, with the names of the agents', async () => {
    backend.onQuery(({ queries }) => ({
      data: {
        results: {
          [queries[0]!.refId]: { columns: [time(HOUR_1, HOUR_2), value(3, 0)], notices: [] },
          [queries[1]!.refId]: {
            columns: [
              time(HOUR_1, HOUR_1, HOUR_2),
              text('agent', 'a1', 'a2', 'a1'),
              text('agentName', 'billing-bot', '<b>x</b>', 'billing-bot'),
              value(2, 1, 0),
            ],
          },
        },
      },
    }));
    const { data } = await run(datasource(), [target], RANGE);
    expect(table(data[0])).toEqual({
      time: [at(HOUR_1)],
      timeEnd: [at(HOUR_2) - 1],
      title: ['3 credential rotations'],
      text: ['billing-bot (2), &lt;b&gt;x&lt;/b&gt;'],
      tags: ['rotation'],
    });
  });

  it('are requested in buckets that fit the range, with the filters of the annotation', async () => {
    backend.onQuery(() => ({ data: { results: {} } }));
    const filters = [{ dimension: 'agent', operator: 'in' as const, values: ['a1'] }];
    await run(datasource(), [{ ...target, filters }]);
    expect(backend.queries()[0]?.queries).toEqual([
      { refId: '0', metric: 'credential_rotations', groupBy: [], filters, interval: '6h' },
      {
        refId: '0_detail',
        metric: 'credential_rotations',
        groupBy: ['agent'],
        filters,
        interval: '6h',
        limit: 100,
      },
    ]);
  });

  it('name ten agents and count the others', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `a${index}`);
    backend.onQuery(({ queries }) => ({
      data: {
        results: {
          [queries[0]!.refId]: { columns: [time(HOUR_1), value(12)] },
          [queries[1]!.refId]: {
            columns: [
              time(...ids.map(() => HOUR_1)),
              text('agent', ...ids),
              text('agentName', ...ids),
              value(...ids.map(() => 1)),
            ],
          },
        },
      },
    }));
    const { data } = await run(datasource(), [target], RANGE);
    expect(table(data[0]).text).toEqual(['a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, and 2 more']);
  });

  it('are annotations without names if the names are missing', async () => {
    backend.onQuery(({ queries }) => ({
      data: {
        results: {
          [queries[0]!.refId]: { columns: [time(HOUR_1), value(1)] },
          [queries[1]!.refId]: { error: { code: 'INTERNAL', message: 'too many' } },
        },
      },
    }));
    const { data } = await run(datasource(), [target], RANGE);
    expect(table(data[0])).toMatchObject({ title: ['Credential rotation'], text: [''] });
  });

  it('are no frame if there are none', async () => {
    backend.onQuery(({ queries }) => ({
      data: { results: { [queries[0]!.refId]: { columns: [time(HOUR_1), value(0)] } } },
    }));
    expect((await run(datasource(), [target], RANGE)).data).toEqual([]);
  });
});

describe('job failures', () => {
  const target = query({ refId: 'Anno', queryType: 'annotation', annotation: 'jobs', metric: '' });
  const jobs = (...runs: object[]) =>
    backend.on('GET', 'token/api/v1/analytics/jobs', () => ({
      data: {
        jobs: runs.map((job) => ({
          job: 'nightly',
          slot: null,
          startedAt: null,
          finishedAt: null,
          rows: null,
          error: null,
          ...job,
        })),
      },
    }));

  it('are an annotation per failed run, from its start to its end', async () => {
    jobs(
      { startedAt: HOUR_1, finishedAt: HOUR_2, rows: 5 },
      { startedAt: HOUR_1, finishedAt: HOUR_2, error: 'disk <full>' },
      { job: 'retention', slot: HOUR_2, error: 'gone' },
      { error: 'at no time' },
    );
    const { data } = await run(datasource(), [target], RANGE);
    expect(backend.sent('/jobs')[0]?.params).toEqual({
      from: '2026-04-13T00:00:00.000Z',
      to: '2026-04-14T00:00:00.000Z',
    });
    expect(table(data[0])).toEqual({
      time: [at(HOUR_1), at(HOUR_2)],
      timeEnd: [at(HOUR_2), at(HOUR_2)],
      title: ['Job nightly failed', 'Job retention failed'],
      text: ['disk &lt;full&gt;', 'gone'],
      tags: ['job,nightly', 'job,retention'],
    });
  });

  it('are no frame if no job failed', async () => {
    jobs({ startedAt: HOUR_1 });
    expect((await run(datasource(), [target], RANGE)).data).toEqual([]);
  });

  it('are an error if they cannot be read', async () => {
    backend.on('GET', 'token/api/v1/analytics/jobs', () => ({ status: 502 }));
    expect((await run(datasource(), [target], RANGE)).errors?.[0]?.message).toContain('cannot be reached');
  });
});

describe('a stored annotation', () => {
  const stored = (target: Partial<AnalyticsQuery> | undefined) =>
    ({ name: 'x', target }) as AnnotationQuery<AnalyticsQuery>;

  it('shows rotations by default', () => {
    expect(annotationTarget(undefined)).toMatchObject({
      refId: 'Anno',
      queryType: 'annotation',
      annotation: 'rotations',
    });
    expect(annotationSupport.prepareQuery?.(stored(undefined))?.annotation).toBe('rotations');
  });

  it('keeps its fields', () => {
    expect(annotationSupport.prepareQuery?.(stored({ refId: 'Jobs', annotation: 'jobs' }))).toMatchObject({
      refId: 'Jobs',
      annotation: 'jobs',
    });
  });
});
