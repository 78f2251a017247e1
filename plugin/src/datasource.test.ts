import { firstValueFrom } from 'rxjs';
import { FakeBackend } from './test/backend';
import { CATALOG } from './test/catalog';
import { columnsFor, datasource, panelRequest, query, run, text, time, value } from './test/requests';
import { fakeTemplates } from './test/templates';

const DAY = '2026-03-15T00:00:00Z';
const POINT = [time(DAY), value(1)];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().onQuery((request) => columnsFor(request, POINT));
});

describe('a panel’s queries', () => {
  it('travel in one request, with the range and the time zone of the dashboard', async () => {
    const { data } = await run(
      datasource(),
      [
        query(),
        query({ refId: 'B', metric: 'token_issuances', groupBy: ['agent'], interval: 'day', limit: 5 }),
      ],
      { timezone: 'Europe/Berlin' },
    );
    expect(backend.queries()).toEqual([
      {
        range: { from: '2026-03-15T00:00:00.000Z', to: '2026-04-14T00:00:00.000Z' },
        timeZone: 'Europe/Berlin',
        queries: [
          { refId: '0', metric: 'api_calls', groupBy: [], filters: [], interval: 'hour' },
          {
            refId: '1',
            metric: 'token_issuances',
            groupBy: ['agent'],
            filters: [],
            interval: 'day',
            limit: 5,
          },
        ],
      },
    ]);
    expect(data.map(({ refId }) => refId)).toEqual(['A', 'B']);
  });

  it('ask for the catalog once', async () => {
    const source = datasource();
    await run(source, [query()]);
    await run(source, [query()]);
    expect(backend.sent('/catalog')).toHaveLength(1);
  });

  it('are answered without the catalog too, under the names of the metrics', async () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ status: 503 }));
    const { data, errors } = await run(datasource(), [query()]);
    expect(errors).toBeUndefined();
    expect(data[0].fields[1].config.displayNameFromDS).toBe('api_calls');
  });

  it('are sent quietly, each under an id of its own, with the path checked', async () => {
    const source = datasource();
    await run(source, [query()]);
    await run(source, [query()]);
    const [first, second] = backend.sent('/query');
    expect(first).toMatchObject({ showErrorAlert: false, validatePath: true });
    expect(first?.requestId).not.toBe(second?.requestId);
  });

  it('that are hidden or say nothing are not sent', async () => {
    const { data } = await run(datasource(), [query({ hide: true }), query({ metric: '' })]);
    expect(data).toEqual([]);
    expect(backend.requests).toEqual([]);
  });

  it('are cancelled with the panel', () => {
    backend.onQuery(() => 'never');
    const subscription = datasource()
      .query(panelRequest([query()]))
      .subscribe();
    expect(backend.sent('/query')).toHaveLength(1);
    subscription.unsubscribe();
    expect(backend.cancelled).toBe(1);
  });

  it('of half a stored form are completed', async () => {
    const stored = { refId: 'A', metric: 'api_calls', filters: 'broken', groupBy: null } as never;
    await run(datasource(), [stored]);
    expect(backend.queries()[0]?.queries[0]).toMatchObject({ groupBy: [], filters: [], interval: 'hour' });
  });
});

describe('a query that fails', () => {
  it('fails alone, with its message', async () => {
    backend.onQuery(({ queries }) => ({
      data: {
        results: {
          [queries[0]!.refId]: { columns: POINT, notices: [] },
          [queries[1]!.refId]: { error: { code: 'VALIDATION_ERROR', message: 'there is no metric "x"' } },
        },
      },
    }));
    const { data, errors } = await run(datasource(), [
      query(),
      query({ refId: 'B', metric: 'x', interval: 'day' }),
    ]);
    expect(data).toHaveLength(1);
    expect(errors).toEqual([{ refId: 'B', status: 400, message: 'B: There is no metric "x"' }]);
  });

  it('alone in its panel says so without its letter, though the exporter answers with a 400', async () => {
    backend.onQuery(() => ({
      status: 400,
      data: { code: 'VALIDATION_ERROR', message: 'there is no metric "x"' },
    }));
    const { errors } = await run(datasource(), [query({ metric: 'x', interval: 'day' })]);
    expect(errors).toEqual([{ refId: 'A', status: 400, message: 'There is no metric "x"' }]);
  });

  it('with all the others for one reason says it once', async () => {
    backend.onQuery(() => ({ status: 502, data: { message: 'Bad Gateway' }, statusText: 'Bad Gateway' }));
    const { data, errors } = await run(datasource(), [query(), query({ refId: 'B' })]);
    expect(data).toEqual([]);
    expect(errors).toEqual([{ refId: 'A', status: 502, message: 'AgentIdP Analytics cannot be reached.' }]);
  });

  it('by being left out of the answer is an error too', async () => {
    backend.onQuery(() => ({ data: { results: {} } }));
    const { errors } = await run(datasource(), [query()]);
    expect(errors?.[0]?.message).toBe('AgentIdP Analytics left this query unanswered.');
  });

  it('by being cancelled by Grafana stays cancelled', async () => {
    backend.onQuery(() => ({ status: -1, cancelled: true }) as never);
    await expect(run(datasource(), [query()])).rejects.toMatchObject({ cancelled: true });
  });
});

