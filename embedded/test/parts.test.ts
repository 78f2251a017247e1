/** Unit tests of the parts, mostly of errors that the operating system returns. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { jest } from '@jest/globals';
import { findBinaries, locateBinaries } from '../src/binaries.js';
import { ensureCluster } from '../src/cluster.js';
import { probe } from '../src/connection.js';
import { makeDataDir } from '../src/data-dir.js';
import { errorCode, errorMessage } from '../src/errors.js';
import { boundLog } from '../src/log-file.js';
import { launch } from '../src/launch.js';
import { silentLog } from '../src/log.js';
import { readOrMakePassword } from '../src/password.js';
import { findProcess, findProcesses, isSameProcess, waitUntil } from '../src/processes.js';
import { ServerReferences } from '../src/references.js';
import { chooseUser, commandAs, execOptions, withAccess } from '../src/server-user.js';
import { EmbeddedTest, isRoot, pretending } from './support/servers.js';

const test = new EmbeddedTest();
afterEach(async () => {
  jest.restoreAllMocks();
  await test.cleanUp();
});

/** A shell script that stands in for a program. */
function script(text: string): string {
  const file = path.join(test.directory(), 'script');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** What looks like a complete cluster, owned by the user of this process. */
function fakeCluster(): string {
  const dataDir = test.directory();
  mkdirSync(path.join(dataDir, 'postgres', 'global'), { recursive: true });
  for (const name of ['PG_VERSION', 'global/pg_control'])
    writeFileSync(path.join(dataDir, 'postgres', name), '18\n');
  return dataDir;
}

describe('the user of PostgreSQL', () => {
  (isRoot ? it : it.skip)('is the owner of an existing cluster, who must not be root', () => {
    const dataDir = fakeCluster();
    expect(() => chooseUser(dataDir)).toThrow(
      /belongs to root, as whom PostgreSQL does not run: chown -R it/,
    );
    chownSync(path.join(dataDir, 'postgres'), 65534, 65534);
    expect(chooseUser(dataDir)).toEqual({ name: 'uid 65534', uid: 65534, gid: 65534 });
  });

  it('is that of this process, unless the cluster belongs to another', () => {
    const dataDir = fakeCluster();
    const { uid } = statSync(path.join(dataDir, 'postgres'));
    jest.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(uid + 1_000);
    expect(chooseUser(test.directory())).toBeUndefined();
    expect(() => chooseUser(dataDir)).toThrow(
      `belongs to uid ${uid}, not to ${uid + 1_000}: start as that user, or set DATA_DIR`,
    );
  });

  it('needs no capability for accessible directories, and gets one with setpriv for others', () => {
    const user = { name: 'somebody', uid: 65534, gid: 65534 };
    expect(withAccess(user, ['/'])).toBe(user);
    expect(commandAs(user, '/bin/ls', ['-l'])).toEqual(['/bin/ls', ['-l']]);
    expect(execOptions(user)).toMatchObject({ uid: 65534, gid: 65534, cwd: '/' });
    const granted = { ...user, searchesAllFolders: true };
    expect(commandAs(granted, '/bin/ls', ['-l'])[1]).toEqual(
      expect.arrayContaining(['--reuid=65534', '--regid=65534', '/bin/ls', '-l']),
    );
    expect(execOptions(granted)).not.toHaveProperty('uid');
  });
});

describe('the error names', () => {
  it('a data directory that cannot be created', () => {
    const file = script('');
    expect(() => makeDataDir(path.join(file, 'data'))).toThrow(/^Cannot make DATA_DIR \(.*data\): ENOTDIR/);
  });

  it('a password file that cannot be read', () => {
    const dataDir = test.directory();
    mkdirSync(path.join(dataDir, 'postgres.password'));
    expect(() => readOrMakePassword(dataDir)).toThrow(
      /^Cannot read the database password in DATA_DIR \(.*postgres\.password\): EISDIR/,
    );
  });

  it('binaries that do not run', async () => {
    const broken = { initdb: '/bin/false', postgres: '/bin/false' };
    await expect(findBinaries(test.directory(), undefined, () => Promise.resolve(broken))).rejects.toThrow(
      /does not run here \(Command failed: .*\): set DATABASE_URL$/,
    );
  });

  (isRoot ? it : it.skip).each([
    ['Permission denied', /^PostgreSQL runs as somebody, who has no access to DATA_DIR/],
    ['no such library', /does not run here/],
  ])('binaries whose copy fails with "%s"', async (reason, message) => {
    const folder = test.directory();
    for (const part of ['bin', 'lib', 'share']) mkdirSync(path.join(folder, part));
    const postgres = path.join(folder, 'bin', 'postgres');
    writeFileSync(postgres, `#!/bin/sh\necho "${reason}" >&2; exit 1\n`);
    chmodSync(postgres, 0o755);
    const user = { name: 'somebody', uid: 65534, gid: 65534 };
    const locate = () => Promise.resolve({ initdb: postgres, postgres });
    await expect(findBinaries(test.directory(), user, locate)).rejects.toThrow(message);
  });

  it('a platform whose processes cannot be supervised', async () => {
    await expect(pretending('platform', 'win32', locateBinaries)).rejects.toThrow(
      /cannot be supervised by signals there\): set DATABASE_URL/,
    );
  });
});

