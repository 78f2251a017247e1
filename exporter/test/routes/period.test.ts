/** The rules of `from` and `to`, which all routes over a period share. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: '2026-03-18T23:59:59.999Z' });
});
afterAll(() => t.close());
beforeEach(() => t.setNow('2026-03-18T23:59:59.999Z'));

const ROUTES = [
  { route: 'usage-summary', days: 365 },
  { route: 'token-trends', days: 365 },
  { route: 'credential-rotations', days: 365 },
  { route: 'call-patterns', days: 365 },
  { route: 'agents/activity', days: 365 },
  { route: 'agent-activity', days: 90 },
];
const WITH_PERIOD = ROUTES.filter(({ route }) => route !== 'agents/activity');

const dayBefore = (to: string, days: number): string =>
  new Date(Date.parse(to) - days * 86_400_000).toISOString().slice(0, 10);

async function periodOf(path: string): Promise<unknown> {
  return (await t.read<Json>(path)).period;
}

describe.each(WITH_PERIOD)('the period of GET /$route', ({ route }) => {
  it('ends today and begins 30 days before its end, by default', async () => {
    expect(await periodOf(route)).toEqual({ from: '2026-02-16', to: '2026-03-18' });
    expect(await periodOf(`${route}?to=2026-03-03`)).toEqual({ from: '2026-02-01', to: '2026-03-03' });
    expect(await periodOf(`${route}?from=2026-03-03`)).toEqual({ from: '2026-03-03', to: '2026-03-18' });
  });

  it('takes a single day, today and a leap day', async () => {
    expect(await periodOf(`${route}?from=2026-03-18&to=2026-03-18`)).toEqual({
      from: '2026-03-18',
      to: '2026-03-18',
    });
    expect(await periodOf(`${route}?from=2024-02-29&to=2024-02-29`)).toEqual({
      from: '2024-02-29',
      to: '2024-02-29',
    });
  });
});

describe.each(ROUTES)('GET /$route', ({ route, days }) => {
  it(`takes ${days} days and no more`, async () => {
    const longest = dayBefore('2026-03-18', days - 1);
    expect((await t.get(`${route}?from=${longest}&to=2026-03-18`)).statusCode).toBe(200);
    const longer = await t.get(`${route}?from=${dayBefore('2026-03-18', days)}&to=2026-03-18`);
    expect(refusalOf(longer)).toEqual([400, 'INVALID_DATE_RANGE']);
    expect(longer.json<Json>().message).toContain(String(days));
  });

  it.each([
    ['from after to', 'from=2026-03-10&to=2026-03-09'],
    ['to after today', 'to=2026-03-19'],
    ['from after today', 'from=2026-03-19'],
    ['a day that does not exist', 'from=2026-02-29'],
    ['a month that does not exist', 'to=2026-13-01'],
    ['no date', 'from=yesterday'],
    ['an empty date', 'from='],
    ['a time', 'from=2026-03-01T00:00:00Z'],
    ['a short form', 'from=2026-3-1'],
    ['a year of five digits', 'to=12026-03-01'],
    ['the year 0', 'from=0000-01-01&to=0000-01-02'],
    ['the first of all days, which has no 30 days before it', 'to=0001-01-02'],
    ['a year of two digits, which is none of the 1900s', 'from=0099-03-01&to=0099-03-02'],
    ['U+0000', 'from=%00'],
  ])('refuses %s', async (_case, query) => {
    expect(refusalOf(await t.get(`${route}?${query}`))).toEqual([400, 'INVALID_DATE_RANGE']);
  });

  it('takes midnight UTC for the end of today', async () => {
    expect((await t.get(`${route}?to=2026-03-19`)).statusCode).toBe(400);
    t.setNow('2026-03-19T00:00:00Z');
    expect((await t.get(`${route}?to=2026-03-19`)).statusCode).toBe(200);
  });

  it('refuses a parameter given twice', async () => {
    expect(refusalOf(await t.get(`${route}?from=2026-03-01&from=2026-03-02`))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });
});
