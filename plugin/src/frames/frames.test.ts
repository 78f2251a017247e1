import { FieldType, isDataFrameWithValue, type DataFrame, type Field } from '@grafana/data';
import type { Column } from '../api/types';
import { planMetric, type RequestContext } from '../queries/plan';
import type { AnsweredPlan } from '../queries/run';
import { CATALOG } from '../test/catalog';
import { query, text, time, value } from '../test/requests';
import type { AnalyticsQuery } from '../types';
import { toFrames } from '.';

const DAY_1 = '2026-03-06T00:00:00Z';
const DAY_2 = '2026-03-07T00:00:00Z';
const at = (iso: string) => Date.parse(iso);

const REQUEST: RequestContext = {
  range: { from: at('2026-03-06T00:00:00Z'), to: at('2026-03-08T00:00:00Z') },
  intervalMs: 3_600_000,
  timeZone: 'UTC',
  now: at('2026-04-14T00:00:00Z'),
  catalog: CATALOG,
  datasourceUid: 'ds-1',
};

function answered(
  changes: Partial<AnalyticsQuery>,
  columns: Column[],
  rest: Partial<AnsweredPlan> & { detail?: never; detailColumns?: Column[] } = {},
): AnsweredPlan {
  const { detailColumns, ...others } = rest;
  return {
    ...planMetric(query({ interval: 'day', ...changes }), REQUEST),
    mainResult: { columns, notices: [] },
    ...(detailColumns && { detailResult: { columns: detailColumns, notices: [] } }),
    ...others,
  };
}

const framesOf = (plan: AnsweredPlan, qualified = false): DataFrame[] =>
  toFrames(plan, { datasourceUid: 'ds-1', qualified });
const names = (frames: DataFrame[]) => frames.map(({ fields }) => fields[1]?.config.displayNameFromDS);
const field = (frame: DataFrame | undefined, name: string): Field => {
  const found = frame?.fields.find((candidate) => candidate.name === name);
  if (!found) {
    throw new Error(`no field ${name}`);
  }
  return found;
};

const BY_AGENT = [
  time(DAY_1, DAY_1, DAY_1, DAY_2, DAY_2, DAY_2),
  text('agent', 'a1', 'a2', null, 'a1', 'a2', null),
  text('agentName', 'billing-bot', null, null, 'billing-bot', null, null),
  value(10, 3, 1, 0, 4, null),
];

