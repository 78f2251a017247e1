/** Dimensions and fields of the exporter that this version of the plugin does not know. */
import { field } from '../test/answers';
import { FakeBackend } from '../test/backend';
import { CATALOG } from '../test/catalog';
import { execution, EXECUTION_ID } from '../test/executions';
import { columnsFor, datasource, query, run, text, value } from '../test/requests';
import { fakeTemplates } from '../test/templates';
import { executionListFrames } from './executions/frames';
import { executionFrames } from './execution/frames';
import { traceFrames } from './execution/trace';

// As generated from the OpenAPI document of an exporter with an additional filter.
jest.mock('../api/executionFilters', () => ({
  EXECUTION_FILTER_PARAMETERS: ['status', 'agent_id', 'session_id', 'environment'],
}));

const NEW_FIELDS = { trace_id: 't-1', environment: 'production', retries: 2, nothing: null, parts: ['x'] };
const detail = { ...execution(), ...NEW_FIELDS };

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  const dimensions = [
    ...CATALOG.dimensions,
    { name: 'environment', title: 'Environment', description: 'Where it ran.' },
  ];
  const metrics = CATALOG.metrics.map((metric) => ({
    ...metric,
    dimensions: [...metric.dimensions, 'environment'],
  }));
  backend = new FakeBackend()
    .on('GET', 'token/api/v1/analytics/catalog', () => ({ data: { ...CATALOG, dimensions, metrics } }))
    .on('GET', 'token/api/v1/analytics/executions', () => ({
      data: { items: [detail], total: 1, next_cursor: null },
    }))
    .onQuery((request) => columnsFor(request, [text('environment', 'production'), value(1)]));
});

describe('a new dimension', () => {
  const filters = [{ key: 'environment', operator: '=', value: 'production' }];

  it('groups and filters metrics', async () => {
    const target = query({ groupBy: ['environment'], format: 'table', interval: 'none' });
    const { data } = await run(datasource(), [target], { filters });
    expect(backend.queries()[0]?.queries[0]).toMatchObject({
      groupBy: ['environment'],
      filters: [{ dimension: 'environment', operator: 'in', values: ['production'] }],
    });
    expect(field(data[0], 'environment').values).toEqual(['production']);
  });

  it('filters the list of executions', async () => {
    const { data } = await run(datasource(), [query({ queryType: 'executions' })], { filters });
    expect(backend.sent('/executions')[0]?.params).toMatchObject({ environment: ['production'] });
    expect(data[0].meta.notices).toBeUndefined();
  });

  it('is offered for the ad-hoc filters of a list', async () => {
    const keys = await datasource().getTagKeys({
      filters: [],
      queries: [query({ queryType: 'executions' })],
    });
    expect(keys.map((key) => key.value)).toEqual(['agent', 'environment']);
  });
});

describe('a new field of executions', () => {
  it('is a column of the list, after the known ones, if any row has a value', () => {
    const other = execution({ id: 'e2' });
    const [frame] = executionListFrames('A', { items: [detail, other] }, 'ds-1');
    expect(frame?.fields.slice(-3).map(({ name, values }) => [name, values])).toEqual([
      ['Trace ID', ['t-1', null]],
      ['Environment', ['production', null]],
      ['Retries', ['2', null]],
    ]);
  });

  it('is a column of the summary', () => {
    const [frame] = executionFrames(query({ queryType: 'execution', part: 'summary' }), detail, 'ds-1');
    expect(field(frame, 'Trace ID').values).toEqual(['t-1']);
  });

  it('is a tag of the root span', () => {
    const [frame] = traceFrames('A', { runs: [detail] });
    expect(field(frame, 'spanID').values[0]).toBe('execution');
    expect(field(frame, 'traceID').values[0]).toBe(EXECUTION_ID);
    expect(field(frame, 'tags').values[0]).toEqual(
      expect.arrayContaining([
        { key: 'trace_id', value: 't-1' },
        { key: 'environment', value: 'production' },
      ]),
    );
  });
});
