import { FakeBackend } from '../test/backend';
import { field } from '../test/answers';
import { budget, FORECAST } from '../test/executions';
import { datasource, query, run, type RequestOptions } from '../test/requests';
import { fakeTemplates } from '../test/templates';
import type { AnalyticsQuery } from '../query';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend()
    .on('GET', 'token/api/v1/analytics/budgets', () => ({
      data: {
        budgets: [
          budget(),
          budget({ id: 'b2', name: null, scope: 'agent', scope_id: 'a1', alert_type: 'hard_stop' }),
          budget({ id: 'b3', is_active: false, state: 'exceeded' }),
        ],
      },
    }))
    .on('GET', 'token/api/v1/analytics/costs/forecast', () => ({ data: FORECAST }));
});

const ask = async (changes: Partial<AnalyticsQuery>, options?: RequestOptions) => {
  const { data, errors } = await run(datasource(), [query({ metric: '', ...changes })], options);
  expect(errors).toBeUndefined();
  return data;
};

describe('budgets', () => {
  it('are one row each, with spend, state and scope', async () => {
    const [frame] = await ask({ queryType: 'budgets' });
    const columns = Object.fromEntries(frame.fields.map(({ name, values }: never) => [name, values]));
    expect(columns).toEqual({
      Name: ['All agents', 'agent a1', 'All agents'],
      State: ['warning', 'warning', 'inactive'],
      Used: [85.25, 85.25, 85.25],
      Spend: [170.5, 170.5, 170.5],
      Reserved: [2.25, 2.25, 2.25],
      Threshold: [200, 200, 200],
      Scope: ['global', 'agent', 'global'],
      'Scope ID': [null, 'a1', null],
      Type: ['warning', 'hard stop', 'warning'],
      'Period days': [30, 30, 30],
      ID: ['b1', 'b2', 'b3'],
    });
    expect(field(frame, 'Used').config.unit).toBe('percent');
    expect(field(frame, 'Spend').config.unit).toBe('currencyUSD');
  });

  it('are no frame if there are none', async () => {
    backend.on('GET', 'token/api/v1/analytics/budgets', () => ({ data: { budgets: [] } }));
    expect(await ask({ queryType: 'budgets' })).toEqual([]);
  });

  it('have a notice that ad-hoc filters do not apply', async () => {
    const filters = [{ key: 'agent', operator: '=', value: 'a1' }];
    const [frame] = await ask({ queryType: 'budgets' }, { filters });
    expect(frame.meta.notices).toEqual([
      { severity: 'warning', text: 'Not filtered by Agent: budgets cannot be filtered.' },
    ]);
  });
});

describe('the forecast', () => {
  it('is one row as a table', async () => {
    const [frame] = await ask({ queryType: 'forecast', format: 'table' });
    expect(Object.fromEntries(frame.fields.map(({ name, values }: never) => [name, values]))).toEqual({
      Month: ['2026-04'],
      'So far': [5],
      Projected: [8],
      Lower: [7],
      Upper: [9],
      Method: ['weekly season on a smoothed level'],
      'History days': [90],
    });
  });

  it('has the cost up to each day as a time series, actual and then projected', async () => {
    const [frame] = await ask({ queryType: 'forecast' });
    expect(field(frame, 'time').values).toEqual([1, 2, 3, 4].map((day) => Date.UTC(2026, 3, day)));
    // The third value is that of the current day so far.
    expect(field(frame, 'Actual').values).toEqual([1, 4, 5, null]);
    expect(field(frame, 'Projected').values).toEqual([null, 4, 6, 8]);
    expect(field(frame, 'Lower').values).toEqual([null, 4, 5.5, 7]);
    expect(field(frame, 'Upper').values).toEqual([null, 4, 6.5, 9]);
    expect(field(frame, 'Actual').config.unit).toBe('currencyUSD');
  });

  it('starts with the projection on the first day of a month', async () => {
    const daily = FORECAST.daily.slice(2);
    backend.on('GET', 'token/api/v1/analytics/costs/forecast', () => ({ data: { ...FORECAST, daily } }));
    const [frame] = await ask({ queryType: 'forecast' });
    expect(field(frame, 'Actual').values).toEqual([5, null]);
    expect(field(frame, 'Projected').values).toEqual([6, 8]);
  });
});

it.each(['budgets', 'forecast'] as const)('%s have an error of their own', async (queryType) => {
  const path = queryType === 'budgets' ? 'budgets' : 'costs/forecast';
  backend.on('GET', `token/api/v1/analytics/${path}`, () => ({ status: 502 }));
  const other = queryType === 'budgets' ? 'forecast' : 'budgets';
  const { data, errors } = await run(datasource(), [
    query({ queryType, metric: '' }),
    query({ refId: 'B', queryType: other, metric: '' }),
  ]);
  expect(data.map(({ refId }) => refId)).toEqual(['B']);
  expect(errors).toEqual([{ refId: 'A', status: 502, message: 'A: AgentIdP Analytics cannot be reached.' }]);
});