describe('an automatic interval', () => {
  const minutes = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date().toISOString(),
    intervalMs: 20_000,
  };
  const REFUSAL = { code: 'VALIDATION_ERROR', message: 'kept by the hour' };

  it('that is too fine for the grouping is asked again by the hour, and remembered', async () => {
    backend.onQuery((request) =>
      request.queries[0]?.interval === 'minute' ? { status: 400, data: REFUSAL } : columnsFor(request, POINT),
    );
    const source = datasource();
    const target = query({ groupBy: ['agent', 'endpoint'] });
    expect((await run(source, [target], minutes)).errors).toBeUndefined();
    await run(source, [target], minutes);
    expect(backend.queries().map(({ queries }) => queries[0]?.interval)).toEqual(['minute', 'hour', 'hour']);
  });

  it('asks again for the refused query only', async () => {
    backend.onQuery((request) =>
      request.queries.length === 1
        ? columnsFor(request, POINT)
        : {
            data: {
              results: {
                [request.queries[0]!.refId]: { columns: POINT, notices: [] },
                [request.queries[1]!.refId]: { error: REFUSAL },
              },
            },
          },
    );
    const { data, errors } = await run(
      datasource(),
      [query(), query({ refId: 'B', groupBy: ['agent', 'endpoint'] })],
      minutes,
    );
    expect(errors).toBeUndefined();
    expect(data.map(({ refId }) => refId)).toEqual(['A', 'B']);
    expect(backend.queries()[1]?.queries).toMatchObject([
      { groupBy: ['agent', 'endpoint'], interval: 'hour' },
    ]);
  });

  it('that was chosen by the user is never changed', async () => {
    backend.onQuery(() => ({ status: 400, data: REFUSAL }));
    const { errors } = await run(datasource(), [query({ interval: 'minute' })], minutes);
    expect(errors?.[0]?.message).toBe('Kept by the hour');
    expect(backend.queries()).toHaveLength(1);
  });
});

describe('each format', () => {
  const sent = () => backend.queries()[0]?.queries;

  it('asks for what it draws: days of the busiest agents', async () => {
    await run(datasource(), [
      query({ format: 'heatmap-agent-day', groupBy: ['endpoint'], interval: 'hour' }),
    ]);
    expect(sent()).toMatchObject([{ groupBy: ['agent'], interval: 'day', limit: 50 }]);
  });

  it('asks for what it draws: weekdays and hours', async () => {
    await run(datasource(), [query({ format: 'heatmap-weekday-hour', limit: 3 })]);
    expect(sent()).toEqual([
      { refId: '0', metric: 'api_calls', groupBy: ['weekday', 'hourOfDay'], filters: [], interval: 'none' },
    ]);
  });

  it('asks for a table’s rows and their course together', async () => {
    const target = query({
      format: 'table',
      groupBy: ['agent'],
      interval: 'none',
      sparkline: true,
      orderBy: { by: 'value', direction: 'asc' },
    });
    await run(datasource(), [target]);
    expect(sent()).toEqual([
      {
        refId: '0',
        metric: 'api_calls',
        groupBy: ['agent'],
        filters: [],
        interval: 'none',
        orderBy: target.orderBy,
      },
      { refId: '0_detail', metric: 'api_calls', groupBy: ['agent'], filters: [], interval: 'day' },
    ]);
  });

  it('takes a course by the interval that was chosen', async () => {
    await run(datasource(), [
      query({ format: 'table', groupBy: ['agent'], interval: 'week', sparkline: true }),
    ]);
    expect(sent()?.map(({ interval }) => interval)).toEqual(['none', 'week']);
  });

  it('does not ask for the course of a metric that has none', async () => {
    await run(datasource(), [
      query({ metric: 'snapshot', format: 'table', interval: 'none', sparkline: true }),
    ]);
    expect(sent()).toHaveLength(1);
  });
});

