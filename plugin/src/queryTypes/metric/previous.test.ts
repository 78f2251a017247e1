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
/** What a stat shows below its figure; nothing where it is no number. */
const changeOf = (field: Field) => reduceField({ field, reducers: ['diffperc'] }).diffperc;
const ranges = () => backend.queries().map(({ range }) => [range.from, range.to]);

describe('a figure that is compared with the period before', () => {
  it('is asked once more over as long a range just before', async () => {
    await ask();
    expect(ranges()).toEqual([
      ['2026-03-15T00:00:00.000Z', '2026-04-14T00:00:00.000Z'],
      ['2026-02-13T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    ]);
  });

  it('together with all the others of its panel', async () => {
    await run(
      datasource(),
      [compared(), query({ refId: 'B' }), compared({ refId: 'C', groupBy: ['agent'] })],
      NOW,
    );
    expect(backend.queries().map(({ queries }) => queries.length)).toEqual([3, 2]);
  });

  it('is two points, of which the last is the figure, and a stat shows its change', async () => {
    const frame = await ask();
    expect(frame.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ['time', Date.parse('2026-02-13T00:00:00Z'), Date.parse('2026-03-15T00:00:00Z')],
      ['api_calls', 20, 30],
    ]);
    expect(changeOf(frame.fields[1]!)).toBe(50);
    // What the period before has to say is not of this one.
    expect(frame.meta?.notices).toEqual([{ severity: 'info', text: 'widened' }]);
  });

  it.each<[string, Column[]]>([
    ['was nothing', [value(0)]],
    ['is not known', [value(null)]],
    ['has no row', [value()]],
  ])('shows no change where the one before %s', async (_, before) => {
    answers([value(30)], before);
    const [figure] = figures(await ask());
    expect(figure?.values.at(-1)).toBe(30);
    expect(changeOf(figure!)).toBeNaN();
  });

  it('shows a fall to nothing', async () => {
    answers([value(0)], [value(20)]);
    expect(changeOf(figures(await ask())[0]!)).toBe(-100);
  });

  it('that is not known itself is no frame, and not the one before', async () => {
    answers([value(null)], [value(20)]);
    expect(await ask()).toBeUndefined();
  });

  it('by groups is compared group by group', async () => {
    answers([text('endpoint', 'a', 'b', 'c'), value(3, 2, null)], [text('endpoint', 'b', 'c'), value(1, 5)]);
    const fields = figures(await ask(compared({ groupBy: ['endpoint'] })));
    expect(fields.map(({ config, values }) => [config.displayNameFromDS, ...values])).toEqual([
      ['a', Infinity, 3],
      ['b', 1, 2],
    ]);
  });

  it('by its largest groups is compared with the same ones, however large they were', async () => {
    await ask(compared({ groupBy: ['endpoint'], limit: 3 }));
    expect(backend.queries().map(({ queries }) => queries[0]?.limit)).toEqual([3, undefined]);
  });

  it('is shown without a change, and says why, where the one before cannot be had', async () => {
    answers([value(30)], { status: 429, data: { code: 'RATE_LIMITED', message: 'try again in 9 s' } });
    const frame = await ask();
    expect(changeOf(figures(frame)[0]!)).toBeNaN();
    expect(frame.meta?.notices?.[1]).toEqual({
      severity: 'warning',
      text: 'The period before is missing: Too many requests to AgentIdP Analytics. try again in 9 s',
    });
  });

  it('is an error where the figure itself cannot be had', async () => {
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

describe('the period before', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-04-14T09:34:20Z'));
    backend.onQuery((request) => columnsFor(request, [value(1)]));
  });
  afterEach(() => jest.restoreAllMocks());

  it('ends where the exporter widens this one to: by minutes', async () => {
    await run(datasource(), [compared()], { from: '2026-04-14T08:34:20Z', to: '2026-04-14T09:34:20Z' });
    expect(ranges()[1]).toEqual(['2026-04-14T07:33:00.000Z', '2026-04-14T08:34:00.000Z']);
  });

  it('by hours, where minutes are not kept', async () => {
    await run(datasource(), [compared({ metric: 'days_since_rotation' })], {
      from: '2026-04-14T03:34:20Z',
      to: '2026-04-14T09:34:20Z',
    });
    expect(ranges()[1]).toEqual(['2026-04-13T20:00:00.000Z', '2026-04-14T03:00:00.000Z']);
  });
});
