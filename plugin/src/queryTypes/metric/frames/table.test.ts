import { FieldType, isDataFrameWithValue, type DataFrame } from '@grafana/data';
import type { Column } from '../../../api/types';
import { answered, at, BY_AGENT, DAY_1, DAY_2, field, framesOf } from '../../../test/answers';
import { text, time, value } from '../../../test/requests';
import type { AnalyticsQuery } from '../../../query';

describe('a table', () => {
  const AGENTS = [text('agent', 'a1', null), text('agentName', 'billing-bot', null), value(10, 2)];

  it('has a column per dimension and one for the value, with the names that dashboards use', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(frame?.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ['agent', 'a1', null],
      ['agentName', 'billing-bot', '(no agent)'],
      ['api_calls', 10, 2],
    ]);
    expect(field(frame, 'api_calls').config.displayNameFromDS).toBe('API calls');
  });

  it('names the value column by the alias, so that tables can be merged', () => {
    const [frame] = framesOf(
      answered({ format: 'table', alias: 'Calls', groupBy: ['agent'], interval: 'none' }, AGENTS),
    );
    expect(field(frame, 'Calls').config.displayNameFromDS).toBe('Calls');
  });

  it('has the times as its first column if there is an interval', () => {
    const [frame] = framesOf(answered({ format: 'table' }, [time(DAY_1), value(1)]));
    expect(frame?.fields[0]).toMatchObject({ name: 'time', type: FieldType.time, values: [at(DAY_1)] });
  });

  it('can be filtered by dimensions, but not by agent names', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(field(frame, 'agent').config.filterable).toBe(true);
    expect(field(frame, 'agentName').config.filterable).toBe(false);
  });

  it('links agents to their dashboard', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(field(frame, 'agentName').config.links?.[0]?.url).toContain(
      'var-agent=${__data.fields.agent:percentencode}',
    );
  });

  it('has status codes as texts, and weekdays as numbers with names', () => {
    const columns: Column[] = [
      { name: 'statusCode', type: 'number', values: [404, null] },
      { name: 'weekday', type: 'number', values: [1, 0] },
      value(1, 2),
    ];
    const [frame] = framesOf(
      answered({ format: 'table', groupBy: ['statusCode', 'weekday'], interval: 'none' }, columns),
    );
    expect(field(frame, 'statusCode')).toMatchObject({ type: FieldType.string, values: ['404', null] });
    expect(field(frame, 'weekday')).toMatchObject({ type: FieldType.number, values: [1, 0] });
    expect(field(frame, 'weekday').config.mappings?.[0]?.options).toMatchObject({
      0: { text: 'Sunday' },
      1: { text: 'Monday' },
    });
  });

  it('has a trend per row as a frame, sorted by the value', () => {
    const changes: Partial<AnalyticsQuery> = {
      format: 'table',
      groupBy: ['agent'],
      interval: 'none',
      sparkline: true,
    };
    const [frame] = framesOf(
      answered(changes, [text('agent', 'a1', 'a9'), text('agentName', 'billing-bot', 'new'), value(10, 2)], {
        detailColumns: BY_AGENT,
      }),
    );
    const [trend, missing] = field(frame, 'trend').values;
    expect(field(frame, 'trend').type).toBe(FieldType.frame);
    expect(isDataFrameWithValue(trend) && trend.value).toBe(10);
    expect((trend as DataFrame).fields.map(({ values }) => values)).toEqual([
      [at(DAY_1), at(DAY_2)],
      [10, 0],
    ]);
    expect(missing).toBeNull();
  });

  it('shows its rows without a missing trend, with a notice', () => {
    const changes: Partial<AnalyticsQuery> = { format: 'table', groupBy: ['agent'], sparkline: true };
    const detailError = { code: 'VALIDATION_ERROR' as const, message: 'too many cells' };
    const [frame] = framesOf(answered(changes, AGENTS, { detailError }));
    expect(frame?.fields.map(({ name }) => name)).not.toContain('trend');
    expect(frame?.meta?.notices).toEqual([
      { severity: 'warning', text: 'The details are missing: too many cells' },
    ]);
  });
});
