import { type AccessLogEvent, BrokenLine, parseAccessLogLine } from '../../src/ingest/access-log.js';

/** A line in the combined log format. Parts are replaced verbatim. */
function line({
  address = '203.0.113.7',
  user = '-',
  time = '17/May/2015:10:05:03 +0000',
  request = 'GET /v1/orders/17?expand=items HTTP/1.1',
  status = '200',
  bytes = '512',
  rest = ' "https://shop.test/" "curl/8.5"',
} = {}): string {
  return `${address} - ${user} [${time}] "${request}" ${status} ${bytes}${rest}`;
}

const parse = (parts: Parameters<typeof line>[0], agentFrom?: 'user' | 'address'): AccessLogEvent =>
  parseAccessLogLine(line(parts), agentFrom);

describe('a line of an access log', () => {
  it('is an API call with its time, endpoint and status', () => {
    expect(parse({})).toEqual({
      occurredAt: '2015-05-17T10:05:03.000Z',
      metricType: 'api_calls',
      endpoint: 'GET /v1/orders/17',
      status: 200,
    });
  });

  it('can have the common log format, without referer and user agent', () => {
    expect(parse({ rest: '' })).toEqual(parse({}));
  });

  it('can have further fields after those of the combined format', () => {
    expect(parse({ rest: ' "-" "curl/8.5" 0.012 "upstream:8080"' })).toEqual(parse({}));
  });

  it('has its user as the agent, or its address', () => {
    expect(parse({ user: 'billing-bot' }).agentId).toBe('billing-bot');
    expect(parse({ user: '-' }).agentId).toBeUndefined();
    expect(parse({ user: 'billing-bot' }, 'address').agentId).toBe('203.0.113.7');
    expect(parse({ address: '2001:db8::7' }, 'address').agentId).toBe('2001:db8::7');
  });

  it('keeps a user name with spaces as the agent name, because ids have no spaces', () => {
    expect(parse({ user: 'Billing bot' })).toMatchObject({
      agentId: 'Billing_bot',
      agentName: 'Billing bot',
    });
  });

  it.each([
    ['17/May/2015:12:05:03 +0200', '2015-05-17T10:05:03.000Z'],
    ['17/May/2015:01:35:03 -0830', '2015-05-17T10:05:03.000Z'],
    ['01/Jan/2016:00:30:00 +0100', '2015-12-31T23:30:00.000Z'],
    ['29/Feb/2016:23:59:59 +0000', '2016-02-29T23:59:59.000Z'],
    ['30/Jun/2015:23:59:60 +0000', '2015-07-01T00:00:00.000Z'],
  ])('has its time in UTC: %s', (time, expected) => {
    expect(parse({ time }).occurredAt).toBe(expected);
  });

  it('can have escaped quotes in the request', () => {
    expect(parse({ request: String.raw`GET /search/\"a\\b\" HTTP/1.1` }).endpoint).toBe(
      String.raw`GET /search/"a\b"`,
    );
  });

  it('can have escaped quotes in the user agent', () => {
    expect(parse({ rest: String.raw` "-" "a \"quoted\" agent"` })).toEqual(parse({}));
  });

  it.each([
    ['a request that was never read', '-'],
    ['an empty one', ''],
    ['TLS on a plain port', String.raw`\x16\x03\x01\x02`],
  ])('has no endpoint for %s', (_, request) => {
    expect(parse({ request, status: '400' })).toEqual({
      occurredAt: '2015-05-17T10:05:03.000Z',
      metricType: 'api_calls',
      status: 400,
    });
  });

  it.each([
    ['GET /', 'GET /'],
    ['GET /v1/a', 'GET http://api.test/v1/a?b HTTP/1.1'],
    ['GET /', 'GET http://api.test HTTP/1.1'],
    ['OPTIONS *', 'OPTIONS * HTTP/1.1'],
    ['CONNECT api.test:443', 'CONNECT api.test:443 HTTP/1.1'],
    ['PROPFIND /dav', 'PROPFIND /dav HTTP/1.1'],
    ['GET /a b c', 'GET /a b c HTTP/2.0'],
    ['GET /a', `GET /a?${'x'.repeat(5000)} HTTP/1.1`],
  ])('has the path of its request without the query string: %s', (endpoint, request) => {
    expect(parse({ request }).endpoint).toBe(endpoint);
  });

  it('has an endpoint of limited length', () => {
    expect(parse({ request: `GET /${'x'.repeat(5000)} HTTP/1.1` }).endpoint).toHaveLength(2048);
  });

  it.each(['000', '-', '999'])('has no status for %s', (status) => {
    expect(parse({ status })).not.toHaveProperty('status');
  });

  it.each([
    ['nothing of the format', 'hello'],
    ['an open quote', '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1 200 5'],
    ['no status', '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1"'],
    ['a line cut off within its time', '1.2.3.4 - - [17/May/2015:10:0'],
    ['an unknown month', line({ time: '17/Mai/2015:10:05:03 +0000' })],
    ['a day that does not exist', line({ time: '31/Jun/2015:10:05:03 +0000' })],
    ['an hour that does not exist', line({ time: '17/May/2015:24:05:03 +0000' })],
    ['a minute that does not exist', line({ time: '17/May/2015:10:60:03 +0000' })],
    ['a time without its zone', line({ time: '17/May/2015:10:05:03' })],
  ])('is rejected with %s', (_, text) => {
    expect(() => parseAccessLogLine(text)).toThrow(BrokenLine);
  });

  it('is rejected in linear time, regardless of its length', () => {
    const started = performance.now();
    for (const text of [
      `1.2.3.4 ${'- '.repeat(200_000)}`,
      `1 - - [x] "${'\\"'.repeat(200_000)}`,
      `1 - ${'[ '.repeat(100_000)}`,
    ]) {
      expect(() => parseAccessLogLine(text)).toThrow(BrokenLine);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
