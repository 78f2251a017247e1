import fastify, { type FastifyInstance } from 'fastify';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { AnalyticsClient } from '../src/index.js';
import { analyticsHook, type FastifyHookOptions } from '../src/fastify.js';
import { Clients, eventually } from './support/client.js';
import { Service } from './support/service.js';

const clients = new Clients();
let service: Service;
let client: AnalyticsClient;
/** Number of requests that have reached the slow handler. */
let slowBegan = 0;
let app: FastifyInstance;

beforeEach(async () => {
  service = await Service.start();
  client = clients.open({ url: service.url });
});
afterEach(async () => {
  await app.close();
  await clients.close();
  await service.stop();
});

async function listen(options: FastifyHookOptions): Promise<string> {
  app = fastify();
  await app.register(analyticsHook(client, options));
  app.get('/', () => 'root');
  app.get('/agents/:id', (request, reply) =>
    reply.code((request.params as { id: string }).id === '0' ? 404 : 200).send({}),
  );
  app.get('/slow', () => {
    slowBegan += 1;
    return new Promise((resolve) => setTimeout(() => resolve('late'), 300));
  });
  // An encapsulated plugin, which the hook would not reach without the skip-override symbol.
  await app.register(
    async (inner) => {
      inner.post('/things/*', () => {
        throw new Error('broken');
      });
      await inner.register(async (innermost) => void innermost.get('/deep/:a/:b', () => 'deep'), {
        prefix: '/more',
      });
    },
    { prefix: '/v2' },
  );
  return app.listen({ host: '127.0.0.1', port: 0 });
}

const events = async (): Promise<Record<string, unknown>[]> => {
  await client.flush();
  return service.items('events');
};

it('records every response under the pattern of its route, also for routes of other plugins', async () => {
  const url = await listen({ agentId: ({ headers }) => headers['x-agent'] as string, userId: () => 'u' });
  const paths = ['/', '/agents/17?x=1', '/agents/0', '/v2/more/deep/1/2', '/nowhere/123', '/v2/nowhere'];
  for (const path of paths) await fetch(url + path, { headers: { 'x-agent': 'a1' } });
  await fetch(`${url}/v2/things/a/b`, { method: 'POST' });
  await eventually('recorded', () => client.stats().queued + client.stats().sent === 7);
  const sent = await events();
  expect(sent.map(({ endpoint, status, agentId }) => [endpoint, status, agentId])).toEqual([
    ['GET /', 200, 'a1'],
    ['GET /agents/:id', 200, 'a1'],
    ['GET /agents/:id', 404, 'a1'],
    ['GET /v2/more/deep/:a/:b', 200, 'a1'],
    ['GET other', 404, 'a1'],
    ['GET other', 404, 'a1'],
    ['POST /v2/things/*', 500, null],
  ]);
  for (const event of sent) {
    expect(event).toMatchObject({ metricType: 'api_calls', userId: 'u', durationMs: expect.any(Number) });
    expect(event.durationMs).toBeGreaterThan(0);
  }
});

it('records a client that disconnects once, with status 499', async () => {
  const url = await listen({ agentId: () => 'a' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually('the handler', () => slowBegan > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await fetch(`${url}/slow`);
  await eventually('recorded', () => client.stats().queued + client.stats().sent === 2);
  const sent = await events();
  expect(sent.map(({ endpoint, status }) => [endpoint, status])).toEqual([
    ['GET /slow', 499],
    ['GET /slow', 200],
  ]);
  expect(sent[0]!.durationMs).toBeGreaterThan(20);
});

it('omits skipped requests, and uses a given endpoint name', async () => {
  const url = await listen({
    ...{ agentId: () => null, endpoint: ({ method }) => `${method} named` },
    skip: ({ url: path }) => path === '/',
  });
  await fetch(`${url}/`);
  await fetch(`${url}/agents/1`);
  await eventually('recorded', () => client.stats().queued + client.stats().sent === 1);
  expect(await events()).toMatchObject([{ endpoint: 'GET named', agentId: null }]);
});

it('reports a function that throws, and does not fail the request', async () => {
  const url = await listen({
    agentId: () => {
      throw new Error('no agent');
    },
  });
  expect((await fetch(`${url}/agents/1`)).status).toBe(200);
  await eventually('reported', () => clients.codes().includes('HOOK_ERROR'));
  expect(clients.reported[0]!.error.message).toContain('no agent');
  await client.close();
  expect((await fetch(`${url}/agents/1`)).status).toBe(200);
});