describe('initdb', () => {
  const make = (dataDir: string, initdb: string) =>
    ensureCluster({
      ...{ dataDir, binaries: { initdb, postgres: '', major: 18 }, user: undefined },
      ...{ password: 'secret', fsync: true, log: silentLog },
    });

  it('fails with its own error line, and leaves nothing behind', async () => {
    const dataDir = test.directory();
    const initdb = script('echo "initdb: error: the disk is full" >&2; exit 1');
    await expect(make(dataDir, initdb)).rejects.toThrow(
      `Cannot make a database in DATA_DIR (${dataDir}): the disk is full`,
    );
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('without access causes an error that names the directory and what to set', async () => {
    const initdb = script('echo "initdb: error: Permission denied" >&2; exit 1');
    await expect(make(test.directory(), initdb)).rejects.toThrow(
      /^PostgreSQL runs as this user, who has no access to DATA_DIR .* or set DATABASE_URL/,
    );
  });

  it('makes the cluster under a temporary name and then renames it', async () => {
    const dataDir = test.directory();
    await make(dataDir, script('mkdir "$2/global"; touch "$2/PG_VERSION" "$2/global/pg_control"'));
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });
});

describe('a launched server', () => {
  const launchScript = (postgres: string) => {
    const dataDir = test.directory();
    const binaries = { initdb: '', postgres, major: 18 };
    const cluster = path.join(dataDir, 'postgres');
    return launch({ dataDir, cluster, binaries, user: undefined, port: 1, fsync: true, settings: {} });
  };

  it.each([
    ['its last error', 'echo "LOG: a"; echo "FATAL:  no memory"; echo "LOG: b"; exit 1', 'no memory'],
    ['its last line', 'echo "something else"; exit 1', 'something else'],
    ['the signal, if it logged nothing', 'kill -9 $$', 'it ended with SIGKILL'],
  ])('that ends reports %s', async (_what, text, reason) => {
    const launched = launchScript(script(text));
    expect(await waitUntil(() => launched.failure() !== undefined, 5_000)).toBe(true);
    expect(launched.failure()).toBe(reason);
  });

  it('that cannot be executed reports why', async () => {
    const launched = launchScript('/nowhere/postgres');
    expect(await waitUntil(() => launched.failure() !== undefined, 5_000)).toBe(true);
    expect(launched.failure()).toContain('ENOENT');
  });
});

it('a log is not cut before it has 10 MB', () => {
  const dataDir = test.directory();
  const file = path.join(dataDir, 'postgres.log');
  writeFileSync(file, Buffer.alloc(10 * 1024 * 1024));
  boundLog(dataDir);
  expect(readdirSync(dataDir)).toEqual(['postgres.log']);
});

it('a log of more than 10 MB is moved at the next start', () => {
  const dataDir = test.directory();
  writeFileSync(path.join(dataDir, 'postgres.log'), Buffer.alloc(10 * 1024 * 1024 + 1));
  const binaries = { initdb: '', postgres: '/bin/true', major: 18 };
  const cluster = path.join(dataDir, 'postgres');
  launch({ dataDir, cluster, binaries, user: undefined, port: 1, fsync: true, settings: {} });
  expect(readdirSync(dataDir).sort()).toEqual(['postgres.log', 'postgres.log.1']);
});

describe('probe', () => {
  const target = { cluster: '/nowhere', password: 'secret', database: 'postgres' };
  let server: Server | undefined;
  afterEach(() => server?.close());

  it('returns "not ready" if nothing listens, or if the connection is closed', async () => {
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await probe(target, port)).toBe('not ready');
    server.close();
    await once(server, 'close');
    expect(await probe(target, port)).toBe('not ready');
  });

  it('recognizes a server of another cluster, by its password or its folder', async () => {
    const { url } = await test.start(test.directory());
    const { port, password } = new URL(url);
    expect(await probe(target, Number(port))).toBe('foreign');
    expect(await probe({ ...target, password }, Number(port))).toBe('foreign');
  });
});

it('a start that takes too long fails with the name of the log, and leaves no server running', async () => {
  const dataDir = test.directory();
  await expect(test.start(dataDir, { startTimeoutMs: 0 })).rejects.toThrow(
    /is not ready in time: see .*postgres\.log$/,
  );
  expect(findProcesses((command) => command.includes(dataDir))).toEqual([]);
});

describe('processes', () => {
  it.each(['linux', 'darwin'])('are found if alive, but not as zombies, on %s', async (platform) => {
    const own = await pretending('platform', platform, () => findProcess(process.pid));
    expect(own).toMatchObject({ pid: process.pid, parentPid: process.ppid });
    expect(own?.command).toContain('node');
    const same = (startedAt: string) =>
      pretending('platform', platform, () => isSameProcess(process.pid, startedAt));
    expect(await same(own?.startedAt ?? '')).toBe(true);
    expect(await same('another time')).toBe(false);
    expect(findProcess(-1)).toBeUndefined();

    const isSleep = (command: string) => command.endsWith('sleep 61.25');
    const sleeping = () => pretending('platform', platform, () => findProcesses(isSleep));
    const child = spawn('sleep', ['61.25']);
    try {
      await once(child, 'spawn');
      expect(await sleeping()).toMatchObject([{ pid: child.pid }]);
    } finally {
      child.kill('SIGKILL');
    }
    await once(child, 'exit');
    expect(await sleeping()).toEqual([]);
    expect(await pretending('platform', platform, () => findProcess(child.pid ?? 0))).toBeUndefined();
  });
});

describe('references', () => {
  it('are counted until the last is released, without those of dead processes', () => {
    const dataDir = test.directory();
    const [first, second] = [new ServerReferences(dataDir), new ServerReferences(dataDir)];
    first.acquire();
    second.acquire();
    writeFileSync(path.join(dataDir, 'postgres.users', 'dead'), '{"pid":1,"startedAt":"never"}');
    writeFileSync(path.join(dataDir, 'postgres.users', 'broken'), '{');
    expect(first.release()).toBe(false);
    expect(second.release()).toBe(true);
    expect(first.isStopping()).toBe(true);
    second.stopped();
    expect(first.isStopping()).toBe(false);
    expect(existsSync(path.join(dataDir, 'postgres.users', 'dead'))).toBe(false);
  });

  it('are counted as none without any file', () => {
    expect(new ServerReferences(test.directory()).release()).toBe(true);
  });
});

it('an error message is one line, whatever was thrown', () => {
  expect(errorMessage(new Error(' first\n  second\n'))).toBe('first; second');
  expect(errorMessage('text')).toBe('text');
  expect(errorCode('text')).toBeUndefined();
  expect(errorCode(Object.assign(new Error(), { code: 1 }))).toBeUndefined();
});