describe('ad-hoc filters of the dashboard', () => {
  const filters = [
    { key: 'agent', operator: '=', value: 'a1' },
    { key: 'endpoint', operator: '!=|', value: 'x', values: ['x', 'y'] },
  ];

  it('restrict every query whose metric has their dimension; of the others the panel says so', async () => {
    const { data } = await run(datasource(), [query(), query({ refId: 'B', metric: 'token_issuances' })], {
      filters,
    });
    const agent = { dimension: 'agent', operator: 'in', values: ['a1'] };
    expect(backend.queries()[0]?.queries.map((sent) => sent.filters)).toEqual([
      [agent, { dimension: 'endpoint', operator: 'notIn', values: ['x', 'y'] }],
      [agent],
    ]);
    expect(data[1].meta.notices).toEqual([
      { severity: 'warning', text: 'Not filtered by Endpoint: Token issuances is not counted by it.' },
    ]);
  });

  it('that cannot be applied fail their query, not silently', async () => {
    const { errors } = await run(datasource(), [query()], {
      filters: [{ key: 'agent', operator: '<', value: '3' }],
    });
    expect(errors?.[0]?.message).toContain('cannot be applied');
  });

  it('are kept on the way to Explore, and variables become their values', () => {
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

  it('offer the dimensions of the metrics shown, or all', async () => {
    const source = datasource();
    const all = await source.getTagKeys();
    expect(all).toContainEqual({ text: 'Endpoint', value: 'endpoint' });
    expect(all).toHaveLength(CATALOG.dimensions.length);
    const shown = await source.getTagKeys({
      filters: [],
      queries: [query({ metric: 'days_since_rotation' })],
    });
    expect(shown).toEqual([{ text: 'Agent', value: 'agent' }]);
  });

  it('offer a dimension’s values by their labels', async () => {
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

  it('leaves out its value, and another after it', () => {
    const once = modify('ADD_FILTER_OUT', 'a1');
    expect(modify('ADD_FILTER_OUT', 'a2', once).filters).toEqual([
      { dimension: 'agent', operator: 'notIn', values: ['a1', 'a2'] },
    ]);
  });

  it('of another kind changes nothing', () => {
    expect(modify('ADD_STRING_FILTER', 'a1').filters).toEqual([]);
  });
});

describe('a new query', () => {
  it('shows all API calls over time', async () => {
    const fresh = datasource().getDefaultQuery();
    await run(datasource(), [{ refId: 'A', ...fresh } as never]);
    expect(backend.queries()[0]?.queries).toMatchObject([{ metric: 'api_calls', groupBy: [] }]);
  });

  it('is told by its metric and grouping', () => {
    expect(datasource().getQueryDisplayText(query({ groupBy: ['agent'] }))).toBe('api_calls by agent');
    expect(datasource().getQueryDisplayText(query())).toBe('api_calls');
  });

  it('runs as soon as it names a metric, an annotation or a dimension', () => {
    const source = datasource();
    expect(source.filterQuery(query())).toBe(true);
    expect(source.filterQuery(query({ metric: '' }))).toBe(false);
    expect(source.filterQuery(query({ hide: true }))).toBe(false);
    expect(source.filterQuery(query({ metric: '', queryType: 'annotation', annotation: 'jobs' }))).toBe(true);
    expect(source.filterQuery(query({ queryType: 'dimensionValues' }))).toBe(false);
  });
});

describe('OAuth2', () => {
  it('takes its own routes of the data proxy', async () => {
    backend.on('GET', 'oauth2/api/v1/analytics/catalog', () => ({ data: CATALOG }));
    const source = datasource({ url: 'http://x', authMethod: 'oauth2' });
    expect(await firstValueFrom(source.client.catalog())).toBe(CATALOG);
  });
});

it('reads the values of text columns as they are', async () => {
  backend.onQuery((request) => columnsFor(request, [text('endpoint', 'GET /a', null), value(1, 2)]));
  const { data } = await run(datasource(), [
    query({ groupBy: ['endpoint'], interval: 'none', format: 'table' }),
  ]);
  expect(data[0].fields[0].values).toEqual(['GET /a', null]);
});
