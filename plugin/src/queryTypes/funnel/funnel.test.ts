import type { AnalyticsQuery } from '../../query';
import { field } from '../../test/answers';
import { FakeBackend } from '../../test/backend';
import { columnsOf, datasource, query, run } from '../../test/requests';
import { FUNNEL } from '../../test/sessions';
import { fakeTemplates } from '../../test/templates';
import { parseSteps } from './steps';

const ROUTE = 'token/api/v1/analytics/sessions/funnel';
const STEPS = ['search', 'pay', 'confirm'];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().on('GET', ROUTE, () => ({ data: FUNNEL }));
});

const ask = (changes: Partial<AnalyticsQuery> = {}) =>
  run(datasource(), [query({ queryType: 'funnel', metric: '', funnelSteps: STEPS, ...changes })]);
const asked = () => backend.sent('/funnel').map(({ params }) => params);

describe('a funnel', () => {
  it('as bars has one number per step, in the order of the steps', async () => {
    const { data } = await ask();
    expect(asked()).toEqual([
      { start_time: '2026-03-15T00:00:00.000Z', end_time: '2026-04-14T00:00:00.000Z', steps: STEPS },
    ]);
    expect(columnsOf(data[0])).toEqual({ Step: STEPS, Sessions: [8, 6, 3] });
  });

  it('as a table has rates and times', async () => {
    const { data } = await ask({ format: 'table' });
    expect(columnsOf(data[0])).toEqual({
      Step: STEPS,
      Sessions: [8, 6, 3],
      'Of first': [100, 75, 37.5],
      'Of previous': [null, 75, 50],
      'Time from previous': [null, 4_500, 900],
    });
    expect(field(data[0], 'Time from previous').config.unit).toBe('ms');
  });

  it('has the steps of variables, in their order and repeated where they are', async () => {
    fakeTemplates({ steps: { value: ['pay', 'refund'] }, empty: { value: '' } });
    await ask({ funnelSteps: ['search', '$steps', '$empty', 'search'] });
    expect(asked()).toMatchObject([{ steps: ['search', 'pay', 'refund', 'search'] }]);
  });

  it.each([
    [['search'], 'at least two steps'],
    [Array.from({ length: 11 }, (_, index) => `s${index}`), 'at most ten steps'],
  ])('of %j is an error', async (funnelSteps, words) => {
    expect((await ask({ funnelSteps })).errors?.[0]?.message).toContain(words);
    expect(asked()).toEqual([]);
  });

  it('is not run without steps', async () => {
    const { data, errors } = await ask({ funnelSteps: [] });
    expect([data, errors]).toEqual([[], undefined]);
    expect(asked()).toEqual([]);
  });

  it('of steps that no session did has zeros', async () => {
    const steps = FUNNEL.steps.map((step) => ({ ...step, sessions: 0, conversion_rate: null }));
    backend.on('GET', ROUTE, () => ({ data: { ...FUNNEL, steps } }));
    expect(field((await ask()).data[0], 'Sessions').values).toEqual([0, 0, 0]);
  });
});

it('the steps of a text have no white space around them', () => {
  expect(parseSteps(' search , pay,, $more ')).toEqual(['search', 'pay', '$more']);
});
