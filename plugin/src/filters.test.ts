import { FakeBackend } from './test/backend';
import { CATALOG } from './test/catalog';
import { columnsFor, datasource, query, run, time, value } from './test/requests';
import { fakeTemplates } from './test/templates';

const POINT = [time('2026-03-15T00:00:00Z'), value(1)];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().onQuery((request) => columnsFor(request, POINT));
});

describe('ad-hoc filters of the dashboard', () => {
  const filters = [
    { key: 'agent', operator: '=', value: 'a1' },
    { key: 'endpoint', operator: '!=|', value: 'x', values: ['x', 'y'] },
  ];

  it('restrict every query whose metric has their dimension, with a notice on the others', async () => {
    const { data } = await run(datasource(), [query(), query({ refId: 'B', metric: 'token_issuances' })], {
      filters,
    });
    const agent = { dimension: 'agent', operator: 'in', values: ['a1'] };
    expect(backend.queries()[0]?.queries.map((sent) => sent.filters)).toEqual([
      [agent, { dimension: 'endpoint', operator: 'notIn', values: ['x', 'y'] }],
      [agent],
    ]);
    expect(data[1].meta.notices).toEqual([
      {
        severity: 'warning',
        text: 'Not filtered by Endpoint: Token issuances does not have this dimension.',
      },
    ]);
  });

  it('that cannot be translated fail their query', async () => {
    const { errors } = await run(datasource(), [query()], {
      filters: [{ key: 'agent', operator: '<', value: '3' }],
    });
    expect(errors?.[0]?.message).toContain('cannot be applied');
  });

  it('are kept on the way to Explore, with the values of variables', () => {
    fakeTemplates({ agent: { value: ['a1', 'a2'] } });
    const stored = query({ filters: [{ dimension: 'agent', operator: 'in', values: ['$agent'] }] });
    const [explored] = datasource().interpolateVariablesInQueries([stored], {}, [
      { key: 'statusClass', operator: '=', value: '5xx' },
    ]);
    expect(explored).toMatchObject({
      datasource: { uid: 'analytics-uid', type: 'agentidp-analytics-datasource' },
      filters: [
        { dimension: 'agent', operator: 'in', values: ['a1', 'a2'] },
        { dimension: 'statusClass', operator: 'in', values: ['5xx'] },
      ],
    });
  });

  it('are kept on the way to Explore if the query type supports them', () => {
    fakeTemplates({ execution: { value: 'e1' } });
    const filters = [{ key: 'agent', operator: '=', value: 'a1' }];
    const [list, one] = datasource().interpolateVariablesInQueries(
      [
        query({ queryType: 'executions', metric: '' }),
        query({ queryType: 'execution', metric: '', executionId: '$execution' }),
      ],
      {},
      [...filters, { key: 'endpoint', operator: '=', value: 'x' }],
    );
    expect(list?.filters).toEqual([{ dimension: 'agent', operator: 'in', values: ['a1'] }]);
    expect(one).toMatchObject({ executionId: 'e1', part: 'trace', filters: [] });
  });

  it('offer the dimensions of the queries of the dashboard, or all', async () => {
    const source = datasource();
    const all = await source.getTagKeys();
    expect(all).toContainEqual({ text: 'Endpoint', value: 'endpoint' });
    expect(all).toHaveLength(CATALOG.dimensions.length);
    const shown = await source.getTagKeys({
      filters: [],
      queries: [query({ metric: 'days_since_rotation' })],
    });
    expect(shown).toEqual([{ text: 'Agent', value: 'agent' }]);
    const list = await source.getTagKeys({ filters: [], queries: [query({ queryType: 'executions' })] });
    expect(list).toEqual([{ text: 'Agent', value: 'agent' }]);
  });

  it('offer the labels of a dimension’s values', async () => {
    backend.on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({
      data: { values: [{ value: 'a1', label: 'billing-bot' }] },
    }));
    expect(await datasource().getTagValues({ key: 'agent', filters: [] })).toEqual([
      { text: 'billing-bot', value: 'a1' },
    ]);
  });
});

describe('a click on a cell of a table in Explore', () => {
  const modify = (
    type: 'ADD_FILTER' | 'ADD_FILTER_OUT' | 'ADD_STRING_FILTER',
    value: string,
    stored = query(),
  ) => datasource().modifyQuery(stored, { type, options: { key: 'agent', value } });

  it('keeps only its value', () => {
    expect(modify('ADD_FILTER', 'a1').filters).toEqual([
      { dimension: 'agent', operator: 'in', values: ['a1'] },
    ]);
  });

  it('excludes its value, and another one after it', () => {
    const once = modify('ADD_FILTER_OUT', 'a1');
    expect(modify('ADD_FILTER_OUT', 'a2', once).filters).toEqual([
      { dimension: 'agent', operator: 'notIn', values: ['a1', 'a2'] },
    ]);
  });

  it('of another kind has no effect', () => {
    expect(modify('ADD_STRING_FILTER', 'a1').filters).toEqual([]);
  });
});
