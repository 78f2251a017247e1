import { jest } from '@jest/globals';
import { backoffMs, parseRetryAfter } from '../src/http.js';
import { Clients, eventually } from './support/client.js';
import { refusal, Service, type Behaviour } from './support/service.js';

const clients = new Clients();
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await clients.close();
  await service.stop();
});

/** The given responses; after them, everything is accepted. */
const first =
  (...answers: Behaviour[]) =>
  (_request: unknown, index: number): Behaviour =>
    answers[index];

const event = { metricType: 'api_calls' } as const;

describe('a request is retried', () => {
  it.each<[string, Behaviour]>([
    ['429', refusal(429, 'RATE_LIMITED')],
    ['500', refusal(500, 'INTERNAL_ERROR')],
    ['502', { status: 502, body: '<h1>Bad gateway</h1>' }],
    ['503', refusal(503, 'UNAVAILABLE')],
    ['504', { status: 504 }],
    ["a proxy's own 5xx", { status: 522, body: 'error code: 522' }],
    ['a broken connection', 'cut'],
    ['a timeout', 'silent'],
    ['a 200 of another server', { status: 200, body: '<h1>Welcome</h1>' }],
    ['a 200 without counts', { status: 200, body: { ok: true } }],
  ])('after %s, with the same ids', async (_name, answer) => {
    service.behave = first(answer, answer);
    const client = clients.open({ url: service.url, timeoutMs: answer === 'silent' ? 500 : 10_000 });
    const id = client.recordEvent(event);
    expect(await client.flush()).toBe(true);
    expect(service.items('events').map((sent) => sent.id)).toEqual([id, id, id]);
    expect(new Set(service.items('events').map((sent) => sent.occurredAt)).size).toBe(1);
    expect(client.stats()).toMatchObject({ accepted: 1, retries: 2, sent: 1, dropped: 0, rejected: 0 });
    expect(clients.reported).toEqual([]);
  });

  it('after a refused connection', async () => {
    const url = service.url;
    await service.stop();
    const client = clients.open({ url, maxRetries: 2 });
    client.recordEvent(event);
    await client.flush();
    expect(clients.reported).toMatchObject([
      { error: { code: 'NETWORK_ERROR', status: null, message: expect.stringContaining('ECONNREFUSED') } },
    ]);
    expect(client.stats()).toMatchObject({ dropped: 1, retries: 2 });
    service = await Service.start();
  });

  it('before later items are sent', async () => {
    service.behave = first('cut', 'cut');
    const client = clients.open({ url: service.url, maxBatch: 1 });
    const ids = [1, 2, 3].map(() => client.recordExecution({ status: 'success' }));
    await client.flush();
    expect(service.items('executions').map(({ id }) => id)).toEqual([ids[0], ids[0], ...ids]);
  });

  it('at most maxRetries times, then its items are reported and the next ones are sent', async () => {
    service.behave = first('cut', 'cut', 'cut');
    const client = clients.open({ url: service.url, maxRetries: 2, maxBatch: 2 });
    for (const agentId of ['a', 'b', 'c']) client.recordEvent({ ...event, agentId });
    await client.flush();
    expect(client.stats()).toMatchObject({ dropped: 2, accepted: 1, retries: 2, queued: 0 });
    expect(clients.reported).toMatchObject([
      { error: { code: 'NETWORK_ERROR' }, items: [{ item: { agentId: 'a' } }, { item: { agentId: 'b' } }] },
    ]);
  });

  it.each<[string, Behaviour, string]>([
    ['500', refusal(500, 'INTERNAL_ERROR'), 'INTERNAL_ERROR'],
    ["a proxy's 502", { status: 502 }, 'HTTP_ERROR'],
  ])('after %s, and its items count as dropped, not as rejected', async (_name, answer, code) => {
    service.behave = () => answer;
    const client = clients.open({ url: service.url, maxRetries: 2 });
    client.recordExecution({ status: 'success' });
    client.recordExecution({ status: 'failure' });
    await client.flush();
    expect(service.received).toHaveLength(3);
    expect(client.stats()).toMatchObject({ dropped: 2, rejected: 0, sent: 0, retries: 2 });
    expect(clients.reported).toMatchObject([{ error: { code }, items: [{}, {}] }]);
  });

  it('with a new token, and also if the token function fails once', async () => {
    service.behave = first('cut');
    let asked = 0;
    const client = clients.open({
      url: service.url,
      token: async () => {
        asked += 1;
        if (asked === 1) throw new Error('the identity provider is unreachable');
        return `token-${asked}`;
      },
    });
    client.recordEvent(event);
    await client.flush();
    expect(service.received.map(({ authorization }) => authorization)).toEqual([
      'Bearer token-2',
      'Bearer token-3',
    ]);
  });

  it('if the token function never returns', async () => {
    const client = clients.open({
      ...{ url: service.url, timeoutMs: 30, maxRetries: 1 },
      token: () => new Promise<string>(() => undefined),
    });
    client.recordEvent(event);
    await client.flush();
    expect(clients.codes()).toEqual(['TIMEOUT']);
  });
});

