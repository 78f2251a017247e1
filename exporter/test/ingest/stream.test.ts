import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../src/errors.js';
import type { IngestAnswer } from '../../src/facts/refusal.js';
import { EventStream } from '../../src/ingest/stream.js';

/** A fake ingest that records batches and returns what `answer` returns. */
function fakeIngest(
  answer: (
    batch: readonly unknown[],
    call: number,
  ) => Partial<IngestAnswer> | Promise<Partial<IngestAnswer>> = () => ({}),
) {
  const state = { batches: [] as [string, readonly unknown[]][], inFlight: 0, most: 0 };
  const events = async (tenantId: string, batch: readonly unknown[]): Promise<IngestAnswer> => {
    state.batches.push([tenantId, batch]);
    state.inFlight += 1;
    state.most = Math.max(state.most, state.inFlight);
    try {
      return {
        accepted: batch.length,
        duplicates: 0,
        rejected: [],
        ...(await answer(batch, state.batches.length)),
      };
    } finally {
      state.inFlight -= 1;
    }
  };
  return { state, ingest: { events } };
}

async function add(stream: EventStream, count: number, tenantId = 'acme'): Promise<void> {
  for (let i = 0; i < count; i += 1) await stream.add(tenantId, { number: i }, i);
}

describe('a stream of events', () => {
  it('writes batches, and the rest on flush', async () => {
    const { state, ingest } = fakeIngest();
    const stream = new EventStream(ingest, { batchSize: 10 });
    await add(stream, 25);
    expect(await stream.flush()).toEqual({ accepted: 25, duplicates: 0, rejected: 0 });
    expect(state.batches.map(([, batch]) => batch.length)).toEqual([10, 10, 5]);
  });

  it('separates tenants', async () => {
    const { state, ingest } = fakeIngest();
    const stream = new EventStream(ingest, { batchSize: 10 });
    await add(stream, 12, 'acme');
    await add(stream, 3, 'beta');
    await stream.flush();
    expect(state.batches.map(([tenantId, batch]) => [tenantId, batch.length])).toEqual([
      ['acme', 10],
      ['acme', 2],
      ['beta', 3],
    ]);
  });

  it('holds a limited number of events for any number of tenants, and sends the fullest batch first', async () => {
    const { state, ingest } = fakeIngest();
    const stream = new EventStream(ingest, { batchSize: 10, maxWaiting: 20 });
    await add(stream, 8, 'large');
    for (let i = 0; i < 12; i += 1) await add(stream, 1, `small-${i}`);
    expect(state.batches).toEqual([]);
    await add(stream, 1, 'one more');
    // Makes room for a batch of ten at once.
    expect(state.batches.map(([tenantId, batch]) => [tenantId, batch.length])).toEqual([
      ['large', 8],
      ...[0, 1, 2].map((i) => [`small-${i}`, 1]),
    ]);
    for (let i = 0; i < 1_000; i += 1) await add(stream, 1, `tenant-${i}`);
    const sent = state.batches.reduce((sum, [, batch]) => sum + batch.length, 0);
    expect(8 + 13 + 1_000 - sent).toBeLessThanOrEqual(20);
    expect((await stream.flush()).accepted).toBe(8 + 13 + 1_000);
  });

  it('limits the batches in flight, and waits for one of them', async () => {
    const { state, ingest } = fakeIngest(async () => {
      await delay(5);
      return {};
    });
    const stream = new EventStream(ingest, { batchSize: 1, concurrency: 3 });
    await add(stream, 20);
    await stream.flush();
    expect([state.most, state.batches.length]).toEqual([3, 20]);
  });

  it('reports where a rejected event came from', async () => {
    const rejection = { index: 1, code: 'EVENT_TOO_OLD', message: 'too old' } as const;
    const { ingest } = fakeIngest(() => ({ accepted: 2, rejected: [rejection] }));
    const told: unknown[] = [];
    const stream = new EventStream(ingest, { onRejected: (...args) => told.push(args) });
    for (const place of ['row 7', 'row 8', 'row 9']) await stream.add('acme', { of: place }, place);
    expect(await stream.flush()).toEqual({ accepted: 2, duplicates: 0, rejected: 1 });
    expect(told).toEqual([['row 8', rejection, { of: 'row 8' }]]);
  });

  it('retries while the database is unreachable', async () => {
    const away = new AppError('UNAVAILABLE', 'away', { retryAfter: 0.01 });
    const { state, ingest } = fakeIngest((_, call) => {
      if (call < 3) throw away;
      return {};
    });
    const stream = new EventStream(ingest);
    await add(stream, 4);
    expect((await stream.flush()).accepted).toBe(4);
    expect(state.batches).toHaveLength(3);
  });

  it('gives up eventually, and the next call throws the error', async () => {
    const { ingest } = fakeIngest(() => {
      throw new AppError('UNAVAILABLE', 'away', { retryAfter: 0 });
    });
    const stream = new EventStream(ingest, { batchSize: 2 });
    await add(stream, 2);
    await expect(stream.flush()).rejects.toThrow('away');
    await expect(add(stream, 2)).rejects.toThrow('away');
  });
});
