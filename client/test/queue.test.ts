import type { Item, Kind } from '../src/items.js';
import { MAX_BODY_BYTES } from '../src/options.js';
import { bodyOf, Queue } from '../src/queue.js';

const queue = (limits: Partial<ConstructorParameters<typeof Queue>[0]> = {}): Queue =>
  new Queue({ maxQueue: 100_000, maxQueueBytes: 1e12, maxBatch: 1_000_000, ...limits });

const item = (kind: Kind, executionId?: string, rest: Partial<Item> = {}): Omit<Item, 'sequence'> => {
  const json = rest.json ?? `"${kind} ${executionId ?? ''}"`;
  return { kind, executionId, key: undefined, json, bytes: Buffer.byteLength(json), ...rest };
};

const namesOf = (batch: readonly Item[]): string[] =>
  batch.map(({ kind, executionId, key }) =>
    [kind, executionId, key].filter((x) => x !== undefined).join(' '),
  );

/** Takes all batches. */
function drain(from: Queue): string[][] {
  const batches: string[][] = [];
  for (let batch = from.take(); batch.length > 0; batch = from.take()) batches.push(namesOf(batch));
  return batches;
}

describe('batches', () => {
  it('contain at most 1,000 executions, 10,000 other items, or maxBatch', () => {
    const all = queue();
    for (let i = 0; i < 1_001; i += 1) all.add(item('execution', `e${i}`));
    for (let i = 0; i < 10_001; i += 1) all.add(item('event'));
    for (let i = 0; i < 10_001; i += 1) all.add(item('step', 'e1', { key: i }));
    expect(drain(all).map(({ length }) => length)).toEqual([1_000, 1, 10_000, 1, 10_000, 1]);
    const few = queue({ maxBatch: 7 });
    for (let i = 0; i < 10; i += 1) few.add(item('event'));
    expect(drain(few).map(({ length }) => length)).toEqual([7, 3]);
  });

  it('fill 16 MiB exactly, measured in UTF-8', () => {
    const envelope = '{"events":[]}'.length;
    const room = MAX_BODY_BYTES - envelope;
    const exact = queue();
    const half = `"${'ü'.repeat(Math.floor(room / 4) - 2)}"`;
    exact.add(item('event', undefined, { json: half }));
    // The rest of the body, minus the comma.
    exact.add(item('event', undefined, { json: `"${'x'.repeat(room - Buffer.byteLength(half) - 1 - 2)}"` }));
    exact.add(item('event', undefined, { json: '1' }));
    const first = exact.take();
    expect(first).toHaveLength(2);
    expect(Buffer.byteLength(bodyOf(first))).toBe(MAX_BODY_BYTES);

    const over = queue();
    over.add(item('event', undefined, { json: half }));
    over.add(item('event', undefined, { json: `"${'x'.repeat(room - Buffer.byteLength(half) - 1 - 1)}"` }));
    expect(drain(over).map(({ length }) => length)).toEqual([1, 1]);
  });

  it('fit the limit that shrinkBodies sets', () => {
    const small = queue();
    for (let i = 0; i < 8; i += 1) small.add(item('event', undefined, { json: `"${'x'.repeat(98)}"` }));
    small.shrinkBodies(821);
    expect(drain(small).map(({ length }) => length)).toEqual([3, 3, 2]);
  });

  it('are taken in the order of their oldest items', () => {
    const mixed = queue();
    mixed.add(item('execution', 'a'));
    mixed.add(item('event'));
    mixed.add(item('execution', 'b'));
    mixed.add(item('event'));
    expect(drain(mixed)).toEqual([
      ['execution a', 'execution b'],
      ['event', 'event'],
    ]);
  });
});

describe('items of one execution', () => {
  it('keep their order, while those of other executions are batched', () => {
    const q = queue();
    q.add(item('execution', 'a'));
    q.add(item('step', 'a', { key: 1 }));
    q.add(item('execution', 'b'));
    q.add(item('step', 'b', { key: 1 }));
    q.add(item('step', 'a', { key: 2 }));
    q.add(item('execution', 'a'));
    q.add(item('token_usage', 'b', { key: 'u' }));
    expect(drain(q)).toEqual([
      ['execution a', 'execution b'],
      ['step a 1', 'step a 2'],
      ['step b 1'],
      ['execution a'],
      ['token_usage b u'],
    ]);
  });

  it('with the same key are sent in separate requests', () => {
    const q = queue();
    for (const key of [1, 2, 1, 3]) q.add(item('step', 'a', { key }));
    expect(drain(q)).toEqual([
      ['step a 1', 'step a 2'],
      ['step a 1', 'step a 3'],
    ]);
  });
});

describe('the limits', () => {
  it('maxQueue drops the oldest items of any kind', () => {
    const q = queue({ maxQueue: 3 });
    q.add(item('event'));
    q.add(item('execution', 'a'));
    q.add(item('execution', 'b'));
    expect(q.add(item('execution', 'c'))).toBe(1);
    expect(q.add(item('event'))).toBe(1);
    expect(drain(q)).toEqual([['execution b', 'execution c'], ['event']]);
  });

  it('maxQueueBytes drops as many of the oldest items as necessary', () => {
    const q = queue({ maxQueueBytes: 100 });
    for (let i = 0; i < 10; i += 1) q.add(item('event', undefined, { json: '1234567890' }));
    expect(q.add(item('event', undefined, { json: '"2345678901234567890123"' }))).toBe(3);
    expect(q.length).toBe(8);
    expect(q.isFull).toBe(true);
  });

  it('still apply after take and clear', () => {
    const q = queue({ maxQueueBytes: 100 });
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < 10; i += 1) expect(q.add(item('event', undefined, { json: '1234567890' }))).toBe(0);
      if (round % 2 === 0) expect(q.take()).toHaveLength(10);
      else expect(q.clear()).toHaveLength(10);
      expect(q.first).toBe(Infinity);
    }
  });
});
