/** The jobs of exports: which of them looks at all files. */
import { createExportJobs } from '../../src/jobs.js';

it('ended exports are removed every few seconds, and all files are listed every ten minutes', async () => {
  const calls: string[] = [];
  const step = (name: string) => async (): Promise<void> => void calls.push(name);
  const runner = {
    kick: () => void calls.push('kick'),
    removeEnded: step('removeEnded'),
    sweep: step('sweep'),
  };
  const ran: [number, string[]][] = [];
  for (const { everySeconds, run } of createExportJobs(runner)) {
    await run(new AbortController().signal);
    ran.push([everySeconds, calls.splice(0)]);
  }
  expect(ran).toEqual([
    [5, ['kick', 'removeEnded']],
    [600, ['sweep']],
  ]);
});
