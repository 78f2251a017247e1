import type { AnalyticsQuery } from '../../query';
import { field } from '../../test/answers';
import { FakeBackend } from '../../test/backend';
import { columnsOf, datasource, query, run } from '../../test/requests';
import { DROPOFF } from '../../test/sessions';
import { fakeTemplates } from '../../test/templates';

const ROUTE = 'token/api/v1/analytics/sessions/dropoff';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().on('GET', ROUTE, () => ({ data: DROPOFF }));
});

const ask = (changes: Partial<AnalyticsQuery> = {}) =>
  run(datasource(), [query({ queryType: 'dropoff', metric: '', ...changes })]);

describe('the drop-off', () => {
  it('as bars has parts that add up to the sessions that reached the step', async () => {
    const { data } = await ask({ filters: [{ dimension: 'agent', operator: 'in', values: ['a1'] }] });
    expect(backend.sent('/dropoff')[0]?.params).toEqual({
      start_time: '2026-03-15T00:00:00.000Z',
      end_time: '2026-04-14T00:00:00.000Z',
      agent_id: 'a1',
    });
    expect(columnsOf(data[0])).toEqual({
      Step: ['1', '2'],
      'Went on': [5, 0],
      Completed: [1, 5],
      Dropped: [3, 0],
    });
    expect(field(data[0], 'Dropped').config.color).toEqual({ mode: 'fixed', fixedColor: 'red' });
  });

  it('as a table has rates and the most frequent last steps', async () => {
    const { data } = await ask({ format: 'table' });
    expect(columnsOf(data[0])).toEqual({
      Step: ['1', '2'],
      Reached: [9, 5],
      Completed: [1, 5],
      Dropped: [3, 0],
      'Completion rate': [66.6, 100],
      'Drop rate': [33.3, 0],
      'Last steps': ['search (3), thought (1)', 'pay (5)'],
    });
  });

  it('is no frame if no session has ended', async () => {
    backend.on('GET', ROUTE, () => ({ data: { ...DROPOFF, steps: [] } }));
    expect((await ask()).data).toEqual([]);
  });

  it('has the error of the exporter', async () => {
    backend.on('GET', ROUTE, () => ({
      status: 400,
      data: { code: 'INVALID_DATE_RANGE', message: 'the range has 400 days; at most 365 are answered here' },
    }));
    expect((await ask()).errors?.[0]?.message).toContain('at most 365 are answered here');
  });
});
