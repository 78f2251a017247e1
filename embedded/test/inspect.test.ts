import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endServer, makeTemporaryDataDir, removeLeftoverDataDirs, runningServer } from '../src/index.js';
import { waitUntil } from '../src/processes.js';
import { EmbeddedTest, isRunning, query } from './support/servers.js';

const test = new EmbeddedTest();
afterEach(() => test.cleanUp());

describe('runningServer', () => {
  it('describes the server of a data directory while it runs', async () => {
    const dataDir = test.directory();
    expect(runningServer(dataDir)).toBeUndefined();
    const server = await test.start(dataDir, { database: 'own' });
    expect(runningServer(dataDir, 'own')).toEqual({ pid: server.pid, ready: true, url: server.url });
    await server.stop();
    expect(runningServer(dataDir)).toBeUndefined();
  });
});

describe('endServer', () => {
  it('stops a server that another process still uses', async () => {
    const dataDir = test.directory();
    const user = await test.startProcess(dataDir);
    user.child.kill('SIGSTOP'); // otherwise it starts the server again
    await endServer(dataDir);
    expect(isRunning(user.pid)).toBe(false);
  });

  it('kills a server that does not react', async () => {
    const dataDir = test.directory();
    const server = await test.start(dataDir, { restart: false });
    process.kill(server.pid, 'SIGSTOP');
    await endServer(dataDir, 100);
    expect(isRunning(server.pid)).toBe(false);
  });

  it('does nothing if no server runs', async () => {
    const dataDir = test.directory();
    await endServer(dataDir);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

describe('removeLeftoverDataDirs', () => {
  const PREFIX = 'agentidp-leftover-test-';

  /** As `makeTemporaryDataDir` makes it in a process that has ended since. */
  async function leftover(): Promise<string> {
    const ended = spawn('true');
    await once(ended, 'exit');
    const made = path.join(os.tmpdir(), `${PREFIX}${ended.pid}-abcdef`);
    mkdirSync(made);
    chmodSync(made, 0o711);
    return made;
  }

  it('stops the server of a killed process and removes its folder, and leaves those of living processes', async () => {
    const living = makeTemporaryDataDir(PREFIX);
    const dead = await leftover();
    try {
      const owner = await test.startProcess(dead);
      expect(await query(owner.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await owner.kill();
      await removeLeftoverDataDirs(PREFIX);
      expect(await waitUntil(() => !isRunning(owner.pid), 5_000)).toBe(true);
      expect([existsSync(dead), existsSync(living)]).toEqual([false, true]);
    } finally {
      rmSync(living, { recursive: true, force: true });
    }
  });
});
