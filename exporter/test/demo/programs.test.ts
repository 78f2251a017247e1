import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProcess } from 'agentidp-analytics-embedded';
import { stopLeftover, findProgram, isFree, freePort, Program } from '../../src/demo/programs.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentidp-programs-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const never = new AbortController().signal;

/** Starts Node.js with a script. */
function start(script: string, pidFile?: string): Program {
  return Program.start({
    name: 'the program',
    command: process.execPath,
    args: ['-e', script],
    logFile: join(dir, 'program.log'),
    pidFile,
  });
}

const alive = (pid: number): boolean => findProcess(pid) !== undefined;
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i += 1) await delay(25);
  expect(condition()).toBe(true);
}

describe('a program that the demo starts', () => {
  it('is stopped together with its child processes', async () => {
    const children = join(dir, 'child.pid');
    // The child ignores the signal that ends its parent.
    const child = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('fs').writeFileSync(${JSON.stringify(children)}, String(process.pid))`;
    const program = start(
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`,
    );
    await until(() => existsSync(children) && readFileSync(children, 'utf8') !== '');
    const childPid = Number(readFileSync(children, 'utf8'));
    expect(alive(childPid)).toBe(true);
    await program.stop();
    await until(() => !alive(program.pid!) && !alive(childPid));
  });

  it('is ready once its URL returns 200', async () => {
    const port = await freePort(0);
    const program = start(
      `let n = 0; require('http').createServer((q, r) => { r.statusCode = ++n < 3 ? 503 : 200; r.end(); }).listen(${port}, '127.0.0.1')`,
    );
    try {
      await program.waitForUrl(`http://127.0.0.1:${port}/`, 10_000, never);
    } finally {
      await program.stop();
    }
  });

  it('causes an error that names its log if it exits instead', async () => {
    const program = start(`process.stderr.write('no licence'); process.exit(3)`);
    await expect(program.waitForUrl('http://127.0.0.1:1/', 10_000, never)).rejects.toThrow(
      `the program exited (exit code 3); see ${join(dir, 'program.log')}`,
    );
    expect(readFileSync(join(dir, 'program.log'), 'utf8')).toContain('no licence');
    await program.stop();
  });

  it('causes an error if it does not respond in time', async () => {
    const program = start('setInterval(() => {}, 1000)');
    await expect(program.waitForUrl('http://127.0.0.1:1/', 300, never)).rejects.toThrow(
      'did not respond within 0.3 s',
    );
    await program.stop();
  });

  it('reports why it could not be started', async () => {
    const program = Program.start({
      name: 'x',
      command: join(dir, 'nothing'),
      args: [],
      logFile: join(dir, 'x.log'),
    });
    await expect(program.wait()).resolves.toContain('ENOENT');
    await program.stop();
  });

  it('is stopped by the next demo if its own demo was killed', async () => {
    const pidFile = join(dir, 'left.pid');
    const program = start('setInterval(() => {}, 1000)', pidFile);
    expect(alive(program.pid!)).toBe(true);
    await stopLeftover(pidFile);
    expect(alive(program.pid!)).toBe(false);
    await program.stop();
    expect(existsSync(pidFile)).toBe(false);
  });

  it('is not stopped if its pid now belongs to another process', async () => {
    const program = start('setInterval(() => {}, 1000)');
    const pidFile = join(dir, 'other.pid');
    writeFileSync(pidFile, JSON.stringify({ pid: program.pid, startedAt: 'another time' }));
    await stopLeftover(pidFile);
    await stopLeftover(join(dir, 'none.pid'));
    expect(alive(program.pid!)).toBe(true);
    await program.stop();
  });
});

describe('findProgram and freePort', () => {
  it('find the first executable of that name on the PATH', () => {
    const [empty, first, second] = ['empty', 'first', 'second'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    for (const folder of [empty, first, second]) mkdirSync(folder);
    for (const folder of [first, second]) {
      writeFileSync(join(folder, 'tool'), '#!/bin/sh\n');
      chmodSync(join(folder, 'tool'), 0o755);
    }
    writeFileSync(join(empty, 'tool'), 'not executable');
    expect(findProgram('tool', [empty, '', first, second].join(':'))).toBe(join(first, 'tool'));
    expect(findProgram('nothing', first)).toBeUndefined();
  });

  it('choose another port if the preferred one is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const chosen = await freePort(port);
    expect([chosen === port, await isFree(port), await isFree(chosen)]).toEqual([false, false, true]);
    await new Promise((resolve) => server.close(resolve));
    expect(await freePort(port)).toBe(port);
  });
});
