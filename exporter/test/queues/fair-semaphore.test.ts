import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FairLimits, FairSemaphore, NoTurn } from '../../src/queues/fair-semaphore.js';

/** Tasks that run until they are told to end. */
function open(capacity: number, limits: FairLimits = {}) {
  const semaphore = new FairSemaphore(capacity, limits);
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (key: string, weight: number, name: string): Promise<string> =>
    semaphore.run(key, weight, () => {
      started.push(name);
      return new Promise((resolve, reject) =>
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error))),
      );
    });
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)!(error);
    await nextTurn();
  };
  return { semaphore, started, run, end };
}

it('runs what fits, and gives each key its turn', async () => {
  const { semaphore, started, run, end } = open(10);
  const all = [run('a', 5, 'a1'), run('a', 5, 'a2'), run('a', 5, 'a3'), run('a', 5, 'a4'), run('b', 5, 'b1')];
  await nextTurn();
  expect([started, semaphore.running]).toEqual([['a1', 'a2'], 2]);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'a4']) await end(name);
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1']);
  expect(semaphore.running).toBe(0);
});

it('lets no task overtake one that does not fit yet, and runs a task above the capacity alone', async () => {
  const { started, run, end } = open(10);
  const all = [run('a', 6, 'first'), run('b', 50, 'huge'), run('c', 1, 'small')];
  await nextTurn();
  expect(started).toEqual(['first']);
  await end('first');
  expect(started).toEqual(['first', 'huge']);
  await end('huge');
  await end('small');
  expect(await Promise.all(all)).toEqual(['first', 'huge', 'small']);
});

it('makes room when a task fails', async () => {
  const { started, run, end } = open(1);
  const [failing, next] = [run('a', 1, 'failing'), run('a', 1, 'next')];
  const failure = expect(failing).rejects.toThrow('broken');
  await nextTurn();
  await end('failing', new Error('broken'));
  await failure;
  expect(started).toEqual(['failing', 'next']);
  await end('next');
  expect(await next).toBe('next');
});

describe('the share of a key', () => {
  it('leaves room for other keys, and is used by its own tasks in their order', async () => {
    const { semaphore, started, run, end } = open(4, { perKey: 2 });
    const all = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => run('a', 1, name));
    all.push(run('b', 1, 'b1'));
    await nextTurn();
    expect(started).toEqual(['a1', 'a2', 'b1']);
    expect([semaphore.running, semaphore.waitingOf('a'), semaphore.waitingOf('b')]).toEqual([3, 3, 0]);
    await end('b1');
    expect(started).toEqual(['a1', 'a2', 'b1']);
    await end('a2');
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
    for (const name of ['a1', 'a3', 'a4', 'a5']) await end(name);
    expect(await Promise.all(all)).toHaveLength(6);
  });

  it('has a bounded queue, and a task beyond it is refused at once', async () => {
    const { semaphore, run, end } = open(4, { perKey: 1, maxWaiting: 2 });
    const all = [run('a', 1, 'a1'), run('a', 1, 'a2'), run('a', 1, 'a3')];
    await expect(run('a', 1, 'a4')).rejects.toMatchObject({ ownShare: true });
    expect(semaphore.waitingOf('a')).toBe(2);
    all.push(run('b', 1, 'b1'));
    await nextTurn();
    for (const name of ['b1', 'a1', 'a2', 'a3']) await end(name);
    expect(await Promise.all(all)).toHaveLength(4);
    expect([semaphore.running, semaphore.waitingOf('a')]).toEqual([0, 0]);
  });

  it('a task that has waited for too long is refused, and the refusal says whose tasks are the reason', async () => {
    const { semaphore, started, run, end } = open(2, { perKey: 1, maxWaitMs: 20 });
    const running = [run('a', 1, 'a1'), run('b', 1, 'b1')];
    await expect(run('a', 1, 'a2')).rejects.toEqual(new NoTurn(true));
    await expect(run('c', 1, 'c1')).rejects.toMatchObject({ ownShare: false });
    expect([semaphore.waitingOf('a'), semaphore.waitingOf('c')]).toEqual([0, 0]);
    for (const name of ['a1', 'b1']) await end(name);
    await Promise.all(running);
    expect(started).toEqual(['a1', 'b1']);
  });
});
