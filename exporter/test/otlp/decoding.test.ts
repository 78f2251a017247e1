/** Requests of spans are decoded beside the process: it stays responsive, and outlives the thread. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Decoding, MAX_WAITING_BYTES } from '../../src/ingest/otlp/decoding.js';
import { readSent, type Sent } from '../../src/ingest/otlp/sent.js';
import { MAX_BODY_BYTES } from '../../src/ingest/event-schema.js';
import { refusalOf, testApp } from '../support/app.js';
import { chat, envelope, EXECUTION, NOON, wireSpan } from '../support/otlp.js';

const bounds = { now: NOON + 3_600_000, oldest: 0 };
const EMPTY = Buffer.from('{}');
const bodyOf = (spans: number): Buffer => {
  const attributes = chat(1, 1);
  const sent = Array.from({ length: spans }, (_, i) => wireSpan({ id: `s${i}`, from: 0, to: 1, attributes }));
  return Buffer.from(JSON.stringify(envelope(sent)));
};
const read = (decoding: Decoding, body: Uint8Array = EMPTY): Promise<Sent> =>
  decoding.read(body, 'json', bounds);

const opened: Decoding[] = [];
function open(): Decoding {
  const decoding = new Decoding();
  opened.push(decoding);
  return decoding;
}
afterEach(async () => {
  for (const decoding of opened.splice(0)) await decoding.close();
});

it('gives what is read in the process itself, and leaves the body as it is', async () => {
  const decoding = open();
  const whole = Buffer.concat([Buffer.from('xx'), bodyOf(3), Buffer.from('yy')]);
  const part = whole.subarray(2, -2);
  const before = Buffer.from(part);
  expect(await read(decoding, part)).toEqual(readSent(part, 'json', bounds));
  expect(part.equals(before)).toBe(true);
});

it('leaves the process free while it decodes a large request', async () => {
  const decoding = open();
  await read(decoding);
  const body = bodyOf(9_000);
  const began = performance.now();
  readSent(body, 'json', bounds);
  const here = performance.now() - began;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const sent = await Promise.all(Array.from({ length: 3 }, () => read(decoding, body)));
  delay.disable();
  expect(sent.map(({ parts }) => parts[0]![0]!.size)).toEqual([9_000, 9_000, 9_000]);
  // Three of them in the process would hold it up three times as long.
  expect(delay.max / 1e6).toBeLessThan(2 * here + 50);
});

it('refuses whoever waits when the thread dies, and takes the next', async () => {
  const decoding = open();
  await read(decoding);
  const waiting = [read(decoding, bodyOf(5_000)), read(decoding)].map((one) =>
    one.catch((error: unknown) => error),
  );
  await decoding.close();
  for (const error of await Promise.all(waiting)) {
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 5 });
  }
  expect(await read(decoding)).toEqual({ parts: [], refused: [] });
});

it('says of each body by itself that it is none', async () => {
  const decoding = open();
  const outcomes = await Promise.allSettled(
    ['{', '{}', '[]'].map((body) => read(decoding, Buffer.from(body))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
});

it('has the service refuse what is more than can wait, and nothing after it', async () => {
  const t = await testApp();
  try {
    const headers = { 'content-type': 'application/json' };
    const broken = Buffer.alloc(MAX_BODY_BYTES - 1, ' ');
    const many = MAX_WAITING_BYTES / MAX_BODY_BYTES + 1;
    const answers = await Promise.all(
      Array.from({ length: many }, () => t.post('/v1/traces', broken, { headers })),
    );
    const refused = answers.filter(({ statusCode }) => statusCode === 503);
    expect(refused.map(refusalOf)).toEqual([[503, 'UNAVAILABLE']]);
    expect(refused[0]!.headers['retry-after']).toBe('5');
    expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(many - 1);
    const tenant = t.tenant();
    const span = wireSpan({ id: 'a', from: 0, to: 1, attributes: chat(7, 1) });
    expect((await t.post('/v1/traces', envelope([span]), tenant)).statusCode).toBe(200);
    expect(await t.read(`executions/${EXECUTION}`, tenant)).toMatchObject({ input_tokens: 7 });
  } finally {
    await t.close();
  }
});

it('runs compiled, as an image has it, and lets its process end', async () => {
  const exporter = path.join(import.meta.dirname, '../..');
  // Within the workspace, where its packages are found.
  const dist = path.join(exporter, 'dist');
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(path.join(dist, 'test-'));
  const run = promisify(execFile);
  try {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], { cwd: exporter });
    const compiled = pathToFileURL(path.join(folder, 'ingest/otlp/decoding.js')).href;
    const program = `const { Decoding } = await import(${JSON.stringify(compiled)});
      const sent = await new Decoding().read(Buffer.from('{}'), 'json', { now: 0, oldest: 0 });
      console.log(JSON.stringify(sent));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
    });
    expect(JSON.parse(stdout)).toEqual({ parts: [], refused: [] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
