import express5, { type Express, type Request, type Response } from 'express';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { analyticsHook, type ExpressHookOptions } from '../src/express.js';
import type { AnalyticsClient } from '../src/index.js';
import { Clients, eventually } from './support/client.js';
import { Service } from './support/service.js';

// The types are those of Express 5. What the hook uses is the same in both versions.
const express4 = createRequire(import.meta.url)('express4') as typeof express5;

const clients = new Clients();
let service: Service;
let client: AnalyticsClient;
let server: Server;
/** Number of requests that have reached the slow handler. */
let slowBegan = 0;

beforeEach(async () => {
  service = await Service.start();
  client = clients.open({ url: service.url });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await clients.close();
  await service.stop();
});

async function listen(express: typeof express5, options: ExpressHookOptions): Promise<string> {
  const app: Express = express();
  // Its default handler prints every error that a test provokes.
  app.set('env', 'test');
  app.use(analyticsHook(client, options));
  app.get('/', (_request, response) => void response.send('root'));
  app.get('/agents/:id', (_request, response) => void response.json({}));
  app.get('/slow', (_request: Request, response: Response) => {
    slowBegan += 1;
    setTimeout(() => response.send('late'), 300);
  });
  app.get('/broken', () => {
    throw new Error('broken');
  });
  const tenant = express.Router({ mergeParams: true });
  tenant.get('/', (_request, response) => void response.send('tenant'));
  tenant.get('/users/:user', (_request, response) => void response.send('user'));
  app.use('/tenants/:tenant', tenant);
  const plain = express.Router();
  plain.put('/things/:thing', (_request, response) => void response.status(201).end());
  plain.get('/broken', () => {
    throw new Error('broken');
  });
  plain.get('/none/:x', (_request, _response, next) => next());
  app.use('/accounts/:account', plain);
  app.use('/numbers/17', plain);
  app.use('/files', (_request, response) => void response.send('a file'));
  await new Promise<void>((listening) => (server = app.listen(0, '127.0.0.1', () => listening())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const recorded = async (count: number): Promise<Record<string, unknown>[]> => {
  await eventually('recorded', () => client.stats().queued + client.stats().sent === count);
  await client.flush();
  return service.items('events');
};

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_version, express) => {
  it('records every response under the pattern of its route, including that of its router', async () => {
    const url = await listen(express, {
      agentId: (request) => request.get('x-agent') ?? null,
      userId: () => 'u',
    });
    const paths = [
      ...['/', '/agents/17?x=1', '/broken', '/tenants/acme%20inc', '/tenants/acme/users/anna'],
      ...[
        '/files/report.pdf',
        '/nowhere/123',
        '/accounts/acme/broken',
        '/accounts/acme/none/1',
        '/numbers/17/broken',
      ],
    ];
    for (const path of paths) await fetch(url + path, { headers: { 'x-agent': 'a1' } });
    await fetch(`${url}/accounts/12/things/34`, { method: 'PUT' });
    const sent = await recorded(11);
    expect(sent.map(({ endpoint, status, agentId }) => [endpoint, status, agentId])).toEqual([
      ['GET /', 200, 'a1'],
      ['GET /agents/:id', 200, 'a1'],
      ['GET /broken', 500, 'a1'],
      ['GET /tenants/:tenant', 200, 'a1'],
      ['GET /tenants/:tenant/users/:user', 200, 'a1'],
      ['GET other', 200, 'a1'],
      ['GET other', 404, 'a1'],
      ['GET /accounts/:account/broken', 500, 'a1'],
      ['GET /accounts/:account/none/:x', 404, 'a1'],
      ['GET /numbers/{id}/broken', 500, 'a1'],
      ['PUT /accounts/:account/things/:thing', 201, null],
    ]);
    for (const event of sent) expect(event).toMatchObject({ metricType: 'api_calls', userId: 'u' });
  });

  it('records a client that disconnects once, with status 499', async () => {
    const url = await listen(express, { agentId: () => 'a' });
    const before = slowBegan;
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually('the handler', () => slowBegan > before);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await fetch(`${url}/slow`);
    const sent = await recorded(2);
    expect(sent.map(({ endpoint, status }) => [endpoint, status])).toEqual([
      ['GET /slow', 499],
      ['GET /slow', 200],
    ]);
    expect(sent[1]!.durationMs).toBeGreaterThan(250);
  });

  it('reports a function that throws, does not fail the request, and omits skipped requests', async () => {
    const url = await listen(express, {
      agentId: () => {
        throw new Error('no agent');
      },
      skip: ({ path }) => path === '/',
    });
    expect((await fetch(`${url}/`)).status).toBe(200);
    expect((await fetch(`${url}/agents/1`)).status).toBe(200);
    await eventually('reported', () => clients.reported.length > 0);
    expect(clients.codes()).toEqual(['HOOK_ERROR']);
    expect(client.stats().queued).toBe(0);
  });
});
