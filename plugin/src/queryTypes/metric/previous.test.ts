import { reduceField, type DataFrame, type Field } from '@grafana/data';
import type { Column, QueryRequest } from '../../api/types';
import { FakeBackend, type Reply } from '../../test/backend';
import { columnsFor, datasource, query, run, text, value } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import type { AnalyticsQuery } from '../../query';

const NOW = { from: '2026-03-15T00:00:00Z', to: '2026-04-14T00:00:00Z' };

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
  answers([value(30)], [value(20)]);
});

const isNow = ({ range }: QueryRequest) => range.to === new Date(NOW.to).toISOString();

function answers(now: Column[], before: Column[] | Reply): void {
  backend.onQuery((request) => {
    if (isNow(request)) {
      return columnsFor(request, now, ['widened']);
    }
    return Array.isArray(before) ? columnsFor(request, before, ['of before']) : before;
  });
}

const compared = (changes: Partial<AnalyticsQuery> = {}) =>
  query({ interval: 'none', previous: true, ...changes });
const ask = async (target = compared()): Promise<DataFrame> =>
  (await run(datasource(), [target], NOW)).data[0] as DataFrame;
const figures = ({ fields }: DataFrame): Field[] => fields.filter(({ name }) => name !== 'time');
/** The percent change that a stat panel shows; undefined if it is not a number. */
const changeOf = (field: Field) => reduceField({ field, reducers: ['diffperc'] }).diffperc;
const ranges = () => backend.queries().map(({ range }) => [range.from, range.to]);

describe('a value that is compared with the previous period', () => {
  it('is requested again for the preceding range of the same length', async () => {
    await ask();
    expect(ranges()).toEqual([
      ['2026-03-15T00:00:00.000Z', '2026-04-14T00:00:00.000Z'],
      ['2026-02-13T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    ]);
  });

  it('is requested together with the others of its panel', async () => {
    await run(
      datasource(),
      [compared(), query({ refId: 'B' }), compared({ refId: 'C', groupBy: ['agent'] })],
      NOW,
    );
    expect(backend.queries().map(({ queries }) => queries.length)).toEqual([3, 2]);
  });

  it('is two points, the previous value first', async () => {
    const frame = await ask();
    expect(frame.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ['time', Date.parse('2026-02-13T00:00:00Z'), Date.parse('2026-03-15T00:00:00Z')],
      ['api_calls', 20, 30],
    ]);
    expect(changeOf(frame.fields[1]!)).toBe(50);
    // Notices of the previous period do not apply to this one.
    expect(frame.meta?.notices).toEqual([{ severity: 'info', text: 'widened' }]);
  });

  it.each<[string, Column[]]>([
    ['was nothing', [value(0)]],
    ['is not known', [value(null)]],
    ['has no row', [value()]],
  ])('has no change if the previous value %s', async (_, before) => {
    answers([value(30)], before);
    const [figure] = figures(await ask());
    expect(figure?.values.at(-1)).toBe(30);
    expect(changeOf(figure!)).toBeNaN();
  });

  it('shows a drop to zero', async () => {
    answers([value(0)], [value(20)]);
    expect(changeOf(figures(await ask())[0]!)).toBe(-100);
  });

  it('is no frame if it is null now', async () => {
    answers([value(null)], [value(20)]);
    expect(await ask()).toBeUndefined();
  });

  it('is compared per group', async () => {
    answers([text('endpoint', 'a', 'b', 'c'), value(3, 2, null)], [text('endpoint', 'b', 'c'), value(1, 5)]);
    const fields = figures(await ask(compared({ groupBy: ['endpoint'] })));
    expect(fields.map(({ config, values }) => [config.displayNameFromDS, ...values])).toEqual([
      ['a', Infinity, 3],
      ['b', 1, 2],
    ]);
  });

  it('is compared for the same groups if there is a limit', async () => {
    await ask(compared({ groupBy: ['endpoint'], limit: 3 }));
    expect(backend.queries().map(({ queries }) => queries[0]?.limit)).toEqual([3, undefined]);
  });

  it('is shown without a change if the previous request fails, with a notice', async () => {
    answers([value(30)], { status: 429, data: { code: 'RATE_LIMITED', message: 'try again in 9 s' } });
    const frame = await ask();
    expect(changeOf(figures(frame)[0]!)).toBeNaN();
    expect(frame.meta?.notices?.[1]).toEqual({
      severity: 'warning',
      text: 'The period before is missing: Too many requests to AgentIdP Analytics. try again in 9 s',
    });
  });

  it('is an error if its own request fails', async () => {
    backend.onQuery(() => ({ status: 502 }));
    const { errors } = await run(datasource(), [compared()], NOW);
    expect(errors?.[0]?.message).toBe('AgentIdP Analytics cannot be reached.');
  });

  it.each([{ interval: 'day' as const }, { format: 'table' as const }])(
    'is one figure over the whole range: with %j nothing is compared',
    async (changes) => {
      await run(datasource(), [compared(changes)], NOW);
      expect(backend.queries()).toHaveLength(1);
    },
  );
});

describe('the previous period', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-04-14T09:34:20Z'));
    backend.onQuery((request) => columnsFor(request, [value(1)]));
  });
  afterEach(() => jest.restoreAllMocks());

  it('is aligned to minutes, as the exporter aligns the range', async () => {
    await run(datasource(), [compared()], { from: '2026-04-14T08:34:20Z', to: '2026-04-14T09:34:20Z' });
    expect(ranges()[1]).toEqual(['2026-04-14T07:33:00.000Z', '2026-04-14T08:34:00.000Z']);
  });

  it('is aligned to hours if there are no minutes', async () => {
    await run(datasource(), [compared({ metric: 'days_since_rotation' })], {
      from: '2026-04-14T03:34:20Z',
      to: '2026-04-14T09:34:20Z',
    });
    expect(ranges()[1]).toEqual(['2026-04-13T20:00:00.000Z', '2026-04-14T03:00:00.000Z']);
  });
});