describe('time series', () => {
  it('are a frame a group, with its times and its labels', () => {
    const [first, second] = framesOf(answered({ groupBy: ['agent'] }, BY_AGENT));
    expect(first?.refId).toBe('A');
    expect(first?.fields[0]?.values).toEqual([at(DAY_1), at(DAY_2)]);
    expect(first?.fields[1]?.values).toEqual([10, 0]);
    expect(first?.fields[1]?.labels).toEqual({ agent: 'a1', agentName: 'billing-bot' });
    expect(second?.fields[1]?.labels).toEqual({ agent: 'a2', agentName: 'a2' });
  });

  it('are called by their group: an agent by its name, or its id, and the tenant’s own events as such', () => {
    expect(names(framesOf(answered({ groupBy: ['agent'] }, BY_AGENT)))).toEqual([
      'billing-bot',
      'a2',
      '(no agent)',
    ]);
  });

  it('of agents with one name are told apart by their ids', () => {
    const columns = [
      time(DAY_1, DAY_1),
      text('agent', 'a1', 'a2'),
      text('agentName', 'twin', 'twin'),
      value(1, 2),
    ];
    expect(names(framesOf(answered({ groupBy: ['agent'] }, columns)))).toEqual(['twin (a1)', 'twin (a2)']);
  });

  it('without a group are called by the metric’s title, and carry its unit', () => {
    const [frame] = framesOf(answered({ metric: 'api_error_rate' }, [time(DAY_1), value(7.5)]));
    expect(frame?.fields[1]?.config).toMatchObject({ displayNameFromDS: 'API error rate', unit: 'percent' });
  });

  it('take the unit of the answer before that of the catalog', () => {
    const unit = { ...value(1), unit: 'bytes' };
    expect(framesOf(answered({}, [time(DAY_1), unit]))[0]?.fields[1]?.config.unit).toBe('bytes');
  });

  it('say which metric they are of where a panel shows several', () => {
    expect(names(framesOf(answered({ groupBy: ['agent'] }, BY_AGENT), true))[0]).toBe(
      'API calls: billing-bot',
    );
  });

  it('take an alias, and leave a placeholder that stands for nothing', () => {
    const alias = '{{ metric }} {{metricTitle}} {{agentName}}/{{agent}} {{oops}}';
    expect(names(framesOf(answered({ groupBy: ['agent'], alias }, BY_AGENT)))[0]).toBe(
      'api_calls API calls billing-bot/a1 {{oops}}',
    );
  });

  it('name weekdays and hours', () => {
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

  it('have their times ascending, however the rows were ordered', () => {
    const [frame] = framesOf(answered({}, [time(DAY_2, DAY_1), value(2, 1)]));
    expect(frame?.fields.map(({ values }) => values)).toEqual([
      [at(DAY_1), at(DAY_2)],
      [1, 2],
    ]);
  });

  it('tell Grafana how wide a bucket is, except a month', () => {
    expect(framesOf(answered({}, [time(DAY_1), value(1)]))[0]?.fields[0]?.config.interval).toBe(86_400_000);
    const [monthly] = framesOf(answered({ interval: 'month' }, [time(DAY_1), value(1)]));
    expect(monthly?.fields[0]?.config.interval).toBeUndefined();
  });

  it('link to the agent’s detail with the time range and the data source, but not from events without an agent', () => {
    const [first, , nobody] = framesOf(answered({ groupBy: ['agent'] }, BY_AGENT));
    expect(first?.fields[1]?.config.links).toEqual([
      {
        title: 'Agent detail',
        url: '/d/agentidp-agent-detail?var-agent=a1&var-datasource=ds-1&${__url_time_range}',
      },
    ]);
    expect(nobody?.fields[1]?.config.links).toBeUndefined();
  });

  it('without an interval are one row of figures', () => {
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

describe('a table', () => {
  const AGENTS = [text('agent', 'a1', null), text('agentName', 'billing-bot', null), value(10, 2)];

  it('has a column for each dimension and one for the figure, under the names that panels refer to', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(frame?.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ['agent', 'a1', null],
      ['agentName', 'billing-bot', '(no agent)'],
      ['api_calls', 10, 2],
    ]);
    expect(field(frame, 'api_calls').config.displayNameFromDS).toBe('API calls');
  });

  it('calls the figure by its alias, so that merged tables keep two of them apart', () => {
    const [frame] = framesOf(
      answered({ format: 'table', alias: 'Calls', groupBy: ['agent'], interval: 'none' }, AGENTS),
    );
    expect(field(frame, 'Calls').config.displayNameFromDS).toBe('Calls');
  });

  it('has the times first where rows are buckets', () => {
    const [frame] = framesOf(answered({ format: 'table' }, [time(DAY_1), value(1)]));
    expect(frame?.fields[0]).toMatchObject({ name: 'time', type: FieldType.time, values: [at(DAY_1)] });
  });

  it('filters by dimensions, but not by names, which are none', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(field(frame, 'agent').config.filterable).toBe(true);
    expect(field(frame, 'agentName').config.filterable).toBe(false);
  });

  it('links its agents to their detail', () => {
    const [frame] = framesOf(answered({ format: 'table', groupBy: ['agent'], interval: 'none' }, AGENTS));
    expect(field(frame, 'agentName').config.links?.[0]?.url).toContain(
      'var-agent=${__data.fields.agent:percentencode}',
    );
  });

  it('has codes as texts, and weekdays as numbers that are shown as days', () => {
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

  it('has each row’s course in a column of small frames, sorted by the figure', () => {
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

  it('shows its rows without their course where that could not be had, and says why', () => {
    const changes: Partial<AnalyticsQuery> = { format: 'table', groupBy: ['agent'], sparkline: true };
    const detailError = { code: 'VALIDATION_ERROR', message: 'too many cells' };
    const [frame] = framesOf(answered(changes, AGENTS, { detailError }));
    expect(frame?.fields.map(({ name }) => name)).not.toContain('trend');
    expect(frame?.meta?.notices).toEqual([
      { severity: 'warning', text: 'The details are missing: too many cells' },
    ]);
  });
});

describe('the heatmap of agents by day', () => {
  const heatmap = (columns: Column[]) => framesOf(answered({ format: 'heatmap-agent-day' }, columns));

  it('has the days’ last milliseconds first, and then a row an agent, the busiest first', () => {
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

  it('leaves a cell empty where nothing is known', () => {
    const [frame] = heatmap([
      time(DAY_1, DAY_2, DAY_1),
      text('agent', 'a1', 'a1', 'a2'),
      text('agentName', 'x', 'x', 'y'),
      value(5, 6, 1),
    ]);
    expect(field(frame, 'y').values).toEqual([1, null]);
  });

  it('puts an empty day before a single one, of which nothing would be drawn', () => {
    const [frame] = heatmap([time(DAY_2), text('agent', 'a1'), text('agentName', 'x'), value(3)]);
    expect(frame?.fields[0]?.values).toEqual([at(DAY_2) - 1, at('2026-03-08T00:00:00Z') - 1]);
    expect(field(frame, 'x').values).toEqual([null, 3]);
  });

  it('tells agents of one name apart by their ids', () => {
    const [frame] = heatmap([
      time(DAY_1, DAY_1),
      text('agent', 'a1', 'a2'),
      text('agentName', 'twin', 'twin'),
      value(2, 1),
    ]);
    expect(frame?.fields.slice(1).map(({ name }) => name)).toEqual(['twin (a1)', 'twin (a2)']);
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

  it('has the 24 hours first, and then the days from Monday on', () => {
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

  it('has zeros where nothing was counted, and nothing where nothing was measured', () => {
    expect(field(heatmap(), 'Tuesday').values[3]).toBe(0);
    expect(field(heatmap({ metric: 'api_error_rate' }), 'Tuesday').values[3]).toBeNull();
  });

  it('names an hour by its end, which is what the tooltip asks for', () => {
    expect(heatmap()?.fields[0]?.config.mappings?.[0]?.options).toMatchObject({
      10: { text: '09:00–10:00' },
      24: { text: '23:00–00:00' },
    });
  });
});

describe('any format', () => {
  it.each(['timeseries', 'table', 'heatmap-agent-day', 'heatmap-weekday-hour'] as const)(
    'is no frame where there is no row: %s',
    (format) => {
      expect(
        framesOf(
          answered({ format, groupBy: ['agent'] }, [time(), text('agent'), text('agentName'), value()]),
        ),
      ).toEqual([]);
      expect(framesOf(answered({ format, interval: 'none' }, [value()]))).toEqual([]);
    },
  );

  it('hands on the notices of the answer, each once', () => {
    const mainResult = {
      columns: [time(DAY_1), value(1)],
      notices: ['widened', 'widened', { text: 'and more' }],
    };
    expect(framesOf({ ...answered({}, []), mainResult })[0]?.meta?.notices).toEqual([
      { severity: 'info', text: 'widened' },
      { severity: 'info', text: 'and more' },
    ]);
  });

  it('shows in the inspector what was asked', () => {
    const [frame] = framesOf(answered({}, [time(DAY_1), value(1)]));
    expect(JSON.parse(frame?.meta?.executedQueryString ?? '')).toMatchObject({
      metric: 'api_calls',
      interval: 'day',
    });
  });
});