describe('Retry-After', () => {
  it('in seconds delays the retry', async () => {
    service.behave = first(refusal(429, 'RATE_LIMITED', { headers: { 'retry-after': '1' } }));
    const client = clients.open({ url: service.url });
    client.recordEvent(event);
    await client.flush();
    const [before, after] = service.received;
    expect(after!.at - before!.at).toBeGreaterThanOrEqual(980);
  });

  it('as a date delays the retry', async () => {
    const at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1_000);
    service.behave = first(refusal(503, 'UNAVAILABLE', { headers: { 'retry-after': at.toUTCString() } }));
    const client = clients.open({ url: service.url });
    client.recordEvent(event);
    await client.flush();
    expect(service.received[1]!.at).toBeGreaterThanOrEqual(at.getTime() - 20);
  });

  it('longer than maxRetryMs drops the batch immediately, and still delays the next one', async () => {
    service.behave = first(refusal(429, 'RATE_LIMITED', { headers: { 'retry-after': '3600' } }));
    const client = clients.open({ url: service.url, maxRetryMs: 300, maxBatch: 1 });
    client.recordEvent(event);
    client.recordEvent(event);
    await client.flush();
    expect(clients.codes()).toEqual(['RATE_LIMITED']);
    expect(client.stats()).toMatchObject({ dropped: 1, accepted: 1, retries: 0 });
    expect(service.received[1]!.at - service.received[0]!.at).toBeGreaterThanOrEqual(280);
  });

  it.each([
    ['3', 3_000],
    ['0', 0],
    [' 2.5 ', 2_500],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 60_000],
    ['Wed, 21 Oct 2025 07:28:00 GMT', 0],
    ['soon', null],
    [null, null],
  ])('%j is parsed', (value, expected) => {
    expect(parseRetryAfter(value, Date.UTC(2026, 9, 21, 7, 27))).toBe(expected);
  });
});

describe('the delay between attempts', () => {
  const limits = { retryBaseMs: 250, retryCapMs: 30_000 };

  it('is random between 0 and a limit that doubles up to a cap', () => {
    const bounds = [0, 1, 2, 3, 7, 20, 500].map((retry) => backoffMs(retry, limits, () => 1));
    expect(bounds).toEqual([250, 500, 1_000, 2_000, 30_000, 30_000, 30_000]);
    expect(backoffMs(5, limits, () => 0)).toBe(0);
    const drawn = Array.from({ length: 2_000 }, () => backoffMs(2, limits));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1_000);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(800);
  });

  it('ends after maxRetryMs', async () => {
    service.behave = () => 'cut';
    const client = clients.open({
      url: service.url,
      maxRetries: 1e6,
      maxRetryMs: 300,
      retryBaseMs: 20,
      retryCapMs: 40,
    });
    client.recordEvent(event);
    const began = Date.now();
    await client.flush();
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(client.stats().dropped).toBe(1);
  });
});

describe('a full queue', () => {
  it('drops the oldest items and reports each burst once, with their number', async () => {
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    service.behave = () => held.then(() => undefined);
    const client = clients.open({ url: service.url, maxQueue: 5, maxBatch: 2 });
    const ids = Array.from({ length: 12 }, () => client.recordExecution({ status: 'success' }));
    // Two are in flight, five are queued, and the five between them were dropped.
    expect(client.stats()).toMatchObject({ queued: 7, dropped: 5 });
    expect(clients.reported).toEqual([]);
    answer();
    await client.flush();
    expect(service.items('executions').map(({ id }) => id)).toEqual([...ids.slice(0, 2), ...ids.slice(7)]);
    expect(clients.reported).toMatchObject([
      { error: { code: 'QUEUE_FULL', details: { dropped: 5 } }, items: [] },
    ]);
    for (let i = 0; i < 8; i += 1) client.recordEvent(event);
    await client.flush();
    expect(clients.codes()).toEqual(['QUEUE_FULL', 'QUEUE_FULL']);
  });

  it('is also limited in bytes', async () => {
    const client = clients.open({
      url: service.url,
      maxQueueBytes: 10_000,
      flushIntervalMs: 1e6,
      maxBatch: 1e6,
    });
    const silent = jest.fn(() => 'silent' as const);
    service.behave = silent;
    for (let i = 0; i < 100; i += 1)
      client.recordExecution({ status: 'failure', error_message: 'x'.repeat(900) });
    const { queued, dropped } = client.stats();
    expect(queued + dropped).toBe(100);
    // The items in flight are up to half of the limit. The queue holds up to the limit in addition.
    expect(queued).toBeLessThanOrEqual(15);
    await eventually('asked', () => silent.mock.calls.length === 1);
  });
});
