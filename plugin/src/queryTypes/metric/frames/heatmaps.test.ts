import type { Column } from '../../../api/types';
import { answered, at, DAY_1, DAY_2, field, framesOf } from '../../../test/answers';
import { text, time, value } from '../../../test/requests';
import type { AnalyticsQuery } from '../../../query';

describe('the heatmap of agents by day', () => {
  const heatmap = (columns: Column[]) => framesOf(answered({ format: 'heatmap-agent-day' }, columns));

  it('has the last milliseconds of the days, and then a field per agent, the busiest first', () => {
    const columns = [
      time(DAY_1, DAY_1, DAY_2, DAY_2),
      text('agent', 'a1', 'a2', 'a1', 'a2'),
      text('agentName', 'quiet', 'busy', 'quiet', 'busy'),
      value(1, 5, 0, 9),
    ];
    const [frame] = heatmap(columns);
    expect(frame?.meta?.type).toBe('heatmap-rows');
    expect(frame?.fields.map(({ name }) => name)).toEqual(['time', 'busy', 'quiet']);
    expect(frame?.fields[0]?.values).toEqual([at(DAY_2) - 1, at('2026-03-08T00:00:00Z') - 1]);
    expect(frame?.fields[1]?.values).toEqual([5, 9]);
    expect(frame?.fields[1]?.labels?.agent).toBe('a2');
    expect(frame?.fields[1]?.config.links?.[0]?.url).toContain('var-agent=a2');
  });

  it('has null for missing values', () => {
    const [frame] = heatmap([
      time(DAY_1, DAY_2, DAY_1),
      text('agent', 'a1', 'a1', 'a2'),
      text('agentName', 'x', 'x', 'y'),
      value(5, 6, 1),
    ]);
    expect(field(frame, 'y').values).toEqual([1, null]);
  });

  it('adds an empty day before a single one, which the panel would not draw', () => {
    const [frame] = heatmap([time(DAY_2), text('agent', 'a1'), text('agentName', 'x'), value(3)]);
    expect(frame?.fields[0]?.values).toEqual([at(DAY_2) - 1, at('2026-03-08T00:00:00Z') - 1]);
    expect(field(frame, 'x').values).toEqual([null, 3]);
  });

  it('adds ids to agents with the same name', () => {
    const [frame] = heatmap([
      time(DAY_1, DAY_1),
      text('agent', 'a1', 'a2'),
      text('agentName', 'twin', 'twin'),
      value(2, 1),
    ]);
    expect(frame?.fields.slice(1).map(({ name }) => name)).toEqual(['twin (a1)', 'twin (a2)']);
  });
});

describe('the heatmap of users by day', () => {
  it('has a field per user under their name, or their id without one', () => {
    const columns = [
      time(DAY_1, DAY_1),
      text('user', 'u1', 'u2'),
      text('userName', 'Support desk 1', null),
      value(3, 2),
    ];
    const [frame] = framesOf(answered({ format: 'heatmap-user-day' }, columns));
    expect(frame?.meta?.type).toBe('heatmap-rows');
    expect(frame?.fields.slice(1).map(({ name }) => name)).toEqual(['Support desk 1', 'u2']);
  });
});

describe('the heatmap of weekdays by hour', () => {
  const columns: Column[] = [
    { name: 'weekday', type: 'number', values: [1, 0] },
    { name: 'hourOfDay', type: 'number', values: [9, 23] },
    value(7, 2),
  ];
  const heatmap = (changes: Partial<AnalyticsQuery> = {}) =>
    framesOf(answered({ format: 'heatmap-weekday-hour', ...changes }, columns))[0];

  it('has the 24 hours, and then a field per day from Monday on', () => {
    const frame = heatmap();
    expect(frame?.fields[0]?.values).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
    expect(frame?.fields.slice(1).map(({ name }) => name)).toEqual([
      'Monday',
      'Tuesday',
      'Wednesday',
      'Thursday',
      'Friday',
      'Saturday',
      'Sunday',
    ]);
    expect(field(frame, 'Monday').values[9]).toBe(7);
    expect(field(frame, 'Sunday').values[23]).toBe(2);
  });

  it('has 0 for missing counts and null for missing measurements', () => {
    expect(field(heatmap(), 'Tuesday').values[3]).toBe(0);
    expect(field(heatmap({ metric: 'api_error_rate' }), 'Tuesday').values[3]).toBeNull();
  });

  it('maps the end of an hour, which the tooltip shows, to both ends', () => {
    expect(heatmap()?.fields[0]?.config.mappings?.[0]?.options).toMatchObject({
      10: { text: '09:00–10:00' },
      24: { text: '23:00–00:00' },
    });
  });
});
