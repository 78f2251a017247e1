/** Concurrent requests of a tenant share transactions, and none fails or waits because of another's rows. */
import { AppError } from '../../src/errors.js';
import { transactionBatcher } from '../../src/ingest/transactions.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';

describe('executions', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(() => t.close());

  it('of many requests are written in few transactions, and each request gets its own counts', async () => {
    const tenant = t.tenant();
    const AT = '2026-03-18T10:00:00Z';
    const send = async (ns: number[]): Promise<Json> => {
      const executions = ns.map((n) => execution(n, AT));
      return (await t.post('/api/v1/executions', { executions }, tenant)).json<Json>();
    };
    const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => send([n, n + 1])));
    // All but the first and the last are sent by two requests, and accepted for one of them.
    expect(answers.reduce((sum, { accepted }) => sum + Number(accepted), 0)).toBe(65);
    expect(answers.reduce((sum, { duplicates }) => sum + Number(duplicates), 0)).toBe(63);
    const { rows } = await t.pool.query<{ executions: number; transactions: number }>(
      `SELECT count(*) AS executions, count(DISTINCT xmin::text) AS transactions FROM executions WHERE tenant_id = $1`,
      [tenant],
    );
    expect(rows[0]!.executions).toBe(65);
    expect(rows[0]!.transactions).toBeLessThan(32);
  });
});

describe('a transaction', () => {
  const written: number[][] = [];
  const batcher = transactionBatcher<number, string>({
    weigh: (request) => Math.abs(request),
    maxWeight: 10,
    run: async (tenant, requests) => {
      written.push([...requests]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (requests.includes(-1)) throw new Error('a bad row');
      if (requests.includes(-2)) throw new AppError('UNAVAILABLE', 'away');
      return requests.map((request) => `${tenant} ${request}`);
    },
  });
  const take = (requests: number[]) =>
    Promise.allSettled(requests.map((request) => batcher.submit('a b', request)));
  beforeEach(() => written.splice(0));

  it('has a maximum weight; a heavier request is written alone', async () => {
    const requests = [...Array.from({ length: 12 }, () => 4), 50, ...Array.from({ length: 12 }, () => 4)];
    const answers = await take(requests);
    expect(answers.map((answer) => (answer as { value?: string }).value)).toEqual(
      requests.map((request) => `a b ${request}`),
    );
    const weights = written.map((group) => group.reduce((sum, weight) => sum + weight, 0));
    expect(weights.filter((weight) => weight > 10)).toEqual([50]);
    expect(Math.max(...written.map((group) => group.length))).toBe(2);
  });

  it('that fails is repeated for each request', async () => {
    const answers = await take([1, 1, 1, -1, 1, 1, 1]);
    expect(answers.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    ]);
  });

  it('that fails because the database is unreachable is not repeated', async () => {
    await take([-2, 1, 1, 1, 1, 1]);
    expect(written.flat()).toHaveLength(6);
  });
});
