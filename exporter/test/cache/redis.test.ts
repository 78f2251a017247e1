import { setTimeout as sleep } from 'node:timers/promises';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { createRedis } from '../../src/cache/redis.js';
import { recordingLog, type RecordingLog } from '../support/log.js';
import { describeWith } from '../support/optional.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { startSlowProxy } from './slow-proxy.js';
import { connected, waitFor } from './waiting.js';

describeWith('redis-server', 'The Redis client', () => {
  let server: TestRedis;
  let log: RecordingLog;
  const clients: Redis[] = [];
  const apps: FastifyInstance[] = [];

  beforeEach(() => {
    log = recordingLog();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await server.stop();
  });

  function client(url = server.url): Redis {
    const redis = createRedis(url, log);
    clients.push(redis);
    return redis;
  }

  async function limited(redis: Redis): Promise<FastifyInstance> {
    const app = Fastify();
    apps.push(app);
    await app.register(rateLimit, { redis, max: 3, timeWindow: 60_000, skipOnError: true });
    app.get('/', () => 'answer');
    return app;
  }
  const statusOf = async (app: FastifyInstance) => (await app.inject('/')).statusCode;

  it('never logs a password, whether right or wrong', async () => {
    server = await startRedis({ args: ['--requirepass', 'right-password'] });
    const [host, port] = ['127.0.0.1', server.port];
    await connected(client(`redis://:right-password@${host}:${port}`));
    client(`redis://:wrong-password@${host}:${port}`);
    client(`redis://someone:wrong-password@${host}:${port}`);
    await waitFor(() => log.lines.filter((line) => line.includes('is unreachable')).length === 2);
    expect(log.lines.filter((line) => line.includes('WRONGPASS'))).toHaveLength(2);
    expect(log.lines.join()).not.toContain('password@');
    expect(log.lines.join()).not.toMatch(/(right|wrong)-password/);
  });

  it('rejects commands immediately while Redis is unreachable', async () => {
    server = await startRedis();
    const redis = await connected(client());
    await server.stop();
    await waitFor(() => redis.status !== 'ready');
    // Not a timeout, because it did not wait.
    await expect(redis.get('x')).rejects.toThrow("isn't writeable");
    await expect(redis.set('x', '1')).rejects.toThrow("isn't writeable");
  });

  it('does not use a Redis that responds too slowly, until it is fast again', async () => {
    server = await startRedis();
    const proxy = await startSlowProxy(server.port);
    try {
      const redis = await connected(client(`redis://127.0.0.1:${proxy.port}`));
      expect(await redis.set('x', '1')).toBe('OK');
      log.lines.length = 0;
      proxy.delayMs = 400;
      await expect(redis.get('x')).rejects.toThrow('timed out');
      await waitFor(() => redis.status !== 'ready');
      for (let i = 0; i < 20; i += 1) {
        await expect(redis.get('x')).rejects.toThrow("isn't writeable");
        await sleep(50);
      }
      proxy.delayMs = 0;
      await waitFor(() => redis.status === 'ready');
      expect(await redis.get('x')).toBe('1');
      expect(log.lines.map((line) => line.split(' {')[0])).toEqual([
        'warn: Redis is unreachable; continuing without it',
        'info: Redis is reachable again',
      ]);
    } finally {
      await proxy.stop();
    }
  });

  it('does not reconnect after disconnect(), and does not log it as unreachable', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const linesBefore = log.lines.length;
    redis.disconnect();
    await sleep(200);
    expect(redis.status).toBe('end');
    expect(log.lines).toHaveLength(linesBefore);
  });

  it('shares rate limits between replicas', async () => {
    server = await startRedis();
    const [one, other] = [await limited(await connected(client())), await limited(await connected(client()))];
    expect(await Promise.all([statusOf(one), statusOf(other), statusOf(one)])).toEqual([200, 200, 200]);
    expect(await statusOf(other)).toBe(429);
    expect(await statusOf(one)).toBe(429);
  });

  it('does not limit or delay requests while Redis is paused or unreachable', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const app = await limited(redis);
    for (const expected of [200, 200, 200, 429]) expect(await statusOf(app)).toBe(expected);
    server.pause();
    expect(await statusOf(app)).toBe(200);
    await waitFor(() => redis.status !== 'ready');
    const start = performance.now();
    for (let i = 0; i < 50; i += 1) expect(await statusOf(app)).toBe(200);
    expect(performance.now() - start).toBeLessThan(50 * 50);
    server.resume();
    await waitFor(() => redis.status === 'ready');
    expect(await statusOf(app)).toBe(429);
    await server.stop();
    expect(await statusOf(app)).toBe(200);
    // The restarted Redis has lost the scripts that the client had loaded.
    server = await startRedis({ port: server.port });
    await waitFor(() => redis.status === 'ready');
    for (const expected of [200, 200, 200, 429]) expect(await statusOf(app)).toBe(expected);
  });
});
