import { createBreaker } from '../../src/cache/breaker.js';

const works = () => Promise.resolve('value');
const fails = () => Promise.reject(new Error('no answer'));

function setUp() {
  const changes: string[] = [];
  const clock = { now: 1_000 };
  const run = createBreaker({
    now: () => clock.now,
    onOpen: (error) => changes.push(`open: ${(error as Error).message}`),
    onClose: () => changes.push('closed'),
  });
  let calls = 0;
  const counted = (operation: () => Promise<string>) => () => {
    calls += 1;
    return operation();
  };
  return {
    changes,
    clock,
    callsOf: async (operation: () => Promise<string>, times: number) => {
      calls = 0;
      for (let i = 0; i < times; i += 1) await run(counted(operation));
      return calls;
    },
    run,
  };
}

describe('A circuit breaker', () => {
  it('returns the value, or undefined after a failure', async () => {
    const { run, changes } = setUp();
    expect(await run(works)).toEqual({ value: 'value' });
    expect(await run(fails)).toBeUndefined();
    expect(changes).toEqual([]);
  });

  it('opens after three consecutive failures, and reports it once', async () => {
    const { callsOf, changes } = setUp();
    await callsOf(fails, 2);
    await callsOf(works, 1);
    await callsOf(fails, 2);
    expect(changes).toEqual([]);
    expect(await callsOf(fails, 10)).toBe(1);
    expect(changes).toEqual(['open: no answer']);
  });

  it('allows one trial per second, and closes when it succeeds', async () => {
    const { callsOf, clock, changes } = setUp();
    await callsOf(fails, 3);
    clock.now += 1_000;
    expect(await callsOf(fails, 5)).toBe(1);
    clock.now += 999;
    expect(await callsOf(works, 5)).toBe(0);
    clock.now += 1;
    expect(await callsOf(works, 5)).toBe(5);
    expect(changes).toEqual(['open: no answer', 'closed']);
  });

  it('allows no other operation during the trial', async () => {
    const { callsOf, clock, run } = setUp();
    await callsOf(fails, 3);
    clock.now += 1_000;
    let answer: (value: string) => void = () => undefined;
    const attempt = run(() => new Promise<string>((resolve) => (answer = resolve)));
    expect(await callsOf(works, 5)).toBe(0);
    answer('late');
    expect(await attempt).toEqual({ value: 'late' });
    expect(await callsOf(works, 5)).toBe(5);
  });
});
