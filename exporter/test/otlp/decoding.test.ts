/** Requests of spans are decoded in a worker thread: the process stays responsive and survives the thread. */
import { execFile } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Decoding, decodingWorker } from '../../src/ingest/otlp/decoding.js';
import { decodeJson } from '../../src/ingest/otlp/protocol.js';
import { MAX_PART, type Refused, Sent, type SentTrace } from '../../src/ingest/otlp/sent.js';
import { MAX_BODY_BYTES } from '../../src/facts/event/wire.js';
import { MAX_BYTES_A_TENANT } from '../../src/http/admission.js';
import { eventually } from '../robustness/eventually.js';
import { refusalOf, testApp } from '../support/app.js';
import { chat, emptySpans, envelope, EXECUTION, NOON, TRACE, wireSpan } from '../support/otlp.js';

const bounds = { now: NOON + 3_600_000, oldest: 0 };
const attributes = chat(1, 1);
const traceId = (i: number): string => (i + 1).toString(16).padStart(32, '0');
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
/** A request with one trace of this many spans. */
const deep = (spans: number): Buffer =>
  bytesOf(
    envelope(Array.from({ length: spans }, (_, i) => wireSpan({ id: `s${i}`, from: 0, to: 1, attributes }))),
  );
/** A request with this many traces of one span. */
const wide = (traces: number): Buffer =>
  bytesOf(
    envelope(
      Array.from({ length: traces }, (_, i) => wireSpan({ id: 'a', from: 0, to: 1, attributes }, traceId(i))),
    ),
  );

interface Read {
  refused: Refused;
  parts: SentTrace[][];
}
async function read(
  decoding: Decoding,
  body: Uint8Array = Buffer.from('{}'),
  tenantId = 'acme',
): Promise<Read> {
  const parts: SentTrace[][] = [];
  const refused = await decoding.read({ tenantId, body, encoding: 'json', bounds }, async (part) => {
    parts.push(part);
    await setImmediate();
  });
  return { refused, parts };
}
const failed = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    () => 'it was read',
    (error: unknown) => error,
  );

const readProtobuf = (decoding: Decoding, body: Uint8Array): Promise<Refused> =>
  decoding.read({ tenantId: 'acme', body, encoding: 'protobuf', bounds }, () => Promise.resolve());

const opened: Decoding[] = [];
function open(...program: ConstructorParameters<typeof Decoding>): Decoding {
  const decoding = new Decoding(...program);
  opened.push(decoding);
  return decoding;
}
/** Replaces the thread's program. */
const openWith = (code: string, options: object = {}): Decoding =>
  open(() => [
    `const { parentPort } = require('node:worker_threads'); ${code}`,
    { eval: true, execArgv: [], ...options },
  ]);
afterEach(async () => {
  for (const decoding of opened.splice(0)) await decoding.close();
});

