/** What one tenant does to harm others: each is a request that is sent again and again, so many at a time. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { BenchDatabase } from './database.js';
import { runsBetween, wireRun } from './runs.js';
import { traceOf } from './spans.js';
import { Traffic, wireBody } from './traffic.js';

const PREFIX = '/api/v1/analytics';
const MINUTE = 60_000;
const SPANS = 7_200;

export interface Attacker {
  url: string;
  authorization: string;
  tenant: string;
  database: Pick<BenchDatabase, 'pool'>;
  /** Aborted when the attack is over. */
  signal: AbortSignal;
}

export interface Attack {
  name: string;
  atOnce: number;
  /** Before the first request. */
  prepare?: (attacker: Attacker) => Promise<void>;
  /** One request. @returns the status of its answer */
  send: (attacker: Attacker, i: number) => Promise<number>;
}

interface Sent {
  method?: string;
  type?: string;
  body?: string | Uint8Array<ArrayBuffer>;
  gzip?: boolean;
  token?: boolean;
}

async function send(
  { url, authorization, signal }: Attacker,
  path: string,
  { method, type = 'application/json', body, gzip = false, token = true }: Sent = {},
): Promise<number> {
  const response = await fetch(url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization }),
      ...(body !== undefined && { 'content-type': type }),
      ...(gzip && { 'content-encoding': 'gzip' }),
    },
    body,
    signal,
  });
  await response.arrayBuffer();
  return response.status;
}

const query = (attacker: Attacker, queries: object[], timeZone = 'UTC'): Promise<number> => {
  const range = {
    from: new Date(Date.now() - 30 * 24 * 60 * MINUTE).toISOString(),
    to: new Date().toISOString(),
  };
  return send(attacker, `${PREFIX}/query`, { body: JSON.stringify({ range, timeZone, queries }) });
};

const sendEvents = async (attacker: Attacker): Promise<void> => {
  const traffic = new Traffic(7, { agents: 1_000, endpoints: 900, users: 100 });
  const events = [...traffic.between(Date.now() - 10 * 60 * MINUTE, Date.now(), 20_000)];
  for (let i = 0; i < events.length; i += 5_000)
    await send(attacker, '/api/v1/events', { body: new Uint8Array(wireBody(events.slice(i, i + 5_000))) });
};

const sendRuns = async (attacker: Attacker): Promise<void> => {
  const executions = [...runsBetween({ seed: 11 }, Date.now() - 60 * MINUTE, Date.now(), 1_000)].map(wireRun);
  await send(attacker, '/api/v1/executions', { body: JSON.stringify({ executions }) });
};

