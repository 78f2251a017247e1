import { lockKey, transactionLock, tryTransactionLock } from '../../src/db/locks.js';
import { withTransaction } from '../../src/db/pool.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.drop());

describe('lockKey', () => {
  it('is the same in every release, fits a bigint, and differs by namespace and text', () => {
    expect(lockKey('rollup', 'tenant-1')).toBe('-3746435601952138039');
    expect(lockKey('ab', 'c')).not.toBe(lockKey('a', 'bc'));
    const keys = Array.from({ length: 1000 }, (_, index) => BigInt(lockKey('rollup', String(index))));
    expect(new Set(keys).size).toBe(1000);
    expect(keys.every((key) => BigInt.asIntN(64, key) === key)).toBe(true);
  });
});

describe('a transaction lock', () => {
  it('is held until the end of the transaction', async () => {
    const { pool } = database;
    const key = lockKey('test', 'one');
    const tryIt = (other = key) => withTransaction(pool, (client) => tryTransactionLock(client, other));
    await withTransaction(pool, async (client) => {
      await transactionLock(client, key);
      expect(await tryIt()).toBe(false);
      expect(await tryIt(lockKey('test', 'two'))).toBe(true);
    });
    expect(await tryIt()).toBe(true);
  });

  it('makes a second transaction wait', async () => {
    const { pool } = database;
    const key = lockKey('test', 'turn');
    const order: string[] = [];
    const turn = (name: string, seconds: number) =>
      withTransaction(pool, async (client) => {
        await transactionLock(client, key);
        order.push(`${name} in`);
        await client.query('SELECT pg_sleep($1)', [seconds]);
        order.push(`${name} out`);
      });
    await Promise.all([turn('a', 0.1), turn('b', 0.1)]);
    expect(order[1]?.slice(0, 1)).toBe(order[0]?.slice(0, 1));
    expect(order).toHaveLength(4);
  });
});