describe('the thread', () => {
  it('returns the same as decoding in the process, also for a slice of a buffer', async () => {
    const body = deep(3);
    const whole = Buffer.concat([Buffer.from('xx'), body, Buffer.from('yy')]);
    const expected = new Sent(body, 'json', bounds).next();
    expect(await read(open(), whole.subarray(2, -2))).toEqual({ refused: [], parts: [expected] });
  });

  it('returns a large request in parts, the next after the previous one was taken', async () => {
    const decoding = open();
    const { parts } = await read(decoding, wide(2 * MAX_PART + 1));
    expect(parts.map((part) => part.length)).toEqual([MAX_PART, MAX_PART, 1]);
    expect(new Set(parts.flat().map((trace) => trace.traceId)).size).toBe(2 * MAX_PART + 1);
    const refused = decoding.read(
      { tenantId: 'acme', body: wide(MAX_PART + 1), encoding: 'json', bounds },
      () => Promise.reject(new Error('not written')),
    );
    await expect(refused).rejects.toThrow('not written');
    expect(await read(decoding)).toEqual({ refused: [], parts: [] });
  });

  it('does not block the process while it decodes', async () => {
    const decoding = open();
    await read(decoding);
    // All spans are rejected, so that the process has nothing to do but wait.
    const spans = Array.from({ length: 20_000 }, () =>
      wireSpan({ id: 'a', from: 0, to: 1, attributes }, 'none'),
    );
    const body = bytesOf(envelope(spans));
    const before = performance.eventLoopUtilization();
    const answers = await Promise.all(Array.from({ length: 4 }, () => read(decoding, Buffer.from(body))));
    const { utilization } = performance.eventLoopUtilization(before);
    expect(answers.map(({ refused }) => refused[0]![1])).toEqual(Array(4).fill(20_000));
    // Decoding in the process would leave no idle time. On a busy machine, waiting for a core counts as busy.
    expect(utilization).toBeLessThan(0.95);
  });

  it('splits a trace that is larger than a part', async () => {
    const { parts } = await read(open(), deep(2 * MAX_PART + 1));
    expect(parts.map((part) => part.map(({ size }) => size))).toEqual([[MAX_PART], [MAX_PART], [1]]);
    expect(new Set(parts.flat().map((trace) => trace.traceId)).size).toBe(1);
  });

  it('decodes as many large requests at a time as fit into memory, and gives each tenant its turn', async () => {
    // Each request has two parts; the second is held back until it is released.
    const decoding = openWith(`const held = []; parentPort.on('message', ({ id, body }) => {
      if (body !== undefined && body.length > 0) parentPort.postMessage({ id, part: [1], hasMore: true, refused: [] });
      else if (body === undefined) held.push(id);
      else {
        const next = held.shift();
        if (next !== undefined) parentPort.postMessage({ id: next, part: [], hasMore: false, refused: [] });
        parentPort.postMessage({ id, part: [], hasMore: false, refused: [] });
      }
    })`);
    const begun: string[] = [];
    const large = (tenantId: string): Promise<unknown> =>
      decoding.read({ tenantId, body: Buffer.alloc(9 * 1024 * 1024), encoding: 'json', bounds }, () =>
        Promise.resolve(void begun.push(tenantId)),
      );
    const all = Promise.all([large('a'), large('a'), large('a'), large('a'), large('b')]);
    const releaseOne = (): Promise<unknown> => read(decoding, Buffer.alloc(0), 'c');
    await eventually('two', () => begun.length === 2);
    let done = false;
    void all.then(() => (done = true));
    while (!done) await releaseOne();
    expect(begun).toEqual(['a', 'a', 'a', 'b', 'a']);
  });

  it('refuses a request with more spans than a request can have before it takes memory', async () => {
    // With this memory it would die of them.
    const decoding = open(() => decodingWorker(128));
    await read(decoding);
    const huge = failed(readProtobuf(decoding, emptySpans(7 * 1024 * 1024)));
    await setImmediate();
    const behind = read(decoding);
    expect(await huge).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('more than 100000 spans'),
    });
    expect(await behind).toEqual({ refused: [], parts: [] });
  });

  it('refuses a request that does not fit into its memory', async () => {
    const decoding = openWith(`let last; parentPort.once('message', () => { for (;;) last = { last }; })`, {
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    });
    expect(await failed(read(decoding))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('that dies is replaced, and only the request that it died of fails', async () => {
    const decoding = openWith(`parentPort.on('message', ({ id, body }) => {
      if (Buffer.from(body).toString() === 'die') process.exit(1);
      parentPort.postMessage({ id, part: [], hasMore: false, refused: [[Buffer.from(body).toString(), 1]] });
    })`);
    const bodies = ['one', 'die', 'two', 'three', 'die', 'four'];
    const answers = await Promise.all(
      bodies.map((body, i) => failed(read(decoding, Buffer.from(body), `tenant-${i % 2}`))),
    );
    const expected = bodies.map((body) =>
      body === 'die' ? expect.objectContaining({ code: 'UNAVAILABLE' }) : 'it was read',
    );
    expect(answers).toEqual(expected);
  });

  it('that dies with another request goes on after the parts that were taken', async () => {
    const decoding = openWith(`const asked = new Map(); parentPort.on('message', ({ id, body }) => {
      if (body !== undefined && Buffer.from(body).toString() === 'die') process.exit(1);
      asked.set(id, (asked.get(id) ?? 0) + 1);
      parentPort.postMessage({ id, part: ['part ' + asked.get(id)], hasMore: asked.get(id) < 3, refused: [] });
    })`);
    const taken: unknown[] = [];
    await decoding.read(
      { tenantId: 'acme', body: Buffer.from('x'), encoding: 'json', bounds },
      async (part) => {
        taken.push(...part);
        if (taken.length === 2) await failed(read(decoding, Buffer.from('die'), 'other'));
      },
    );
    expect(taken).toEqual(['part 1', 'part 2', 'part 3']);
  });

  it('can die between two parts of a request, which then has to be sent again', async () => {
    const decoding = openWith(`parentPort.once('message', ({ id }) => {
      parentPort.postMessage({ id, part: [1], hasMore: true, refused: [] });
      setTimeout(() => process.exit(1), 20);
    })`);
    let parts = 0;
    const reading = decoding.read(
      { tenantId: 'acme', body: Buffer.from('{}'), encoding: 'json', bounds },
      async () => {
        parts += 1;
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    );
    expect(await failed(reading)).toMatchObject({ code: 'UNAVAILABLE' });
    expect(parts).toBe(1);
  });

  it.each([
    ['cannot be started', 'throw new Error("no such file")', /has ended/],
    ['ends before it answers', 'parentPort.once("message", () => process.exit(3))', /has ended/],
  ])('that %s is reported, and releases its memory', async (_what, code, message) => {
    const decoding = openWith(code);
    // Together more than may be in flight.
    for (let i = 0; i < 5; i += 1) {
      const error = await failed(read(decoding, Buffer.alloc(MAX_BODY_BYTES)));
      expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(message) });
    }
  });

  it('that the system cannot create is reported', async () => {
    const decoding = open(() => {
      throw new Error('no more threads');
    });
    expect(await failed(read(decoding))).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('cannot be started'),
      cause: expect.objectContaining({ message: 'no more threads' }),
    });
  });

  it('that fails is not reported as a fault of the client', async () => {
    const decoding = openWith(
      `parentPort.on('message', ({ id }) => parentPort.postMessage({ id, failure: 'RangeError: odd' }))`,
    );
    const error = await failed(read(decoding));
    expect(error).not.toHaveProperty('code');
    expect(error).toMatchObject({ message: expect.stringContaining('RangeError: odd') });
  });

  it('is terminated on close, and not started again', async () => {
    const decoding = open();
    await read(decoding);
    const waiting = failed(read(decoding, deep(5_000)));
    await decoding.close();
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await failed(read(decoding))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('rejects each invalid body by itself', async () => {
    const decoding = open();
    const outcomes = await Promise.allSettled(
      ['{', '{}', '[]'].map((body) => read(decoding, Buffer.from(body))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  });
});

describe('the size of the requests in flight', () => {
  it('is limited per tenant, and later requests succeed', async () => {
    const t = await testApp();
    try {
      const headers = { 'content-type': 'application/json' };
      const [tenant, other] = [t.tenant(), t.tenant()];
      const broken = Buffer.alloc(MAX_BODY_BYTES - 1, ' ');
      const many = MAX_BYTES_A_TENANT / MAX_BODY_BYTES + 1;
      const sent = Array.from({ length: many }, () => t.post('/v1/traces', broken, { headers, tenant }));
      const small = t.post('/v1/traces', {}, other);
      const answers = await Promise.all(sent);
      const refused = answers.filter(({ statusCode }) => statusCode === 503);
      expect(refused.map(refusalOf)).toEqual([[503, 'UNAVAILABLE']]);
      expect(refused[0]!.headers['retry-after']).toBe('5');
      expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(many - 1);
      expect((await small).statusCode).toBe(200);
      const span = wireSpan({ id: 'a', from: 0, to: 1, attributes: chat(7, 1) });
      expect((await t.post('/v1/traces', envelope([span]), tenant)).statusCode).toBe(200);
      expect(await t.read(`executions/${EXECUTION}`, tenant)).toMatchObject({ input_tokens: 7 });
    } finally {
      await t.close();
    }
  });
});

describe('a resource', () => {
  const withResource = (attributes: Record<string, string>, spans: object[]): Buffer => {
    const keyed = Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    return bytesOf({ resourceSpans: [{ resource: { attributes: keyed }, scopeSpans: [{ spans }] }] });
  };

  it('with many attributes adds only those to its spans that are read', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k8s.label.${i}`, 'x']));
    const spans = Array.from({ length: 10_000 }, (_, i) =>
      wireSpan({ id: `s${i}`, from: 0, to: 1, attributes: {} }),
    );
    const raw = decodeJson(JSON.parse(withResource({ ...many, 'user.id': 'ann' }, spans).toString()));
    expect(raw.map(({ attributes }) => attributes.size)).toEqual(Array(10_000).fill(1));
  });

  it('adds its identity to each span, but no long text', () => {
    const long = 'x'.repeat(16 * 1024);
    const body = withResource({ 'user.id': 'ann', 'gen_ai.tool.call.arguments': long }, [
      wireSpan({ id: 'a', from: 0, to: 1, attributes: { 'gen_ai.operation.name': 'execute_tool' } }, TRACE),
    ]);
    const [trace] = new Sent(body, 'json', bounds).next();
    expect(JSON.parse(trace!.json)[0].fields).toEqual({ role: 'tool', user: 'ann', tool: 'a' });
  });
});

it('runs compiled, as in the image, and lets the process exit', async () => {
  const compiled = new URL('../../dist/ingest/otlp/decoding.js', import.meta.url).href;
  const program = `const { Decoding } = await import(${JSON.stringify(compiled)});
    const request = { tenantId: 'acme', body: Buffer.from('{}'), encoding: 'json', bounds: { now: 0, oldest: 0 } };
    console.log(JSON.stringify(await new Decoding().read(request, async () => {})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 60_000,
  });
  expect(JSON.parse(stdout)).toEqual([]);
}, 600_000);
