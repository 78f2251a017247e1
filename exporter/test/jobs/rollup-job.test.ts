/** The rollup job: what follows a rollup, whatever came of it. */
import { jest } from '@jest/globals';
import { createRollupJob, type RollupJobDeps } from '../../src/jobs.js';

function setUp(): { job: ReturnType<typeof createRollupJob>; calls: string[]; fail: (name: string) => void } {
  const calls: string[] = [];
  const failing = new Set<string>();
  const step = (name: string) => async (): Promise<never> => {
    calls.push(name);
    if (failing.has(name)) throw new Error(`${name} failed`);
    return undefined as never;
  };
  const deps: RollupJobDeps = {
    rollup: { run: step('rollup') } as unknown as RollupJobDeps['rollup'],
    alerts: { during: async (work) => void (await work()), evaluateAll: step('alerts') },
    deliveries: { kick: jest.fn(() => void calls.push('deliveries')) },
    status: { refresh: step('status') } as unknown as RollupJobDeps['status'],
    everySeconds: 1,
    now: () => 0,
  };
  return { job: createRollupJob(deps), calls, fail: (name) => failing.add(name) };
}

it.each([[[]], [['rollup']], [['alerts']], [['rollup', 'alerts']]])(
  'sends messages and refreshes figures where this has failed: %j',
  async (failures: string[]) => {
    const { job, calls, fail } = setUp();
    failures.forEach(fail);
    const outcome = await job.run(new AbortController().signal).then(
      () => 'done',
      () => 'failed',
    );
    expect(outcome).toBe(failures.length === 0 ? 'done' : 'failed');
    expect(calls).toEqual(['rollup', 'alerts', 'deliveries', 'status']);
  },
);
