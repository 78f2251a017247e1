import { jest } from '@jest/globals';
import { AnalyticsClient, type AnalyticsClientOptions, type Event } from '../src/index.js';
import { uuidv7 } from '../src/ids.js';
import { Clients } from './support/client.js';
import { Service } from './support/service.js';

const clients = new Clients();
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await clients.close();
  await service.stop();
});

const event = { metricType: 'api_calls' } as const;

describe('options', () => {
  it.each<[string, Partial<AnalyticsClientOptions>]>([
    ['url', { url: 'analytics.example.com' }],
    ['url', { url: 'ftp://analytics.example.com' }],
    ['token', { token: '' }],
    ['maxBatch', { maxBatch: 0 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['flushIntervalMs', { flushIntervalMs: -1 }],
  ])('an invalid %s is rejected, and the error names it', (name, options) => {
    expect(() => new AnalyticsClient({ url: 'http://127.0.0.1', token: 't', ...options })).toThrow(
      new RegExp(`^${name} must be`),
    );
  });

  it('url may have a path and a trailing slash', async () => {
    const client = clients.open({ url: `${service.url}/under/` });
    client.recordEvent(event);
    await client.flush();
    expect(service.received[0]!.path).toBe('/under/api/v1/events');
  });

  it('fetch replaces the global fetch', async () => {
    const fake = jest.fn<typeof fetch>(async () =>
      Response.json({ accepted: 1, duplicates: 0, rejected: [] }),
    );
    const client = clients.open({ url: 'https://nowhere.invalid', fetch: fake });
    client.recordEvent(event);
    expect(await client.flush()).toBe(true);
    expect(fake.mock.calls[0]![0]).toBe('https://nowhere.invalid/api/v1/events');
    expect(client.stats().accepted).toBe(1);
  });
});

describe('an item that cannot be sent', () => {
  it('because it has no JSON form is reported, not thrown', () => {
    const client = clients.open({ url: service.url });
    const cyclic: Record<string, unknown> = { ...event };
    cyclic.endpoint = cyclic;
    client.recordEvent(cyclic as Event);
    expect(clients.codes()).toEqual(['NOT_SERIALIZABLE']);
    expect(client.stats()).toMatchObject({ queued: 0, dropped: 1 });
  });

  it('because it is larger than a request or the queue is reported, and evicts no other item', () => {
    const client = clients.open({ url: service.url, maxQueueBytes: 1_000, flushIntervalMs: 1e6 });
    client.recordEvent(event);
    client.recordExecution({ status: 'failure', error_message: 'x'.repeat(1_000) });
    expect(clients.codes()).toEqual(['PAYLOAD_TOO_LARGE']);
    expect(client.stats()).toMatchObject({ queued: 1, dropped: 1 });
  });
});

describe('onError', () => {
  afterEach(() => jest.restoreAllMocks());
  const refuseAll = { status: 200, body: { accepted: 0, duplicates: 0, rejected: [] as object[] } };
  refuseAll.body.rejected = [0, 1].map((index) => ({ index, code: 'VALIDATION_ERROR', message: 'no' }));

  it('defaults to a process warning, once per code', async () => {
    service.behave = () => refuseAll;
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const client = clients.open({ url: service.url, onError: undefined });
    client.recordEvent(event);
    client.recordEvent(event);
    await client.flush();
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(warnings.mock.calls[0]![0]).toContain('VALIDATION_ERROR');
  });

  it.each([
    ['throws', (): void => void JSON.parse('{')],
    ['rejects', () => Promise.reject(new Error('no')) as unknown as void],
  ])('does not stop the client if it %s', async (_how, onError) => {
    service.behave = (_request, index) => (index === 0 ? refuseAll : undefined);
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const client = clients.open({ url: service.url, onError, maxBatch: 2 });
    for (let i = 0; i < 3; i += 1) client.recordEvent(event);
    expect(await client.flush()).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.stats()).toMatchObject({ rejected: 2, accepted: 1 });
    expect(warnings).toHaveBeenCalledTimes(2);
  });
});

describe('flush', () => {
  it('waits for the items queued before it, and not for later ones', async () => {
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    service.behave = (_request, index) => (index === 1 ? held.then(() => undefined) : undefined);
    const client = clients.open({ url: service.url, maxBatch: 1 });
    client.recordEvent(event);
    const flushed = client.flush();
    client.recordEvent(event);
    expect(await flushed).toBe(true);
    expect(client.stats()).toMatchObject({ accepted: 1, queued: 1 });
    answer();
    expect(await client.flush()).toBe(true);
  });

  it('returns false after its timeout, and the rest is still sent', async () => {
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    service.behave = () => held.then(() => undefined);
    const client = clients.open({ url: service.url });
    client.recordEvent(event);
    expect(await client.flush({ timeoutMs: 20 })).toBe(false);
    answer();
    expect(await client.flush()).toBe(true);
    expect(client.stats().accepted).toBe(1);
  });
});

describe('close', () => {
  it('sends the queue, removes the process listeners, and reports later items as CLOSED', async () => {
    const before = process.listenerCount('beforeExit') + process.listenerCount('SIGTERM');
    const client = clients.open({ url: service.url, flushIntervalMs: 1e6, flushOnSignals: true });
    expect(process.listenerCount('beforeExit') + process.listenerCount('SIGTERM')).toBe(before + 2);
    client.recordEvent(event);
    expect(await Promise.all([client.close(), client.close()])).toEqual([true, true]);
    expect(process.listenerCount('beforeExit') + process.listenerCount('SIGTERM')).toBe(before);
    client.recordEvent(event);
    expect(client.stats()).toMatchObject({ accepted: 1, dropped: 1, queued: 0 });
    expect(clients.codes()).toEqual(['CLOSED']);
  });

  it('drops the rest after its timeout, whether in flight, queued or waiting for a retry', async () => {
    service.behave = () => 'silent';
    const hanging = clients.open({ url: service.url, maxBatch: 1 });
    hanging.recordEvent(event);
    hanging.recordEvent(event);
    expect(await hanging.close({ timeoutMs: 30 })).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hanging.stats()).toMatchObject({ queued: 0, dropped: 2 });

    service.behave = () => 'cut';
    const waiting = clients.open({ url: service.url, retryBaseMs: 1e6, retryCapMs: 1e6, maxRetryMs: 1e7 });
    waiting.recordEvent(event);
    expect(await waiting.close({ timeoutMs: 100 })).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(waiting.stats()).toMatchObject({ queued: 0, dropped: 1 });
    expect(new Set(clients.codes())).toEqual(new Set(['CLOSED']));
  });
});

it('uuidv7 creates UUIDs that sort by creation time', () => {
  const ids = [0, 1, 255, 256, 2 ** 32 + 5, 1_772_000_000_000, 2 ** 48 - 1].map((time) => uuidv7(time));
  expect([...ids].sort()).toEqual(ids);
  expect(parseInt(ids[5]!.replace('-', '').slice(0, 12), 16)).toBe(1_772_000_000_000);
  expect(new Set(Array.from({ length: 1_000 }, () => uuidv7(1))).size).toBe(1_000);
});
