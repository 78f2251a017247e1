/** Which requests share a batch, in which order batches run, and what happens when one fails. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Batcher, type BatcherOptions } from '../../src/queues/batcher.js';

type Options = BatcherOptions<string, string>;

/** A batcher whose batches wait until `finish` is called. Answers are the requests in upper case. */
function open(options: Partial<Options> = {}) {
  const batches: string[] = [];
  const held: (() => void)[] = [];
  let active = 0;
  const state = { batches, mostActive: 0 };
  const batcher = new Batcher<string, string>({
    run: async (key, requests) => {
      batches.push(`${key}: ${requests.join(' ')}`);
      active += 1;
      state.mostActive = Math.max(state.mostActive, active);
      await new Promise<void>((resolve) => held.push(resolve));
      active -= 1;
      if (requests.includes('bad')) throw new Error(`failed: ${requests.join(' ')}`);
      return requests.map((request) => request.toUpperCase());
    },
    maxWeight: 10,
    concurrency: 1,
    ...options,
  });
  const submitAll = (key: string, requests: readonly string[]): Promise<PromiseSettledResult<string>[]> =>
    Promise.allSettled(requests.map((request) => batcher.submit(key, request)));
  /** Finishes the oldest batch. */
  const finish = async (): Promise<void> => {
    await nextTurn();
    held.shift()?.();
    await nextTurn();
    await nextTurn();
  };
  const finishAll = async (): Promise<void> => {
    let drained = false;
    void batcher.drain().then(() => (drained = true));
    while (!drained) await finish();
  };
  return { batcher, state, submitAll, finish, finishAll };
}

const outcomes = (results: readonly PromiseSettledResult<string>[]): string[] =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message));

it('batches the requests of one turn of the event loop, and those that arrive while a batch runs', async () => {
  const { state, submitAll, finish, finishAll } = open();
  const first = submitAll('a', ['1', '2']);
  await nextTurn();
  const later = [submitAll('a', ['x']), submitAll('a', ['y'])];
  await finish();
  await finishAll();
  expect(state.batches).toEqual(['a: 1 2', 'a: x y']);
  expect(outcomes(await first)).toEqual(['1', '2']);
  expect((await Promise.all(later)).flatMap(outcomes)).toEqual(['X', 'Y']);
});

it('gives each key its turn, however many requests another one has', async () => {
  const { state, submitAll, finishAll } = open({ maxWeight: 2 });
  const all = [submitAll('a', ['1', '2', '3', '4', '5', '6']), submitAll('b', ['7']), submitAll('c', ['8'])];
  await finishAll();
  await Promise.all(all);
  expect(state.batches).toEqual(['a: 1 2', 'b: 7', 'c: 8', 'a: 3 4', 'a: 5 6']);
});

it('runs one batch of a key at a time, beside those of other keys', async () => {
  const { state, submitAll, finishAll } = open({ maxWeight: 1, concurrency: 3 });
  const all = [submitAll('a', ['1', '2', '3']), submitAll('b', ['4'])];
  await nextTurn();
  expect(state.batches).toEqual(['a: 1', 'b: 4']);
  await finishAll();
  await Promise.all(all);
  expect(state).toEqual({ batches: ['a: 1', 'b: 4', 'a: 2', 'a: 3'], mostActive: 2 });
});

it('keeps light requests waiting for the batch of their key that runs, and starts heavy ones beside it', async () => {
  const { state, submitAll, finish, finishAll } = open({
    ...{ concurrency: 3, concurrencyPerKey: 2, besideWeight: 4 },
    weigh: (request: string) => request.length,
  });
  const all = [submitAll('a', ['a']), submitAll('b', ['b'])];
  await nextTurn();
  all.push(submitAll('a', ['c', 'dd']));
  await nextTurn();
  expect(state.batches).toEqual(['a: a', 'b: b']);
  await finish();
  expect(state.batches).toEqual(['a: a', 'b: b', 'a: c dd']);
  all.push(submitAll('a', ['ee', 'ff']));
  await nextTurn();
  expect(state.batches).toEqual(['a: a', 'b: b', 'a: c dd', 'a: ee ff']);
  await finishAll();
  await Promise.all(all);
  expect(state.mostActive).toBe(3);
});

it('runs several batches of a key at a time where that is allowed, and counts what waits', async () => {
  const { batcher, state, submitAll, finishAll } = open({
    ...{ concurrency: 2, concurrencyPerKey: 2 },
    ...{ maxWeight: 3, weigh: (request: string) => request.length },
  });
  const all = submitAll('a', ['xx', 'x', 'xxxxx', 'xx', 'xx']);
  expect(batcher.waitingWeight).toBe(12);
  await nextTurn();
  expect(state.batches).toEqual(['a: xx x', 'a: xxxxx']);
  expect(batcher.waitingWeight).toBe(4);
  await finishAll();
  await all;
  expect(state).toEqual({ batches: ['a: xx x', 'a: xxxxx', 'a: xx', 'a: xx'], mostActive: 2 });
  expect(batcher.waitingWeight).toBe(0);
});

it('runs large requests side by side, and batches them once no further batch could run', async () => {
  const { state, submitAll, finishAll } = open({
    ...{ concurrency: 3, concurrencyPerKey: 3 },
    ...{ maxWeight: 8, largeWeight: 3, weigh: (request: string) => request.length },
  });
  const all = submitAll('a', ['aaa', 'b', 'cc', 'ddd', 'eee', 'f', 'gg']);
  await nextTurn();
  expect(state.batches).toEqual(['a: aaa', 'a: b cc', 'a: ddd eee f']);
  await finishAll();
  await all;
  expect(state).toEqual({ batches: ['a: aaa', 'a: b cc', 'a: ddd eee f', 'a: gg'], mostActive: 3 });
});

describe('a batch that fails', () => {
  const requests = ['a1', 'bad', 'b1', 'b2', 'a2'];

  it('fails all of its requests', async () => {
    const { state, submitAll, finishAll } = open();
    const all = submitAll('a', requests);
    await finishAll();
    expect(outcomes(await all)).toEqual(Array(5).fill('failed: a1 bad b1 b2 a2'));
    expect(state.batches).toHaveLength(1);
  });

  it('is split by group and then by request', async () => {
    const { state, submitAll, finishAll } = open({
      splitOn: () => true,
      groupOf: (request) => request.slice(0, 1),
    });
    const all = submitAll('k', requests);
    await finishAll();
    expect(outcomes(await all)).toEqual(['A1', 'failed: bad', 'B1', 'B2', 'A2']);
    expect(state.batches).toEqual([
      ...['k: a1 bad b1 b2 a2', 'k: a1 a2', 'k: bad b1 b2'],
      ...['k: bad', 'k: b1', 'k: b2'],
    ]);
  });

  it('is not split for an error that its parts would meet as well', async () => {
    const { state, submitAll, finishAll } = open({
      splitOn: (error) => !/b1/.test((error as Error).message),
    });
    const all = submitAll('a', requests);
    await finishAll();
    expect(outcomes(await all)).toEqual(Array(5).fill('failed: a1 bad b1 b2 a2'));
    expect(state.batches).toHaveLength(1);
  });
});
