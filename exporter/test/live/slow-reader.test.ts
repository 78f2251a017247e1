/** A reader that does not read is skipped, and then disconnected; it holds up nobody and little memory. */
import fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { LiveStreams } from '../../src/http/live-streams.js';
import { silentLog } from '../../src/db/log.js';
import { LiveFeed } from '../../src/live/feed.js';
import type { LiveFigures } from '../../src/live/schema.js';
import { eventually } from '../robustness/eventually.js';

const UNREAD_MS = 2_500;
/** More than what the sockets of a connection take. */
const LONG = 'x'.repeat(12 * 1024 * 1024);

let app: FastifyInstance;
let read = 0;
beforeAll(async () => {
  app = fastify();
  const reader = {
    read: async (tenants: readonly string[]) => {
      read += 1;
      return new Map(tenants.map((tenant) => [tenant, { at: LONG } as LiveFigures]));
    },
  };
  const streams = new LiveStreams(new LiveFeed(reader, silentLog), UNREAD_MS);
  app.get('/', (_request, reply) =>
    reply
      .type('application/x-ndjson')
      .send(
        streams.open({ tenantId: 't', intervalSeconds: 1, format: 'ndjson', expiresAt: Infinity }, reply),
      ),
  );
  app.addHook('preClose', async () => streams.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

async function open(): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return socket;
}

it('and others go on getting theirs', async () => {
  const unread = await open();
  unread.pause();
  const closed = once(unread, 'close');
  const reading = await open();
  let bytes = 0;
  reading.on('data', (part: Buffer) => (bytes += part.length));
  const began = performance.now();
  // A closed connection is only noticed by reading, so the server's side is looked at.
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) =>
      app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  await eventually('the end of the one that does not read', async () => (await connections()) === 1);
  expect(performance.now() - began).toBeGreaterThan(UNREAD_MS);
  const before = bytes;
  await eventually('another event of the one that reads', () => bytes > before + LONG.length);
  expect(read).toBeGreaterThan(3);
  reading.destroy();
  unread.resume();
  await closed;
  // What it had got is the one event that was under way.
  expect(unread.bytesRead).toBeLessThan(2 * LONG.length);
}, 120_000);