/** A connection whose other side does not do what it has begun. */
function idle({ url, authorization, signal }: Attacker, head: string, isRead: boolean): Promise<number> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${head}\r\nhost: ${hostname}\r\nauthorization: ${authorization}\r\n\r\n`),
    );
    const end = (): void => {
      signal.removeEventListener('abort', end);
      socket.destroy();
      resolve(0);
    };
    if (isRead) socket.resume();
    else socket.pause();
    socket.once('close', end).once('error', end);
    signal.addEventListener('abort', end);
  });
}

const repeated = (text: string, count: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(gzipSync(text.repeat(count)));
const DEEP = repeated('[', 8_000_000);
const EMPTY_ARRAYS = new Uint8Array(gzipSync(`{"events":[${'[],'.repeat(5_500_000)}[]]}`));
/** Fields of length zero: resource spans, whose scope spans have as many empty spans. */
const EMPTY_SPANS = new Uint8Array(gzipSync(emptySpans(4_000_000)));

function emptySpans(count: number): Buffer {
  const spans = Buffer.from([0x12, 0]).toString('latin1').repeat(count);
  const within = (content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0x12]), varint(content.length), content]);
  const scope = within(Buffer.from(spans, 'latin1'));
  return Buffer.concat([Buffer.from([0x0a]), varint(scope.length), scope]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const otherCase = (text: string, i: number): string =>
  [...text].map((letter, at) => ((i >> at) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('');

let trace: Buffer = Buffer.alloc(0);

export const ATTACKS: readonly Attack[] = [
  {
    name: 'queries of 100 × 50,000 cells',
    atOnce: 8,
    send: (attacker) =>
      query(
        attacker,
        Array.from({ length: 100 }, (_, i) => ({ refId: `q${i}`, metric: 'api_calls', interval: 'hour' })),
      ),
  },
  {
    name: 'exports that nobody reads',
    atOnce: 130,
    prepare: sendRuns,
    send: (attacker) => idle(attacker, `GET ${PREFIX}/export?dataset=steps HTTP/1.1`, false),
  },
  {
    name: 'queries with 100 patterns',
    atOnce: 12,
    prepare: sendEvents,
    send: (attacker, i) => {
      const values = Array.from({ length: 100 }, (_, n) => `*x${n}*y${i % 97}*`);
      const filters = [{ dimension: 'agent', operator: 'matches', values }];
      return query(attacker, [{ refId: 'A', metric: 'api_calls', groupBy: ['agent'], filters }]);
    },
  },
  {
    name: 'searches among 200,000 agents',
    atOnce: 30,
    prepare: async ({ database, tenant }) => {
      await database.pool.query(`INSERT INTO tenants (id, tier) VALUES ($1, 'pro') ON CONFLICT DO NOTHING`, [
        tenant,
      ]);
      await database.pool.query(
        `INSERT INTO agents (tenant_id, id, name)
         SELECT $1, 'agent-' || md5(n::text), 'Bot ' || n FROM generate_series(1, 200000) AS n`,
        [tenant],
      );
    },
    send: (attacker, i) => send(attacker, `${PREFIX}/dimensions/agent/values?search=nobody-${i}`),
  },
  {
    name: 'spellings of a time zone',
    atOnce: 8,
    send: (attacker, i) =>
      query(
        attacker,
        [{ refId: 'A', metric: 'api_calls', interval: 'day' }],
        otherCase('america/new_york', i),
      ),
  },
  {
    name: 'JSON of 8 million levels',
    atOnce: 4,
    send: (attacker) => send(attacker, '/api/v1/events', { body: DEEP, gzip: true }),
  },
  {
    name: 'JSON of 5.5 million arrays',
    atOnce: 4,
    send: (attacker) => send(attacker, '/api/v1/events', { body: EMPTY_ARRAYS, gzip: true }),
  },
  {
    name: 'protobuf of 4 million spans',
    atOnce: 4,
    send: (attacker) =>
      send(attacker, '/v1/traces', { body: EMPTY_SPANS, gzip: true, type: 'application/x-protobuf' }),
  },
  {
    name: `one more span for a trace of ${SPANS.toLocaleString('en')}`,
    atOnce: 2,
    prepare: async (attacker) => {
      trace = traceOf('wide', SPANS);
      await send(attacker, '/v1/traces', { body: new Uint8Array(trace) });
    },
    send: (attacker) => {
      const { resourceSpans } = JSON.parse(trace.toString()) as {
        resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[];
      };
      const last = resourceSpans[0]!.scopeSpans[0]!.spans.at(-1)!;
      const spans = [{ ...last, spanId: randomBytes(8).toString('hex') }];
      return send(attacker, '/v1/traces', {
        body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
      });
    },
  },
  {
    name: 'bodies of 1 MB that do not come',
    atOnce: 115,
    send: (attacker) =>
      idle(
        attacker,
        'POST /api/v1/events HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 1000000',
        true,
      ),
  },
  {
    name: 'GET /health/ready',
    atOnce: 500,
    send: (attacker) => send(attacker, '/health/ready', { token: false }),
  },
  {
    name: 'events of new agents',
    atOnce: 4,
    send: (attacker) => {
      const events = Array.from({ length: 1_000 }, () => ({
        ...{ metricType: 'api_calls', agentId: randomBytes(12).toString('hex') },
      }));
      return send(attacker, '/api/v1/events', { body: JSON.stringify({ events }) });
    },
  },
  {
    name: 'reservations',
    atOnce: 50,
    send: (attacker) =>
      send(attacker, `${PREFIX}/budgets/reservations`, { body: JSON.stringify({ estimated_cost_usd: 1 }) }),
  },
];

/** Attacks until the signal. @returns how often each status was answered */
export async function attack(kind: Attack, attacker: Attacker): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!attacker.signal.aborted) {
      const status = await kind.send(attacker, next++).catch(() => 0);
      if (attacker.signal.aborted) return;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // A refused connection must not make the attacker busier than the service.
      if (status === 0) await delay(10);
    }
  };
  await Promise.all(Array.from({ length: kind.atOnce }, lane));
  return statuses;
}
