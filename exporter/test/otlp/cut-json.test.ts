/** Content whose JSON was cut, in messages.ts. */
import { askedIn } from '../../src/ingest/otlp/messages.js';

it('is read in linear time, whatever blanks it has', () => {
  expect(askedIn(`{"a":1${' '.repeat(300_000)}x`)).toBeUndefined();
  expect(askedIn(`[{"role": "user", "content": "hello"},${' '.repeat(300_000)}`)).toBe('hello');
});
