/** A real Redis for one test: on loopback, on a free port, in memory only. The test stops it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'agentidp-analytics-embedded';

export interface TestRedis {
  url: string;
  port: number;
  stop(): Promise<void>;
  /** Sends SIGSTOP: connections stay open, and it does not respond. */
  pause(): void;
  resume(): void;
}

export interface TestRedisOptions {
  /** Default: a free port. */
  port?: number;
  /** Additional arguments of redis-server, such as `--requirepass`. */
  args?: string[];
}

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;

export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const port = options.port ?? (await freePort());
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...args, ...(options.args ?? [])], { stdio: 'ignore' });
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async () => {
    process.removeListener('exit', killed);
    await end(child);
  };
  try {
    await answers(child, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  child.once(
    'exit',
    (code) => (failure = new Error(`redis-server ended with code ${code} instead of starting`)),
  );
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await ping(port))) {
    if (failure !== undefined) throw failure;
    if (Date.now() > deadline) throw new Error(`redis-server did not answer within ${START_TIMEOUT_MS} ms`);
    await sleep(20);
  }
}

/** A reply that asks for a password also shows that Redis is running. */
function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (reply) => settle(/^[+-](PONG|NOAUTH)/.test(reply.toString())));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
