/** Bodies that are small to send and large to hold: they are refused before they take memory or time from others. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Admission, MAX_BYTES } from '../../src/http/admission.js';
import { JSON_LIMITS } from '../../src/http/server.js';
import { scanJson } from '../../src/json.js';
import { eventually } from '../robustness/eventually.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { seriesOf } from '../support/counting.js';
import { call } from '../support/events.js';
import { emptySpans, nestedValues } from '../support/otlp.js';

const EVENTS = '/api/v1/events';
const gzip = { 'content-encoding': 'gzip' };

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => t.close());

const event = { events: [call('2026-03-18T08:00:00Z', { agentId: 'a' })] };
const deep = Buffer.from(`{"events":${'['.repeat(8_000_000)}`);
const wide = Buffer.from(`{"events":[${'[],'.repeat(5_500_000)}[]]}`);

describe('JSON', () => {
  it.each([
    ['8 million levels', deep, [400, 'VALIDATION_ERROR'], 'nested more deeply than 64 levels'],
    ['5.5 million empty arrays', wide, [413, 'PAYLOAD_TOO_LARGE'], 'more than 250000 objects and arrays'],
  ])('of %s is refused, with the limit', async (_what, body, refusal, message) => {
    const response = await t.post(EVENTS, body, t.tenant());
    expect(refusalOf(response)).toEqual(refusal);
    expect(response.json<Json>().message).toContain(message);
  });

  it.each([
    ['8 million levels', deep],
    ['5.5 million empty arrays', wide],
  ])('of %s in a few kilobytes of gzip is refused like the same body without gzip', async (_what, body) => {
    const packed = gzipSync(body);
    const response = await t.post(EVENTS, packed, { tenant: t.tenant(), headers: gzip });
    expect([400, 413]).toContain(response.statusCode);
    expect(response.json<Json>().message).toMatch(/64 levels|250000 objects and arrays/);
  });

  it('is looked at no further than to the limit', () => {
    let read = 0;
    const counted = new Proxy(deep, {
      get(target, name) {
        read += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
    expect(scanJson(counted, JSON_LIMITS).problem).toMatchObject({ isDepth: true });
    expect(read).toBeLessThan(1_000);
  });

  it('within the limits is no problem, whatever its texts hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), fc.string(), (value, text) => {
        const body = Buffer.from(JSON.stringify([value, `[{,:"\\${text}`]));
        expect(scanJson(body, { depth: 30, containers: 10_000, values: 10_000 }).problem).toBeUndefined();
      }),
    );
  });

  it.each(['{"__proto__":1}', '{"a":{"\\u005f_proto__":1}}', '{"constructor":{"prototype":{}}}'])(
    'of %s is refused',
    async (event) => {
      const response = await t.post(EVENTS, `{"events":[${event}]}`, {
        tenant: t.tenant(),
        headers: { 'content-type': 'application/json' },
      });
      expect(response.statusCode).toBe(400);
      expect(response.json<Json>().message).toMatch(/JSON/);
    },
  );

  it('tells where a parser has to look for names of the prototype', () => {
    const limits = { depth: 100, containers: 100_000, values: 100_000 };
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5 }),
        fc.constantFrom('__proto__', 'constructor'),
        (value, name) => {
          const text = JSON.stringify([value, 1]).replace(/1]$/, `{"${name}":1}]`);
          expect(scanJson(Buffer.from(text), limits).mayNamePrototype).toBe(true);
        },
      ),
    );
    expect(scanJson(Buffer.from('{"agentId":"a","metricType":"api_calls"}'), limits).mayNamePrototype).toBe(
      false,
    );
  });

  it('counts what is outside of texts', () => {
    const limits = { depth: 3, containers: 4, values: 5 };
    const problem = (text: string): string | undefined =>
      scanJson(Buffer.from(text), limits).problem?.message;
    expect(problem('[[[]],[]]')).toBeUndefined();
    expect(problem('[[[[]]]]')).toBe('it is nested more deeply than 3 levels');
    expect(problem('[[],[],[],[]]')).toBe('it has more than 4 objects and arrays');
    expect(problem('[1,2,3,4,5,6]')).toBeUndefined();
    expect(problem('{"a":1,"b":2,"c":3,"d":4}')).toBe('it has more than 5 values and names');
    expect(problem('"[[[[[[,,,,,,,"')).toBeUndefined();
  });
});

describe('OTLP', () => {
  const protobuf = { 'content-type': 'application/x-protobuf' };

  it('of 8 million empty spans is refused, and others are taken', async () => {
    const other = t.tenant();
    const packed = gzipSync(emptySpans(8 * 1024 * 1024 - 16));
    const huge = t.post('/v1/traces', packed, { tenant: t.tenant(), headers: { ...protobuf, ...gzip } });
    const small = t.post('/v1/traces', {}, other);
    expect((await huge).statusCode).toBe(413);
    expect((await small).statusCode).toBe(200);
    const plain = await t.post('/v1/traces', emptySpans(200_000), { tenant: other, headers: protobuf });
    expect(plain.statusCode).toBe(413);
    expect(plain.body).toContain('more than 100000 spans');
  });

  it('of values in values is refused by their depth', async () => {
    const response = await t.post('/v1/traces', nestedValues(10_000), {
      tenant: t.tenant(),
      headers: protobuf,
    });
    expect(response.statusCode).toBe(413);
    expect(response.body).toContain('nested more deeply than 64 levels');
  });
});

describe('a body that is declared and not sent', () => {
  it('takes no room', () => {
    const admission = new Admission();
    expect(admission.hasRoom('acme', MAX_BYTES)).toBe(false);
    expect(admission.hasRoom('acme', 1)).toBe(true);
    expect(admission.bytes).toBe(0);
  });

  it('of 115 connections leaves room for all others', async () => {
    const tenant = t.tenant();
    const { port } = t.app.server.address() as AddressInfo;
    const headers = { host: 'x', ...(await t.headers(tenant)), 'content-type': 'application/json' };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const sockets = await Promise.all(
      Array.from({ length: 115 }, async (): Promise<Socket> => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(`POST ${EVENTS} HTTP/1.1\r\n${head.join('')}content-length: 1048576\r\n\r\n{`);
        return socket;
      }),
    );
    const held = async (): Promise<number> =>
      seriesOf((await t.get('/metrics', { token: null })).body, 'agentidp_analytics_ingest_held_bytes');
    await eventually('their first bytes', async () => (await held()) === 115);
    for (const sender of [tenant, t.tenant()]) {
      expect((await t.post(EVENTS, event, sender)).statusCode).toBe(200);
    }
    for (const socket of sockets) socket.destroy();
    await eventually('their end', async () => (await held()) === 0);
  });
});
