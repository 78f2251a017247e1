/** Exports that are opened and not read: few are open at a time, little of each is in memory, and they end. */
import { jest } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { MAX_STREAMS_A_TENANT } from '../../src/http/open-streams.js';
import { eventually } from '../robustness/eventually.js';
import { PREFIX, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';

const UNREAD_MS = 6_000;
const PATH = 'export?dataset=steps&format=ndjson';
const STEPS = 700;
const EXECUTIONS = 3;
const LONG = 'x'.repeat(15_000);

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ unreadMs: UNREAD_MS });
  await t.app.listen({ port: 0, host: '127.0.0.1' });
  for (let i = 0; i < EXECUTIONS; i += 1) {
    const steps = Array.from({ length: STEPS }, (_, step) => ({
      step_number: step + 1,
      step_type: 'thought',
      content: LONG,
      timestamp: '2026-03-17T08:00:00Z',
    }));
    const executions = [{ ...execution(i, '2026-03-17T08:00:00Z'), steps }];
    const sent = await t.post('/api/v1/executions', { executions }, 'acme');
    expect(sent.json()).toMatchObject({ accepted: 1 });
  }
}, 600_000);
afterAll(() => t.close());

/** Opens an export, and reads nothing of it when it has begun. */
async function openUnread(): Promise<{ socket: Socket; ended: Promise<unknown> }> {
  const { port } = t.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const ended = once(socket, 'close').catch(() => undefined);
  await once(socket, 'connect');
  const headers = Object.entries({ host: 'x', ...(await t.headers('acme')) });
  socket.write(
    `GET ${PREFIX}/${PATH} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  await once(socket, 'readable');
  return { socket, ended };
}

it('a reader gets every row, in pages whose number follows from the size of the rows', async () => {
  const statements = jest.spyOn(t.pool, 'query');
  const { body } = await t.get(PATH, 'acme');
  const pages = statements.mock.calls.length;
  statements.mockRestore();
  expect(body.trimEnd().split('\n')).toHaveLength(EXECUTIONS * STEPS);
  // About 35 rows of this size are half a mebibyte.
  expect(pages).toBeGreaterThan((EXECUTIONS * STEPS) / 60);
});

it('that are not read are refused beyond a few, hold little, and are ended', async () => {
  const statements = jest.spyOn(t.pool, 'query');
  const unread = [];
  for (let i = 0; i < MAX_STREAMS_A_TENANT; i += 1) unread.push(await openUnread());
  const refused = await t.get(PATH, 'acme');
  expect(refusalOf(refused)).toEqual([429, 'RATE_LIMITED']);
  expect(refused.json()).toMatchObject({
    message: expect.stringContaining('3 exports of this tenant are open'),
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await t.get(PATH, 'globex')).statusCode).toBe(200);
  expect((await t.get('tokens', 'acme')).statusCode).toBe(200);

  // What is sent before the sockets are full is a part of what there is.
  const pages = statements.mock.calls.length;
  expect(pages).toBeLessThan((MAX_STREAMS_A_TENANT * EXECUTIONS * STEPS) / 35);
  statements.mockRestore();
  await eventually('room for another', async () => (await t.get(PATH, 'acme')).statusCode === 200, 20_000);
  for (const { socket, ended } of unread) {
    socket.resume();
    await ended;
  }
}, 600_000);
