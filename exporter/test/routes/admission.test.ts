/** What is held of bodies at once: bounded, fair to every tenant, and given back whatever becomes of a request. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { Admission, MAX_BYTES, MAX_BYTES_A_TENANT } from '../../src/http/admission.js';
import { blocked, eventually, HeldLocks } from '../robustness/eventually.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { seriesOf } from '../support/counting.js';
import { execution } from '../support/executions.js';

const MIB = 1024 * 1024;
const EVENTS = '/api/v1/events';
const NAME = 'test';

let t: TestApp;
let locks: HeldLocks;
beforeAll(async () => {
  t = await testApp();
  locks = new HeldLocks(t.database.url);
  await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => locks.releaseAll());
afterAll(() => t.close());

const heldBytes = async (): Promise<number> =>
  seriesOf((await t.get('/metrics', { token: null })).body, 'agentidp_analytics_ingest_held_bytes');
const released = (): Promise<unknown> => eventually('nothing held', async () => (await heldBytes()) === 0);

const body = (bytes: number, content: object = { events: [{ metricType: 'api_calls' }] }): string =>
  JSON.stringify(content).padEnd(bytes, ' ');

/** Writes wait for the database until they are let go; what they need beside the insert is there. */
async function holdWrites(...tenants: string[]): Promise<void> {
  for (const tenant of tenants) await t.post(EVENTS, body(0), tenant);
  await locks.hold('LOCK TABLE usage_events, executions');
}

describe('the bytes that may be held', () => {
  it('are a number for each tenant, and one for all', () => {
    const admission = new Admission();
    expect(admission.hold('acme', MAX_BYTES_A_TENANT)).toBe(true);
    expect(admission.hold('acme', 1)).toBe(false);
    expect(admission.hold('globex', MAX_BYTES - MAX_BYTES_A_TENANT)).toBe(true);
    expect(admission.hold('initech', 1)).toBe(false);
    expect(admission.bytes).toBe(MAX_BYTES);
    expect(admission.hold('acme', -1)).toBe(true);
    expect(admission.hold('initech', 1)).toBe(true);
  });
});

