/** What a client sees on the connection itself: answers to what it is still sending, and to what is no request. */
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';

let t: TestApp;
let port: number;
const sockets: Socket[] = [];
beforeAll(async () => {
  t = await testApp();
  await t.app.listen({ port: 0, host: '127.0.0.1' });
  port = (t.app.server.address() as AddressInfo).port;
});
afterAll(async () => {
  sockets.forEach((socket) => socket.destroy());
  await t.close();
});

interface Answer {
  status: number;
  body: Json;
}

/** A connection that is written to by hand; `answer` resolves to the next one that comes. */
function open(): { socket: Socket; answer(): Promise<Answer>; closed: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  let wake = (): void => undefined;
  socket.on('data', (data) => {
    received += data.toString('latin1');
    wake();
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  void closed.then(() => wake());
  socket.on('error', () => undefined);
  return {
    socket,
    closed,
    async answer() {
      for (;;) {
        const [, status, length] = /^HTTP\/1.1 (\d+)[^]*?content-length: (\d+)/i.exec(received) ?? [];
        const begin = received.indexOf('\r\n\r\n') + 4;
        if (length !== undefined && received.length >= begin + Number(length)) {
          const body = received.slice(begin, begin + Number(length));
          received = received.slice(begin + Number(length));
          return { status: Number(status), body: JSON.parse(body) as Json };
        }
        if (socket.destroyed) throw new Error(`closed without an answer, after "${received}"`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

it('a body that is too long is refused while it is still being sent, and the connection goes on', async () => {
  const { socket, answer } = open();
  const { authorization } = await t.headers({ scopes: ['analytics:write'] });
  const head = `Host: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`;
  const length = 17 * 1024 * 1024;
  socket.write(`POST /api/v1/events HTTP/1.1\r\n${head}\r\nContent-Length: ${length}\r\n\r\n`);
  expect(await answer()).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  socket.write(Buffer.alloc(length, ' '));
  const body = '{"events":[]}';
  socket.write(`POST /api/v1/events HTTP/1.1\r\n${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  expect(await answer()).toMatchObject({ status: 200, body: { accepted: 0 } });
});

it('a body of a wrong type is refused while it is still being sent, and the connection goes on', async () => {
  const { socket, answer } = open();
  const { authorization } = await t.headers({ scopes: ['analytics:write'] });
  const head = `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
  const length = 8 * 1024 * 1024;
  socket.write(`${head}Content-Type: text/csv\r\nContent-Length: ${length}\r\n\r\n`);
  socket.write(Buffer.alloc(length / 2, ' '));
  expect(await answer()).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  socket.write(Buffer.alloc(length / 2, ' '));
  const body = '{"events":[]}';
  socket.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  expect(await answer()).toMatchObject({ status: 200, body: { accepted: 0 } });
});

it.each([
  ['is no HTTP', 'nonsense\r\n\r\n', 400, 'VALIDATION_ERROR'],
  ['has an unknown method', 'BREW /health/live HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'VALIDATION_ERROR'],
  ['has no Host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'VALIDATION_ERROR'],
  ['is HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'VALIDATION_ERROR'],
  [
    'has two lengths',
    'POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
    'VALIDATION_ERROR',
  ],
  [
    'has headers without end',
    `GET /health/live HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'PAYLOAD_TOO_LARGE',
  ],
])('what %s is refused in the words of the catalogue', async (_what, sent, status, code) => {
  const { socket, answer, closed } = open();
  socket.write(sent);
  expect(await answer()).toEqual({ status, body: { code, message: expect.any(String) } });
  await closed;
});

it('an unknown expectation is ignored', async () => {
  const { socket, answer } = open();
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n\r\n');
  expect(await answer()).toMatchObject({ status: 200 });
});

it('HTTP/1.0 needs no Host', async () => {
  const { socket, answer } = open();
  socket.write('GET /health/live HTTP/1.0\r\n\r\n');
  expect(await answer()).toMatchObject({ status: 200 });
});

it.each(['agents/%FF/stats', 'agents/%/stats', 'executions/%E0%A4%A'])(
  'a path that cannot be read is refused, %s, but not told to who may not read',
  async (path) => {
    const refusal = async (asker: object): Promise<unknown> => refusalOf(await t.get(path, asker));
    expect(await refusal({ token: null })).toEqual([401, 'UNAUTHORIZED']);
    expect(await refusal({ token: 'a.b.c' })).toEqual([401, 'UNAUTHORIZED']);
    expect(await refusal({ scopes: [] })).toEqual([403, 'FORBIDDEN']);
    expect(await refusal({})).toEqual([400, 'VALIDATION_ERROR']);
  },
);

it.each([
  `/api/v1/executions/${'x'.repeat(600)}/steps`,
  '/api/v1/executions/%FF/steps',
  '/api/v1/events/none',
])('nor to who may not write: %s', async (path) => {
  const refusal = async (asker: object): Promise<unknown> => refusalOf(await t.post(path, {}, asker));
  expect(await refusal({ token: null })).toEqual([401, 'UNAUTHORIZED']);
  expect(await refusal({ scopes: ['analytics:read'] })).toEqual([403, 'FORBIDDEN']);
  expect((await t.post(path, {}, { scopes: ['analytics:write'] })).statusCode).toBe(
    path.endsWith('none') ? 404 : 400,
  );
});

describe('Strict-Transport-Security', () => {
  it('is not sent unless it is asked for, and never for subdomains', async () => {
    expect((await t.get('/health/live')).headers).not.toHaveProperty('strict-transport-security');
    const strict = await testApp({ database: t.database, env: { HSTS_MAX_AGE_SECONDS: '3600' } });
    const { headers } = await strict.get('/health/live');
    expect(headers['strict-transport-security']).toBe('max-age=3600');
    await strict.close();
  });
});

it('the page of the document does not keep tokens', async () => {
  const { body } = await t.get('/docs/static/swagger-initializer.js', { token: null });
  expect(body).toMatch(/"persistAuthorization":\s*false/);
});
