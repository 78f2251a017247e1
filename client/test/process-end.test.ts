import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AnalyticsClientOptions } from '../src/index.js';
import { Service } from './support/service.js';

const PROGRAM = fileURLToPath(new URL('support/ending-process.ts', import.meta.url));
const running: ChildProcess[] = [];
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await service.stop();
});

interface Run {
  child: ChildProcess;
  ended: Promise<{ code: number | null; signal: string | null; output: string; lasted: number }>;
  recorded: Promise<unknown>;
}

function start(way: string, options: Partial<AnalyticsClientOptions> = {}): Run {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', PROGRAM, service.url, way, JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  running.push(child);
  let output = '';
  let since = 0;
  const recorded = new Promise<void>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!output.includes('recorded')) return;
      since ||= Date.now();
      resolve();
    });
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    ...{ code: code as number | null, signal: signal as string | null },
    ...{ output, lasted: Date.now() - since },
  }));
  return { child, ended, recorded };
}

describe('a process with nothing left to do', () => {
  it('sends the queue, retries if necessary, and exits', async () => {
    service.behave = (_request, index) => (index === 0 ? 'cut' : undefined);
    const { code, output } = await start('exit').ended;
    expect([code, output]).toEqual([0, 'recorded\n']);
    expect(service.items('events').map(({ agentId }) => agentId)).toEqual(['exit', 'exit']);
  });

  it('is delayed by at most exitTimeoutMs', async () => {
    service.behave = () => 'silent';
    const { code, output, lasted } = await start('exit', { exitTimeoutMs: 300 }).ended;
    expect([code, output]).toEqual([0, 'recorded\nCLOSED 1\n']);
    expect(lasted).toBeGreaterThan(250);
    expect(lasted).toBeLessThan(5_000);
  });

  it('is not kept alive by the client with `flushOnExit: false`', async () => {
    const { code, lasted } = await start('exit', { flushOnExit: false }).ended;
    expect(code).toBe(0);
    expect(lasted).toBeLessThan(5_000);
    expect(service.received).toEqual([]);
  });

  it('is kept alive by an awaited flush, also between attempts', async () => {
    service.behave = (_request, index) =>
      index < 2 ? { status: 503, headers: { 'retry-after': '0.3' } } : undefined;
    const { code, output } = await start('await', { flushOnExit: false }).ended;
    expect([code, output]).toEqual([0, 'true\nrecorded\n']);
  });
});

describe('a signal', () => {
  it('sends the queue, and then ends the process as without the client', async () => {
    const run = start('signal', { flushOnSignals: true });
    await run.recorded;
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(service.items('events')).toHaveLength(1);
  });

  it('ends the process immediately if it is received twice', async () => {
    service.behave = () => 'silent';
    const run = start('signal', { flushOnSignals: ['SIGINT'], exitTimeoutMs: 60_000 });
    await run.recorded;
    run.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.child.kill('SIGINT');
    expect(await run.ended).toMatchObject({ signal: 'SIGINT' });
  });

  it("leaves ending the process to the program's own listener", async () => {
    const run = start('listener', { flushOnSignals: true });
    await run.recorded;
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 7 });
    expect(service.items('events')).toHaveLength(1);
  });

  it('ends the process without sending anything by default', async () => {
    const run = start('signal');
    await run.recorded;
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(service.received).toEqual([]);
  });
});
