import { readFileSync } from 'node:fs';
import { type AccessLogEvent, parseAccessLogLine } from '../../src/ingest/access-log.js';
import { BrokenLine } from '../../src/ingest/access-log-line.js';
import { describeReal } from '../support/optional.js';

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

/** Agent, endpoint and status; null where there is none. */
function read(text: string): [string | null, string | null, number | null] {
  const { agentId = null, endpoint = null, status = null } = parseAccessLogLine(text);
  return [agentId, endpoint, status];
}

describe('what stands before the line', () => {
  const LINE = line({ user: 'bot' });

  it.each([
    ['syslog', 'Nov  2 10:00:40 gw1 nginx: '],
    ['syslog with a priority, a process and an address', '<190>Nov 20 10:00:40 10.0.0.5 nginx[812]: '],
    ['syslog with a year', 'Nov 20 2026 10:00:40 gw1 nginx: '],
    ['syslog of RFC 5424', '<190>1 2026-11-20T10:00:40.003Z gw1 nginx 812 - - '],
    ['syslog of RFC 5424 with data', '<190>1 2026-11-20T10:00:40Z gw1 nginx - ID47 [a@1 b="c d"] '],
    [
      'syslog of RFC 5424 with more data',
      '<190>1 2026-11-20T10:00:40Z gw1 nginx 8 - [a@1 b="\\]"][c@2 d="e"] ',
    ],
    ['rsyslog', '2026-11-20T10:00:40.123456+01:00 gw1.example.org nginx[812]: '],
    ['journald', 'Fri 2026-11-20 10:00:40 UTC gw1 nginx[812]: '],
    ['journald with seconds', '1795600840.123456 gw1 nginx[812]: '],
    ['journald since boot', '[   12.345678] gw1 nginx[812]: '],
    ['a host and a program', 'gw1 nginx[812]: '],
    ['a program', 'nginx: '],
    ['docker logs --timestamps', '2026-11-20T10:00:40.123456789Z '],
    ['docker compose', 'gateway-1  | '],
    ['docker service logs', 'web_gateway.1.x7k2m9@node1    | '],
    ['docker compose with colours', '\u001b[36mgateway-1  | \u001b[0m'],
    ['docker compose with time stamps', 'gateway-1  | 2026-11-20T10:00:40.123456789Z '],
    ['a container runtime', '2026-11-20T10:00:40.123456789Z stdout F '],
    ['kubectl --prefix', '[pod/gateway-5c9f/nginx] '],
  ])('is read past: %s', (_, prefix) => {
    expect(parseAccessLogLine(prefix + LINE)).toEqual(parseAccessLogLine(LINE));
    expect(parseAccessLogLine(prefix + LINE, 'address').agentId).toBe('203.0.113.7');
  });

  it.each([
    { log: `${LINE}\n`, stream: 'stdout', time: '2026-11-20T10:00:40Z' },
    { stream: 'stdout', log: `${LINE}\n` },
    { __REALTIME_TIMESTAMP: '1795600840000000', MESSAGE: LINE },
    { tag: 'nginx', message: LINE },
  ])('is read out of JSON: %j', (wrapped) => {
    expect(parseAccessLogLine(JSON.stringify(wrapped))).toEqual(parseAccessLogLine(LINE));
  });

  it('is no program where the client is a socket', () => {
    expect(parseAccessLogLine(LINE.replace('203.0.113.7', 'unix:')).agentId).toBe('bot');
  });

  it('is read past in a log file of Docker', () => {
    const stored = JSON.stringify({ log: `${LINE}\n`, stream: 'stdout', time: '2026-11-20T10:00:40.1Z' });
    expect(parseAccessLogLine(stored)).toEqual(parseAccessLogLine(LINE));
  });
});

describe('the client of a line', () => {
  it.each([
    ['2001:db8::1 - bot', 'bot', '2001:db8::1'],
    ['::ffff:203.0.113.9 - bot', 'bot', '::ffff:203.0.113.9'],
    ['203.0.113.9:4711 - bot', 'bot', '203.0.113.9'],
    ['[2001:db8::1]:4711 - bot', 'bot', '2001:db8::1'],
    ['198.51.100.1, 10.0.0.2 - bot', 'bot', '198.51.100.1'],
    ['198.51.100.1,10.0.0.2 - -', undefined, '198.51.100.1'],
    ['198.51.100.1, 10.0.0.2, 10.0.0.3 - -', undefined, '198.51.100.1'],
    ['unknown, 10.0.0.2 - -', undefined, '10.0.0.2'],
    ['198.51.100.1, unknown, 10.0.0.2 - bot', 'bot', '198.51.100.1'],
    ['198.51.100.1 10.0.0.2 - -', undefined, '198.51.100.1'],
    ['- 10.0.0.2 - bot', 'bot', '10.0.0.2'],
    ['api.example.org 203.0.113.9 - -', undefined, '203.0.113.9'],
    ['api.example.org:443 2001:db8::7 - bot', 'bot', '2001:db8::7'],
    ['_ 203.0.113.9 - bot', 'bot', '203.0.113.9'],
    ['api.example.org 198.51.100.1, 10.0.0.2 - Billing bot', 'Billing_bot', '198.51.100.1'],
    ['client.example.org - bot', 'bot', 'client.example.org'],
    ['203.0.113.9 ident "bot"', 'bot', '203.0.113.9'],
    ['203.0.113.9 - ""', undefined, '203.0.113.9'],
    ['- - -', undefined, undefined],
  ])('%s', (client, user, address) => {
    const text = `${client} [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512`;
    expect(parseAccessLogLine(text).agentId).toBe(user);
    expect(parseAccessLogLine(text, 'address').agentId).toBe(address);
  });

  it.each([
    'bot',
    '203.0.113.9',
    '203.0.113.9 -',
    '203.0.113.9 - ',
    'GET api.example.org - -',
    'info gateway - - -',
    'api.example.org edge 203.0.113.9 - -',
    '203.0.113.9 - - -',
    '203.0.113.9 - - bot',
    '203.0.113.9 - 198.51.100.1',
    '10.0.0.2 - 198.51.100.1 - bot',
    'app/web.1 request',
  ])('is not half understood: %s', (client) => {
    const text = `${client} [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512`;
    expect(() => parseAccessLogLine(text)).toThrow(BrokenLine);
  });
});

