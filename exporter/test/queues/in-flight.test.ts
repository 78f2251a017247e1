import { InFlight } from '../../src/queues/in-flight.js';

it('drains once every task has settled, those that began meanwhile and those that fail included', async () => {
  const inFlight = new InFlight();
  const ends: ((error?: Error) => void)[] = [];
  const begin = (): Promise<void> =>
    inFlight.track(
      new Promise<void>((resolve, reject) =>
        ends.push((error) => (error === undefined ? resolve() : reject(error))),
      ),
    );
  const first = begin();
  const failing = expect(begin()).rejects.toThrow('broken');
  let drained = false;
  const drain = inFlight.drain().then(() => (drained = true));
  const third = begin();
  ends[1]!(new Error('broken'));
  await failing;
  ends[0]!();
  await first;
  expect([drained, inFlight.size]).toEqual([false, 1]);
  ends[2]!();
  await third;
  await drain;
  expect(inFlight.size).toBe(0);
  await inFlight.nextSettled();
});
