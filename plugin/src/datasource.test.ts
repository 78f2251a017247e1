import { firstValueFrom } from 'rxjs';
import { FakeBackend } from './test/backend';
import { CATALOG } from './test/catalog';
import { columnsFor, datasource, panelRequest, query, run, text, time, value } from './test/requests';
import { fakeTemplates } from './test/templates';
import type { AnalyticsQuery } from './query';

const POINT = [time('2026-03-15T00:00:00Z'), value(1)];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().onQuery((request) => columnsFor(request, POINT));
});

describe('a panel’s queries', () => {
  it('are sent in one request, with the range and the time zone of the dashboard', async () => {
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

  it('request the catalog once', async () => {
    const source = datasource();
    await run(source, [query()]);
    await run(source, [query()]);
    expect(backend.sent('/catalog')).toHaveLength(1);
  });

  it('are answered without the catalog, with metric names as titles', async () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ status: 503 }));
    const { data, errors } = await run(datasource(), [query()]);
    expect(errors).toBeUndefined();
    expect(data[0].fields[1].config.displayNameFromDS).toBe('api_calls');
  });

  it('are sent without alerts, with a unique id and a validated path', async () => {
    const source = datasource();
    await run(source, [query()]);
    await run(source, [query()]);
    const [first, second] = backend.sent('/query');
    expect(first).toMatchObject({ showErrorAlert: false, validatePath: true });
    expect(first?.requestId).not.toBe(second?.requestId);
  });

  it('are not sent if they are hidden or incomplete', async () => {
    const { data } = await run(datasource(), [query({ hide: true }), query({ metric: '' })]);
    expect(data).toEqual([]);
    expect(backend.requests).toEqual([]);
  });

  it('are cancelled when the panel unsubscribes', () => {
    backend.onQuery(() => 'never');
    const subscription = datasource()
      .query(panelRequest([query()]))
      .subscribe();
    expect(backend.sent('/query')).toHaveLength(1);
    subscription.unsubscribe();
    expect(backend.cancelled).toBe(1);
  });

  it('are completed if fields are missing or malformed', async () => {
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

  it('has a capitalized message unless it starts with the name of a metric', async () => {
    const message = 'api_error_rate cannot be grouped by "x"';
    backend.onQuery(() => ({ status: 400, data: { code: 'VALIDATION_ERROR', message } }));
    const { errors } = await run(datasource(), [query({ metric: 'x', interval: 'day' })]);
    expect(errors?.[0]?.message).toBe(message);
  });

  it('has no refId in its message if it is the only query of the panel', async () => {
    backend.onQuery(() => ({
      status: 400,
      data: { code: 'VALIDATION_ERROR', message: 'there is no metric "x"' },
    }));
    const { errors } = await run(datasource(), [query({ metric: 'x', interval: 'day' })]);
    expect(errors).toEqual([{ refId: 'A', status: 400, message: 'There is no metric "x"' }]);
  });

  it('shares its message with the others if all fail alike', async () => {
    backend.onQuery(() => ({ status: 502, data: { message: 'Bad Gateway' }, statusText: 'Bad Gateway' }));
    const { data, errors } = await run(datasource(), [query(), query({ refId: 'B' })]);
    expect(data).toEqual([]);
    expect(errors).toEqual([{ refId: 'A', status: 502, message: 'AgentIdP Analytics cannot be reached.' }]);
  });

  it('has an error if the answer does not contain it', async () => {
    backend.onQuery(() => ({ data: { results: {} } }));
    const { errors } = await run(datasource(), [query()]);
    expect(errors?.[0]?.message).toBe('AgentIdP Analytics did not answer this query.');
  });

  it('stays cancelled if Grafana cancelled it', async () => {
    backend.onQuery(() => ({ status: -1, cancelled: true }) as never);
    await expect(run(datasource(), [query()])).rejects.toMatchObject({ cancelled: true });
  });
});

describe('a new query', () => {
  it('shows all API calls over time', async () => {
    const fresh = datasource().getDefaultQuery();
    await run(datasource(), [{ refId: 'A', ...fresh } as never]);
    expect(backend.queries()[0]?.queries).toMatchObject([{ metric: 'api_calls', groupBy: [] }]);
  });

  it('is displayed as its metric and grouping', () => {
    expect(datasource().getQueryDisplayText(query({ groupBy: ['agent'] }))).toBe('api_calls by agent');
    expect(datasource().getQueryDisplayText(query())).toBe('api_calls');
  });

  it.each<[Partial<AnalyticsQuery>, string]>([
    [{ queryType: 'executions' }, 'Executions'],
    [{ queryType: 'execution', executionId: 'e1' }, 'Execution e1: trace'],
    [{ queryType: 'budgets' }, 'Budgets'],
    [{ queryType: 'alerts' }, 'Alerts'],
    [{ queryType: 'forecast' }, 'Cost forecast'],
  ])('of another type is displayed as that type: %j', (changes, words) => {
    expect(datasource().getQueryDisplayText(query(changes))).toBe(words);
  });

  it('runs as soon as it is complete', () => {
    const source = datasource();
    expect(source.filterQuery(query())).toBe(true);
    expect(source.filterQuery(query({ metric: '' }))).toBe(false);
    expect(source.filterQuery(query({ hide: true }))).toBe(false);
    expect(source.filterQuery(query({ metric: '', queryType: 'annotation', annotation: 'jobs' }))).toBe(true);
    expect(source.filterQuery(query({ queryType: 'dimensionValues' }))).toBe(false);
    expect(source.filterQuery(query({ queryType: 'execution' }))).toBe(false);
    expect(source.filterQuery(query({ queryType: 'execution', executionId: '$execution' }))).toBe(true);
    for (const queryType of ['executions', 'budgets', 'alerts', 'forecast'] as const) {
      expect(source.filterQuery(query({ queryType, metric: '' }))).toBe(true);
    }
  });
});

describe('OAuth2', () => {
  it('uses its own routes of the data proxy', async () => {
    backend.on('GET', 'oauth2/api/v1/analytics/catalog', () => ({ data: CATALOG }));
    const source = datasource({ url: 'http://x', authMethod: 'oauth2' });
    expect(await firstValueFrom(source.client.catalog())).toBe(CATALOG);
  });
});

it('text columns keep their values', async () => {
  backend.onQuery((request) => columnsFor(request, [text('endpoint', 'GET /a', null), value(1, 2)]));
  const { data } = await run(datasource(), [
    query({ groupBy: ['endpoint'], interval: 'none', format: 'table' }),
  ]);
  expect(data[0].fields[0].values).toEqual(['GET /a', null]);
});
