import type { DataFrame } from '@grafana/data';
import type { Column } from '../../../api/types';
import { answered, at, BY_AGENT, DAY_1, DAY_2, framesOf } from '../../../test/answers';
import { text, time, value } from '../../../test/requests';

const names = (frames: DataFrame[]) => frames.map(({ fields }) => fields[1]?.config.displayNameFromDS);

describe('time series', () => {
  it('are one frame per group, with times and labels', () => {
    const [first, second] = framesOf(answered({ groupBy: ['agent'] }, BY_AGENT));
    expect(first?.refId).toBe('A');
    expect(first?.fields[0]?.values).toEqual([at(DAY_1), at(DAY_2)]);
    expect(first?.fields[1]?.values).toEqual([10, 0]);
    expect(first?.fields[1]?.labels).toEqual({ agent: 'a1', agentName: 'billing-bot' });
    expect(second?.fields[1]?.labels).toEqual({ agent: 'a2', agentName: 'a2' });
  });

  it('are named by their group, and agents by name or id', () => {
    expect(names(framesOf(answered({ groupBy: ['agent'] }, BY_AGENT)))).toEqual([
      'billing-bot',
      'a2',
      '(no agent)',
    ]);
  });

  it('have ids in their names if agents have the same name', () => {
    const columns = [
      time(DAY_1, DAY_1),
      text('agent', 'a1', 'a2'),
      text('agentName', 'twin', 'twin'),
      value(1, 2),
    ];
    expect(names(framesOf(answered({ groupBy: ['agent'] }, columns)))).toEqual(['twin (a1)', 'twin (a2)']);
  });

  it('without a grouping have the title and the unit of the metric', () => {
    const [frame] = framesOf(answered({ metric: 'api_error_rate' }, [time(DAY_1), value(7.5)]));
    expect(frame?.fields[1]?.config).toMatchObject({ displayNameFromDS: 'API error rate', unit: 'percent' });
  });

  it('prefer the unit of the answer to that of the catalog', () => {
    const unit = { ...value(1), unit: 'bytes' };
    expect(framesOf(answered({}, [time(DAY_1), unit]))[0]?.fields[1]?.config.unit).toBe('bytes');
  });

  it('include the metric in their names if a panel shows several', () => {
    expect(names(framesOf(answered({ groupBy: ['agent'] }, BY_AGENT), true))[0]).toBe(
      'API calls: billing-bot',
    );
  });

  it('have an alias as their name, and keep unknown placeholders', () => {
    const alias = '{{ metric }} {{metricTitle}} {{agentName}}/{{agent}} {{oops}}';
    expect(names(framesOf(answered({ groupBy: ['agent'], alias }, BY_AGENT)))[0]).toBe(
      'api_calls API calls billing-bot/a1 {{oops}}',
    );
  });

  it('have names for weekdays and hours', () => {
    const columns: Column[] = [
      time(DAY_1),
      { name: 'weekday', type: 'number', values: [0] },
      { name: 'hourOfDay', type: 'number', values: [9] },
      value(1),
    ];
    expect(names(framesOf(answered({ groupBy: ['weekday', 'hourOfDay'] }, columns)))).toEqual([
      'Sunday, 09:00',
    ]);
  });

  it('have ascending times in any order of rows', () => {
    const [frame] = framesOf(answered({}, [time(DAY_2, DAY_1), value(2, 1)]));
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      [at(DAY_1), at(DAY_2)],
      [1, 2],
    ]);
  });

  it('have the width of their buckets, except for months', () => {
    expect(framesOf(answered({}, [time(DAY_1), value(1)]))[0]?.fields[0]?.config.interval).toBe(86_400_000);
    const [monthly] = framesOf(answered({ interval: 'month' }, [time(DAY_1), value(1)]));
    expect(monthly?.fields[0]?.config.interval).toBeUndefined();
  });

  it('link to the dashboard of their agent, if they have one', () => {
    const [first, , nobody] = framesOf(answered({ groupBy: ['agent'] }, BY_AGENT));
    expect(first?.fields[1]?.config.links).toEqual([
      {
        title: 'Agent detail',
        url: '/d/agentidp-agent-detail?var-agent=a1&var-datasource=ds-1&${__url_time_range}',
      },
    ]);
    expect(nobody?.fields[1]?.config.links).toBeUndefined();
  });

  it('without an interval are one row of values', () => {
    const [frame, ...others] = framesOf(
      answered({ groupBy: ['agent'], interval: 'none' }, [
        text('agent', 'a1', 'a2'),
        text('agentName', 'x', 'y'),
        value(5, 6),
      ]),
    );
    expect(others).toEqual([]);
    expect(frame?.meta?.type).toBe('numeric-wide');
    expect(frame?.fields.map(({ values, config }) => [config.displayNameFromDS, ...values])).toEqual([
      ['x', 5],
      ['y', 6],
    ]);
  });
});
