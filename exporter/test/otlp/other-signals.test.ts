/** Logs and metrics over OTLP: SDKs send them beside traces, so they are answered as the protocol says, and not kept. */
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { bodyOf, refusalOf, testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const SIGNALS = [
  ['/v1/logs', 'rejectedLogRecords', 'logs are not kept; only traces are, at /v1/traces'],
  ['/v1/metrics', 'rejectedDataPoints', 'metrics are not kept; only traces are, at /v1/traces'],
] as const;

/** The answer to an export request, which has the same fields for all signals. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   message Partial { int64 rejected = 1; string error_message = 2; }
   message Answer { Partial partial_success = 1; }`,
);
const Answer = root.lookupType('Answer');

const sent = async (path: string, type: string, payload: Buffer, rest: Record<string, string> = {}) =>
  t.app.inject({
    method: 'POST',
    url: path,
    headers: { ...(await t.headers()), 'content-type': type, ...rest },
    payload,
  });

describe.each(SIGNALS)('POST %s', (path, rejected, errorMessage) => {
  it('answers JSON with a partial success that says that nothing is kept', async () => {
    const answer = bodyOf(await t.post(path, { resourceLogs: [{ scopeLogs: [] }] }));
    expect(answer).toEqual({ partialSuccess: { [rejected]: '0', errorMessage } });
  });

  it('answers protobuf with the same, zipped requests too', async () => {
    for (const [body, headers] of [
      [Buffer.from([10, 0]), {}],
      [gzipSync(Buffer.from([10, 0])), { 'content-encoding': 'gzip' }],
    ] as const) {
      const response = await sent(path, 'application/x-protobuf', body, headers);
      expect([response.statusCode, response.headers['content-type']]).toEqual([
        200,
        'application/x-protobuf',
      ]);
      expect(Answer.toObject(Answer.decode(response.rawPayload))).toEqual({
        partialSuccess: { errorMessage },
      });
    }
  });

  it('refuses requests without a token that may write, and other content types', async () => {
    expect(refusalOf(await t.post(path, {}, { token: null }))[0]).toBe(401);
    expect(refusalOf(await t.post(path, {}, { scopes: ['analytics:read'] }))[0]).toBe(403);
    expect(refusalOf(await sent(path, 'text/plain', Buffer.from('x')))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
  });
});