describe('many large bodies of one tenant', () => {
  const SIZE = 4 * MIB;
  const MANY = 40;
  const gzip = { 'content-encoding': 'gzip' };

  it.each([
    ['as they are', EVENTS, body(SIZE), {}],
    ['packed', EVENTS, gzipSync(body(SIZE)), gzip],
    [
      'of executions',
      '/api/v1/executions',
      gzipSync(body(SIZE, { executions: [execution(1, '2026-03-10T08:00:00Z')] })),
      gzip,
    ],
  ])(
    '%s are taken as far as there is room, beside those of others',
    async (_how, path, payload, headers) => {
      const [tenant, other] = [t.tenant(), t.tenant()];
      await holdWrites(tenant, other);
      const answers: LightMyRequestResponse[] = [];
      const sent = Array.from({ length: MANY }, () => {
        const answer = t.post(path, payload, { tenant, headers });
        void answer.then((one) => answers.push(one));
        return answer;
      });
      let held = 0;
      await eventually('all that are not held to be refused', async () => {
        held = await heldBytes();
        expect(held).toBeLessThanOrEqual(MAX_BYTES_A_TENANT);
        return held > 0 && held === (MANY - answers.length) * SIZE;
      });
      expect(answers.map(refusalOf)).toEqual(answers.map(() => [503, 'UNAVAILABLE']));
      expect(answers.map((answer) => answer.headers['retry-after'])).toEqual(answers.map(() => '5'));

      const small = t.post(path, payload, { tenant: other, headers });
      await eventually('those of another tenant', async () => (await heldBytes()) === held + SIZE);
      await locks.releaseAll();
      expect((await small).json()).toMatchObject({ accepted: 1 });
      const statuses = (await Promise.all(sent)).map(({ statusCode }) => statusCode);
      expect(statuses.filter((status) => status === 200)).toHaveLength(held / SIZE);
      await released();
      expect((await t.post(path, payload, { tenant, headers })).statusCode).toBe(200);
    },
    60_000,
  );

  it('that say how long they are are refused unread', async () => {
    const tenant = t.tenant();
    await holdWrites(tenant);
    const sent = Array.from({ length: MAX_BYTES_A_TENANT / SIZE }, () => t.post(EVENTS, body(SIZE), tenant));
    await eventually('a full house', async () => (await heldBytes()) === MAX_BYTES_A_TENANT);
    const client = await begin(tenant, { 'content-length': String(SIZE) });
    const [response] = (await once(client, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(503);
    client.destroy();
    await locks.releaseAll();
    await Promise.all(sent);
    await released();
  });

  it('that do not say how long they are are refused when there is no more room', async () => {
    const tenant = t.tenant();
    await holdWrites(tenant);
    const sent = Array.from({ length: MAX_BYTES_A_TENANT / SIZE - 1 }, () =>
      t.post(EVENTS, body(SIZE), tenant),
    );
    await eventually('a nearly full house', async () => (await heldBytes()) === MAX_BYTES_A_TENANT - SIZE);
    const failures = async (): Promise<number> =>
      seriesOf((await t.get('/metrics', { token: null })).body, 'agentidp_analytics_ingest_failures_total');
    const before = await failures();
    for (const [chunk, headers] of [
      [Buffer.alloc(MIB, ' '), {}],
      [gzipSync(Buffer.alloc(MIB, ' ')), gzip],
    ] as const) {
      const payload = Readable.from(Array.from({ length: 8 }, () => chunk));
      const all = { ...(await t.headers(tenant)), 'content-type': 'application/json', ...headers };
      const refused = await t.app.inject({ method: 'POST', url: EVENTS, headers: all, payload });
      expect(refusalOf(refused)).toEqual([503, 'UNAVAILABLE']);
      expect(refused.json<Json>().message).toBe('too many requests in flight; nothing was stored, try again');
    }
    expect(await failures()).toBe(before + 2);
    expect(await heldBytes()).toBe(MAX_BYTES_A_TENANT - SIZE);
    await locks.releaseAll();
    expect((await Promise.all(sent)).map(({ statusCode }) => statusCode)).toEqual(sent.map(() => 200));
    await released();
  });
});

describe('a client that sends all of its body before it reads', () => {
  const bytes = randomBytes(8 * MIB);
  const chunked = { 'transfer-encoding': 'chunked' };
  const packed = gzipSync(bytes);
  const frame = (data: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n0\r\n\r\n')]);

  it.each<[string, Record<string, string>, Buffer]>([
    ['of a length that it tells', { 'content-length': String(bytes.length) }, bytes],
    ['as it goes', chunked, frame(bytes)],
    ['packed', { 'content-encoding': 'gzip', 'content-length': String(packed.length) }, packed],
    ['packed as it goes', { 'content-encoding': 'gzip', ...chunked }, frame(packed)],
  ])('gets the refusal: %s', async (_how, headers, sent) => {
    const tenant = t.tenant();
    await holdWrites(tenant);
    const SIZE = 4 * MIB;
    const house = Array.from({ length: MAX_BYTES_A_TENANT / SIZE - 1 }, () =>
      t.post(EVENTS, body(SIZE), tenant),
    );
    await eventually('a nearly full house', async () => (await heldBytes()) === MAX_BYTES_A_TENANT - SIZE);
    const socket = connect((t.app.server.address() as AddressInfo).port, '127.0.0.1');
    try {
      const all = { host: 'x', ...(await t.headers(tenant)), 'content-type': 'application/json', ...headers };
      const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.pause();
      socket.write(`POST ${EVENTS} HTTP/1.1\r\n${head.join('')}\r\n`);
      await new Promise<void>((resolve, reject) => {
        socket.write(sent, (error) => (error ? reject(error) : resolve()));
      });
      const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 503 [^]*UNAVAILABLE/);
    } finally {
      socket.destroy();
      await locks.releaseAll();
      await Promise.all(house);
    }
    await released();
  });
});

/** A request whose body is still to be sent. */
async function begin(tenant: string, more: Record<string, string> = {}): Promise<ClientRequest> {
  const { port } = t.app.server.address() as AddressInfo;
  const headers = { ...(await t.headers(tenant)), 'content-type': 'application/json', ...more };
  const client = request({ port, host: '127.0.0.1', method: 'POST', path: EVENTS, headers });
  client.on('error', () => undefined);
  client.flushHeaders();
  return client;
}

const connections = (): Promise<number> => promisify(t.app.server.getConnections.bind(t.app.server))();

describe('a client that leaves', () => {
  it.each([
    ['has said how much is to come', { 'content-length': String(8 * MIB) }, Buffer.alloc(MIB)],
    ['sends as it goes', {}, Buffer.alloc(MIB)],
    ['sends packed', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(MIB)).subarray(0, -8)],
  ])('before its body is there gives its bytes back: it %s', async (_what, headers, part) => {
    const client = await begin(t.tenant(), headers);
    client.write(part);
    await eventually('something held', async () => (await heldBytes()) > 0);
    client.destroy();
    await released();
  });

  it('before it is known who it is holds nothing', async () => {
    const slow = await testApp({
      database: t.database,
      onRoute: (route) => {
        if (route.url === EVENTS) route.onRequest = () => delay(100);
      },
    });
    try {
      await slow.app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = slow.app.server.address() as AddressInfo;
      const headers = {
        ...{ ...(await slow.headers(t.tenant())), 'content-type': 'application/json' },
        'content-length': String(8 * MIB),
      };
      for (let i = 0; i < 3; i += 1) {
        const client = request({ port, host: '127.0.0.1', method: 'POST', path: EVENTS, headers });
        client.on('error', () => undefined);
        client.flushHeaders();
        const [socket] = (await once(client, 'socket')) as [Socket];
        if (socket.connecting) await once(socket, 'connect');
        await delay(30);
        socket.resetAndDestroy();
      }
      await delay(300);
      const { body: text } = await slow.get('/metrics', { token: null });
      expect(seriesOf(text, 'agentidp_analytics_ingest_held_bytes')).toBe(0);
    } finally {
      await slow.close();
    }
  });

  it('while its transaction goes on gives them back when that has ended', async () => {
    const tenant = t.tenant();
    await holdWrites(tenant);
    const client = await begin(tenant);
    client.end(body(MIB));
    await blocked(t.pool, NAME);
    client.destroy();
    await eventually('the end of its connection', async () => (await connections()) === 0);
    expect(await heldBytes()).toBe(MIB);
    await locks.releaseAll();
    await released();
  });
});
