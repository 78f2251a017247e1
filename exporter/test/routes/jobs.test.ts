import { refusalOf, testApp, type TestApp } from '../support/app.js';

interface Jobs {
  jobs: {
    job: string;
    slot: string;
    startedAt: string;
    finishedAt: string | null;
    rows: number | null;
    error: string | null;
  }[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.pool.query(`INSERT INTO job_runs (job, slot, started_at, finished_at, rows, error) VALUES
    ('nightly', '2026-03-17T00:05:00Z', '2026-03-17T00:05:01Z', '2026-03-17T00:05:03.5Z', 420, NULL),
    ('nightly', '2026-03-18T00:05:00Z', '2026-03-18T00:05:01Z', '2026-03-18T00:05:02Z', NULL, 'connect to db.internal as admin failed'),
    ('partitions', '2026-03-18T11:20:00Z', '2026-03-18T11:20:00Z', NULL, NULL, NULL),
    ('nightly', '2026-02-16T00:05:00Z', '2026-02-16T11:59:59.999Z', '2026-02-16T12:00:01Z', 1, NULL)`);
});
afterAll(() => t.close());

const startsOf = async (query: string): Promise<string[]> =>
  (await t.read<Jobs>(`jobs${query}`)).jobs.map(({ startedAt }) => startedAt.slice(0, 10));

describe('GET /jobs', () => {
  it('lists the runs of the last 30 days, newest first, without what an error says of the inside', async () => {
    expect(await t.read('jobs')).toEqual({
      jobs: [
        {
          job: 'partitions',
          slot: '2026-03-18T11:20:00.000Z',
          startedAt: '2026-03-18T11:20:00.000Z',
          finishedAt: null,
          rows: null,
          error: null,
        },
        {
          job: 'nightly',
          slot: '2026-03-18T00:05:00.000Z',
          startedAt: '2026-03-18T00:05:01.000Z',
          finishedAt: '2026-03-18T00:05:02.000Z',
          rows: null,
          error: expect.not.stringContaining('admin'),
        },
        {
          job: 'nightly',
          slot: '2026-03-17T00:05:00.000Z',
          startedAt: '2026-03-17T00:05:01.000Z',
          finishedAt: '2026-03-17T00:05:03.500Z',
          rows: 420,
          error: null,
        },
      ],
    });
  });

  it('takes dates, both included, and times, the last excluded', async () => {
    expect(await startsOf('?from=2026-03-17&to=2026-03-17')).toEqual(['2026-03-17']);
    expect(await startsOf('?from=2026-02-16&to=2026-03-17')).toEqual(['2026-03-17', '2026-02-16']);
    expect(await startsOf('?from=2026-03-17T00:05:01Z&to=2026-03-18T00:05:01Z')).toEqual(['2026-03-17']);
    expect(await startsOf('?from=2026-03-17T02:05:01%2B02:00&to=2026-03-17T00:05:02Z')).toEqual([
      '2026-03-17',
    ]);
    expect(await startsOf('?to=2026-02-20')).toEqual(['2026-02-16']);
  });

  it('takes a range that ends in the future, as those of panels do', async () => {
    expect(await startsOf('?from=2026-03-18&to=2026-03-25T00:00:00.000Z')).toEqual([
      '2026-03-18',
      '2026-03-18',
    ]);
  });

  it('is the same for every tenant', async () => {
    const answers = await Promise.all(['acme', 'other'].map((tenant) => t.get('jobs', tenant)));
    expect(answers[0]!.body).toBe(answers[1]!.body);
  });

  it.each(['from=nonsense', 'to=', 'from=2026-02-30', 'from=2026-03-18&to=2026-03-17', 'to=0001-01-01'])(
    'refuses %s',
    async (query) => {
      expect(refusalOf(await t.get(`jobs?${query}`))).toEqual([400, 'INVALID_DATE_RANGE']);
    },
  );
});
