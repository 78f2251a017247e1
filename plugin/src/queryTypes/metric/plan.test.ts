import { FakeBackend } from '../../test/backend';
import { CATALOG } from '../../test/catalog';
import { columnsFor, datasource, query, run, time, value } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';

const POINT = [time('2026-03-15T00:00:00Z'), value(1)];

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().onQuery((request) => columnsFor(request, POINT));
});

describe('an automatic interval', () => {
  const minutes = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date().toISOString(),
    intervalMs: 20_000,
  };
  const REFUSAL = {
    code: 'VALIDATION_ERROR',
    message: 'kept by the hour',
    details: { intervals: ['hour', '6h', 'day', 'week', 'month', 'none'] },
  };
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const asked = () => backend.queries().map(({ queries }) => queries[0]?.interval);

  it('that is too narrow for the grouping is replaced by hours, and remembered', async () => {
    backend.onQuery((request) =>
      request.queries[0]?.interval === 'minute' ? { status: 400, data: REFUSAL } : columnsFor(request, POINT),
    );
    const source = datasource();
    const target = query({ groupBy: ['agent', 'endpoint'] });
    expect((await run(source, [target], minutes)).errors).toBeUndefined();
    await run(source, [target], minutes);
    expect(asked()).toEqual(['minute', 'hour', 'hour']);
  });

  it('that is refused for a range is replaced by hours for that range only', async () => {
    const refusal = { code: 'VALIDATION_ERROR', message: 'minutes are kept since yesterday' };
    backend.onQuery((request) =>
      request.queries[0]?.interval === 'minute' && request.range.from < hoursAgo(24)
        ? { status: 400, data: refusal }
        : columnsFor(request, POINT),
    );
    const source = datasource();
    const thirtyHours = { ...minutes, from: hoursAgo(30) };
    expect((await run(source, [query()], thirtyHours)).errors).toBeUndefined();
    await run(source, [query()], minutes);
    expect(asked()).toEqual(['minute', 'hour', 'minute']);
  });

  it('depends on how long this exporter keeps minutes', async () => {
    const keeping = (minuteRetentionHours: number) =>
      backend.on('GET', 'token/api/v1/analytics/catalog', () => ({
        data: { ...CATALOG, minuteRetentionHours },
      }));
    keeping(24);
    await run(datasource(), [query()], { ...minutes, from: hoursAgo(30) });
    keeping(744);
    await run(datasource(), [query()], { ...minutes, from: hoursAgo(700) });
    expect(asked()).toEqual(['hour', 'minute']);
  });

  it('repeats the refused query only', async () => {
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

  it('that the user selected is never replaced', async () => {
    backend.onQuery(() => ({ status: 400, data: REFUSAL }));
    const { errors } = await run(datasource(), [query({ interval: 'minute' })], minutes);
    expect(errors?.[0]?.message).toBe('Kept by the hour');
    expect(backend.queries()).toHaveLength(1);
  });
});

describe('the request of a format', () => {
  const sent = () => backend.queries()[0]?.queries;

  it('has days and agents for the heatmap of agents by day', async () => {
    await run(datasource(), [
      query({ format: 'heatmap-agent-day', groupBy: ['endpoint'], interval: 'hour' }),
    ]);
    expect(sent()).toMatchObject([{ groupBy: ['agent'], interval: 'day', limit: 50 }]);
  });

  it('has days and users for the heatmap of users by day', async () => {
    await run(datasource(), [query({ format: 'heatmap-user-day', limit: 20 })]);
    expect(sent()).toMatchObject([{ groupBy: ['user'], interval: 'day', limit: 20 }]);
  });

  it('has weekdays and hours for the heatmap of weekdays by hour', async () => {
    await run(datasource(), [query({ format: 'heatmap-weekday-hour', limit: 3 })]);
    expect(sent()).toEqual([
      { refId: '0', metric: 'api_calls', groupBy: ['weekday', 'hourOfDay'], filters: [], interval: 'none' },
    ]);
  });

  it('has the rows and the trend of a table', async () => {
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

  it('has the selected interval for the trend', async () => {
    await run(datasource(), [
      query({ format: 'table', groupBy: ['agent'], interval: 'week', sparkline: true }),
    ]);
    expect(sent()?.map(({ interval }) => interval)).toEqual(['none', 'week']);
  });

  it('has no trend for a metric without intervals', async () => {
    await run(datasource(), [
      query({ metric: 'snapshot', format: 'table', interval: 'none', sparkline: true }),
    ]);
    expect(sent()).toHaveLength(1);
  });
});
