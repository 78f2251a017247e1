import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CLOCK = new URL('../../src/jobs/clock.ts', import.meta.url).href;

it('a running clock does not keep its process alive', async () => {
  const program = `
    import { Clock } from '${CLOCK}';
    const clock = new Clock(Date.now);
    clock.onSlot('* * * * *', () => undefined);
    clock.start();
    console.log('started');`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  // Less than a minute: the process does not end with the first tick.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
  expect(stdout).toBe('started\n');
});
