import { CATALOG } from '../../test/catalog';
import { query } from '../../test/requests';
import { dimensionOptions } from '../../editors/options';
import { changeFormat, changeGroupBy, changeMetric } from './changes';
import { formatOptions, intervalOptions, orderOptions, unitTitle } from './options';

const metric = (name: string) => CATALOG.metrics.find((known) => known.name === name);
const filter = (dimension: string) => ({ dimension, operator: 'in' as const, values: ['x'] });

describe('a change of the metric', () => {
  const chosen = query({
    groupBy: ['agent', 'endpoint'],
    filters: [filter('agent'), filter('endpoint')],
    interval: '5m',
    orderBy: { by: 'endpoint', direction: 'asc' },
    limit: 7,
    alias: '{{agent}}',
    format: 'table',
  });

  it('keeps everything that the new metric supports', () => {
    expect(changeMetric(chosen, 'api_error_rate', metric('api_error_rate'))).toEqual({
      ...chosen,
      metric: 'api_error_rate',
    });
  });

  it('drops only what the new metric does not support', () => {
    expect(changeMetric(chosen, 'token_issuances', metric('token_issuances'))).toEqual({
      ...chosen,
      metric: 'token_issuances',
      groupBy: ['agent'],
      filters: [filter('agent')],
      orderBy: undefined,
    });
  });

  it('resets an interval that the new metric does not have', () => {
    expect(changeMetric(chosen, 'days_since_rotation', metric('days_since_rotation'))).toMatchObject({
      interval: 'auto',
      limit: 7,
    });
  });

  it('resets a heatmap that the new metric does not have', () => {
    const heatmap = query({ format: 'heatmap-weekday-hour' });
    expect(changeMetric(heatmap, 'token_issuances', metric('token_issuances')).format).toBe(
      'heatmap-weekday-hour',
    );
    expect(changeMetric(heatmap, 'days_since_rotation', metric('days_since_rotation')).format).toBe(
      'timeseries',
    );
  });

  it('to a variable or an unknown metric keeps everything', () => {
    expect(changeMetric(chosen, '$metric', undefined)).toEqual({ ...chosen, metric: '$metric' });
  });

  it('keeps variables in the grouping', () => {
    const stored = query({ groupBy: ['$by', 'endpoint'] });
    expect(changeMetric(stored, 'token_issuances', metric('token_issuances')).groupBy).toEqual(['$by']);
  });
});

describe('other changes', () => {
  it('drop an order by a dimension that is no longer grouped', () => {
    const ordered = query({ groupBy: ['agent'], orderBy: { by: 'agent', direction: 'asc' } });
    expect(changeGroupBy(ordered, ['endpoint']).orderBy).toBeUndefined();
    expect(changeGroupBy(ordered, ['endpoint', 'agent']).orderBy).toEqual(ordered.orderBy);
  });

  it('drop the trend outside of tables', () => {
    expect(changeFormat(query({ format: 'table', sparkline: true }), 'timeseries').sparkline).toBeUndefined();
    expect(changeFormat(query({ format: 'table', sparkline: true }), 'table').sparkline).toBe(true);
  });
});

describe('the options', () => {
  const values = (options: Array<{ value: string }>) => options.map(({ value }) => value);

  it('for the grouping are the dimensions of the metric', () => {
    expect(values(dimensionOptions(CATALOG, metric('api_duration_p95_ms')))).not.toContain('agent');
    expect(values(dimensionOptions(CATALOG, metric('token_issuances')))).toEqual([
      'agent',
      'weekday',
      'hourOfDay',
    ]);
    expect(values(dimensionOptions(CATALOG, undefined))).toHaveLength(6);
    expect(dimensionOptions(undefined, undefined)).toEqual([]);
  });

  it('for the interval are those of the metric', () => {
    expect(values(intervalOptions(metric('days_since_rotation')))).toEqual([
      'auto',
      'hour',
      '6h',
      'day',
      'week',
      'month',
      'none',
    ]);
    expect(values(intervalOptions(undefined, true))).not.toContain('none');
  });

  it('for the format are those of the metric', () => {
    expect(values(formatOptions(metric('api_calls')))).toEqual([
      'timeseries',
      'table',
      'heatmap-agent-day',
      'heatmap-weekday-hour',
    ]);
    expect(values(formatOptions(metric('api_duration_p95_ms')))).toEqual([
      'timeseries',
      'table',
      'heatmap-weekday-hour',
    ]);
  });

  it('for the order are the columns of the result', () => {
    expect(values(orderOptions(CATALOG, query({ groupBy: ['agent'] })))).toEqual([
      '',
      'value',
      'time',
      'agent',
    ]);
    expect(values(orderOptions(CATALOG, query({ interval: 'none' })))).toEqual(['', 'value']);
  });

  it('have the names of units', () => {
    expect(unitTitle('short')).toBe('number');
    expect(unitTitle('percent')).toBe('Percent (0-100)');
    expect(unitTitle('ms')).toBe('milliseconds (ms)');
    expect(unitTitle('suffix:x')).toBe('suffix:x');
  });
});