describe('the request of a line', () => {
  it.each([
    ['GET /a', 'GET /a?q="x" HTTP/1.1'],
    ['GET /ab', 'GET /a\u0000b HTTP/1.1'],
    ['GET /größe', String.raw`GET /gr\xc3\xb6\xc3\x9fe HTTP/1.1`],
    [String.raw`GET /gr\xf6\xdfe`, String.raw`GET /gr\xf6\xdfe HTTP/1.1`],
    [undefined, String.raw`GET /a\x00b HTTP/1.1`],
    [undefined, '\u0016\u0003\u0001\ufffd\u0001'],
  ])('%s', (endpoint, request) => {
    expect(parse({ request }).endpoint).toBe(endpoint);
  });

  it('can be followed by the status alone, or by a status of one digit', () => {
    const text = '203.0.113.9 - b [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1"';
    expect(read(`${text} 200`)).toEqual(['b', 'GET /a', 200]);
    expect(read(`${text} 200 "-" "curl"`)).toEqual(['b', 'GET /a', 200]);
    expect(read(`${text} 0 0`)).toEqual(['b', 'GET /a', null]);
    expect(() => read(`${text} 200 many`)).toThrow(BrokenLine);
  });
});

it('a time can have a fraction', () => {
  expect(parse({ time: '17/May/2015:10:05:03.123 +0000' }).occurredAt).toBe('2015-05-17T10:05:03.123Z');
});

it.each([
  [
    '{"level":"info","request":{"method":"GET","uri":"/a"},"status":200}',
    'JSON, which is not in the combined',
  ],
  ['#Fields: date time s-ip cs-method', 'a comment, which is not in the combined'],
  ['203.0.113.9\t-\tb\t[17/May/2015:10:05:03 +0000]\t"GET /a HTTP/1.1"\t200\t12', 'not in the combined'],
  ['203.0.113.9 - b [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" x x', 'the status and the bytes'],
])('the reason is named for %s', (text, reason) => {
  expect(() => parseAccessLogLine(text)).toThrow(reason);
});

interface OddLine {
  line: number;
  case: string;
  agent_endpoint_status: [string | null, string | null, number | null] | string;
}

describeReal('cases/odd-lines.log', 'odd lines from the field', (path) => {
  const lines = (): string[] => readFileSync(path, 'utf8').split('\n');

  it('are read as they are meant, or broken', () => {
    const wanted = JSON.parse(readFileSync(path.replace(/log$/, 'json'), 'utf8')) as OddLine[];
    const outcomes = wanted.map(({ line: number, agent_endpoint_status }) => {
      if (agent_endpoint_status === 'broken') return 'broken';
      try {
        return read(lines()[number - 1]!);
      } catch (error) {
        return (error as Error).message;
      }
    });
    const alternatives = wanted.map(({ case: name, agent_endpoint_status: right }, i) => {
      const outcome = outcomes[i]!;
      // The service rejects a user of more than 128 characters by name, and counts an error of an unknown path as "other".
      if (name === 'user 200 chars') return [`${'u'.repeat(200)}`, 'GET /a', 200];
      if (name === 'long url 20k') return ['b', `GET /a/${'z'.repeat(2041)}`, 414];
      if (typeof right === 'string') return right;
      const [agent, ...others] = right;
      const agents = agent?.split(' or ') ?? [null];
      return [agents.find((one) => one === outcome[0]) ?? agents[0], ...others];
    });
    expect(outcomes).toEqual(alternatives);
    const broken = wanted.filter(({ agent_endpoint_status: right }) => right === 'broken');
    for (const { line: number } of broken) expect(() => read(lines()[number - 1]!)).toThrow(BrokenLine);
  });
});

describeReal('cases', 'logs with something before the address', (folder) => {
  const agentsOf = (name: string): (string | null)[] =>
    readFileSync(`${folder}/${name}`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => read(text)[0]);

  it('have the user as the agent, or none', () => {
    expect(new Set(agentsOf('syslog-prefix.log'))).toEqual(new Set([null]));
    expect(agentsOf('vhost-combined.log')).toEqual(['billing-bot', null, null]);
    expect(agentsOf('nginx-proxy.log')).toEqual([null, 'billing-bot']);
  });
});
