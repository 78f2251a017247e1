import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isPidTaken, waitUntil } from '../src/processes.js';
import { EmbeddedTest, isRunning, query } from './support/servers.js';

const test = new EmbeddedTest();
afterEach(() => test.cleanUp());

/** A backend that computes and so does not notice that its postmaster has died. */
async function busyBackend(url: string): Promise<{ pid: number; ended: Promise<unknown> }> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = client
    .query('DO $$ BEGIN FOR i IN 1..2000000000 LOOP PERFORM 1; END LOOP; END $$')
    .catch((error: unknown) => error);
  await delay(200);
  return { pid: rows[0]?.pid ?? 0, ended };
}

describe('several processes on one data directory', () => {
  it('share a server, and the last of them stops it', async () => {
    const dataDir = test.directory();
    const first = await test.start(dataDir);
    const second = await test.startProcess(dataDir);
    expect(second).toMatchObject({ adopted: true, pid: first.pid, url: first.url });
    await second.end();
    expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    const third = await test.startProcess(dataDir);
    await first.stop();
    expect(await query(third.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await third.end();
    expect(isRunning(first.pid)).toBe(false);
  });

  it('leave no server running if all of them end at once', async () => {
    const dataDir = test.directory();
    const processes = [await test.startProcess(dataDir), await test.startProcess(dataDir)];
    await Promise.all(processes.map((user) => user.end()));
    expect(isRunning(processes[0]?.pid ?? 0)).toBe(false);
  });

  it('hand the server to the adopter if its owner was killed', async () => {
    const dataDir = test.directory();
    const owner = await test.startProcess(dataDir);
    const adopter = await test.start(dataDir);
    expect([owner.adopted, adopter.adopted]).toEqual([false, true]);
    await owner.kill();
    expect(await query(adopter.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await adopter.stop();
    expect(isRunning(owner.pid)).toBe(false);
  });

  it('leave the server of a killed process to the next start, which adopts and stops it', async () => {
    const dataDir = test.directory();
    const owner = await test.startProcess(dataDir);
    await owner.kill();
    const next = await test.start(dataDir);
    expect(next).toMatchObject({ adopted: true, pid: owner.pid });
    await next.stop();
    expect(isRunning(owner.pid)).toBe(false);
  });
});

describe('Ctrl-C', () => {
  it('ends the process and not its server, which is stopped last', async () => {
    const dataDir = test.directory();
    const user = await test.startProcess(dataDir);
    const second = await test.start(dataDir);
    process.kill(-(user.child.pid ?? 0), 'SIGINT');
    await new Promise((resolve) => user.child.once('exit', resolve));
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readFileSync(path.join(dataDir, 'postgres.log'), 'utf8')).not.toContain('shutdown request');
    await second.stop();
    expect(isRunning(user.pid)).toBe(false);
  });
});

describe('a postmaster that was killed', () => {
  it('is started again on the same port while a process uses it', async () => {
    const server = await test.start(test.directory());
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    expect(await waitUntil(() => server.pid !== killed, 20_000)).toBe(true);
    expect(isRunning(server.pid)).toBe(true);
    expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('stays dead with `restart: false`', async () => {
    const server = await test.start(test.directory(), { restart: false });
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    expect(await waitUntil(() => !isRunning(killed), 5_000)).toBe(true);
    await delay(1_500);
    expect(server.pid).toBe(killed);
    await server.stop();
  });

  it('keeps committed data, although a busy backend outlives it', async () => {
    const dataDir = test.directory();
    const owner = await test.startProcess(dataDir);
    await query(owner.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const backend = await busyBackend(owner.url);
    await owner.kill();
    process.kill(owner.pid, 'SIGKILL');
    expect(await waitUntil(() => !isRunning(owner.pid), 5_000)).toBe(true);
    expect(isRunning(backend.pid)).toBe(true);

    const next = await test.start(dataDir);
    expect(next.adopted).toBe(false);
    expect(new URL(next.url).port).toBe(new URL(owner.url).port);
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(isRunning(backend.pid)).toBe(false);
    expect(String(await backend.ended)).toMatch(/terminat/);
  });

  it('is replaced on another port if a program has taken its port', async () => {
    const dataDir = test.directory();
    const owner = await test.startProcess(dataDir);
    await query(owner.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await owner.kill();
    process.kill(owner.pid, 'SIGKILL');
    expect(await waitUntil(() => !isRunning(owner.pid), 5_000)).toBe(true);
    const program = createServer().listen(Number(new URL(owner.url).port), '127.0.0.1');
    try {
      await once(program, 'listening');
      const next = await test.start(dataDir);
      expect(new URL(next.url).port).not.toBe(new URL(owner.url).port);
      expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    } finally {
      program.close();
    }
  });

  it('counts as dead while it is a zombie', async () => {
    const dataDir = test.directory();
    const owner = await test.startProcess(dataDir);
    owner.child.kill('SIGSTOP'); // a stopped parent cannot reap its child
    process.kill(owner.pid, 'SIGKILL');
    expect(await waitUntil(() => !isRunning(owner.pid), 5_000)).toBe(true);
    expect(isPidTaken(owner.pid)).toBe(true);

    const started = Date.now();
    const next = await test.start(dataDir);
    expect(next.adopted).toBe(false);
    expect(next.pid).not.toBe(owner.pid);
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

describe('a stale lock file', () => {
  function ownerOf(dataDir: string): { uid: number; gid: number } {
    const { uid, gid } = statSync(path.join(dataDir, 'postgres'));
    return { uid, gid };
  }

  /** Owned by the server's user, as a killed server leaves it. */
  function leaveLockFile(dataDir: string, pid: number): void {
    const cluster = path.join(dataDir, 'postgres');
    const { uid, gid } = ownerOf(dataDir);
    const file = path.join(cluster, 'postmaster.pid');
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, `${pid}\n${cluster}\n1\n1\n\n127.0.0.1\n1 1\nready\n`, { mode: 0o600 });
    chownSync(file, uid, gid);
  }

  it('does not prevent a start, whether its pid is free or in use by another process', async () => {
    const dataDir = test.directory();
    await (await test.start(dataDir)).stop();
    leaveLockFile(dataDir, 999_999_999);
    const first = await test.start(dataDir);
    expect(first.adopted).toBe(false);
    await first.stop();

    // Owned by the server's user: PostgreSQL itself would take this process for a running server.
    const stranger = spawn('sleep', ['60'], { ...ownerOf(dataDir), stdio: 'ignore', cwd: '/' });
    try {
      leaveLockFile(dataDir, stranger.pid ?? 0);
      expect((await test.start(dataDir)).adopted).toBe(false);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });
});
