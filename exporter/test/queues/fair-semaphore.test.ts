import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairSemaphore } from '../../src/queues/fair-semaphore.js';

/** Tasks that run until they are told to end. */
function open(capacity: number) {
  const semaphore = new FairSemaphore(capacity);
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
