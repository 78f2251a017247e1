/** Usage events of one tenant, the same for the same seed: as they travel, as rows, and as COPY wants them. */

const METRIC_SHARES = { api_calls: 0.9, token_issuances: 0.07, token_failures: 0.02 } as const;

const STATUS: readonly [status: number, upTo: number][] = [
  [200, 0.8],
  [201, 0.88],
  [204, 0.93],
  [400, 0.95],
  [401, 0.96],
  [404, 0.98],
  [429, 0.99],
  [500, 1],
];

export interface Fleet {
  agents: number;
  endpoints: number;
  users: number;
}

const FLEET: Fleet = { agents: 100, endpoints: 60, users: 50 };

/** Columns of a row in this order, as all statements of the bench name them. */
export const COLUMNS =
  'tenant_id, occurred_at, event_id, agent_id, metric_type, count, endpoint, status_code, duration_ms, user_id';

export interface BenchEvent {
  id: string;
  occurredAt: string;
  agentId: string;
  agentName: string;
  metricType: string;
  count: number;
  /** As an agent would send it, with ids in the path. */
  endpoint: string | undefined;
  /** As it is stored. */
  endpointName: string | undefined;
  status: number | undefined;
  durationMs: number | undefined;
  userId: string;
}

/** A small generator with a seed (mulberry32): numbers from 0 to below 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0');

export class Traffic {
  private readonly random: () => number;
  private readonly agents: string[];
  private readonly endpoints: string[];
  private made = 0;

  constructor(
    private readonly seed: number,
    private readonly fleet: Fleet = FLEET,
  ) {
    this.random = randomOf(seed);
    this.agents = Array.from({ length: fleet.agents }, (_, i) => `agent-${hex(i * 7919 + 17, 8)}`);
    const verbs = ['GET', 'POST', 'PUT', 'DELETE'];
    this.endpoints = Array.from(
      { length: fleet.endpoints },
      (_, i) => `${verbs[i % 4]} /api/v1/resources-${i}`,
    );
  }

  /** Every id is another one: the seed, a serial number, and some chance for the last group. */
  private id(): string {
    this.made += 1;
    const chance = hex(this.random() * 2 ** 32, 8);
    return `${hex(this.seed, 8)}-${chance.slice(0, 4)}-7${chance.slice(4, 7)}-8000-${hex(this.made, 12)}`;
  }

  /** @param at milliseconds since the epoch */
  next(at: number): BenchEvent {
    const { random, fleet } = this;
    const agent = Math.floor(random() * random() * fleet.agents);
    const kind = random();
    const metricType = metricTypeOf(kind);
    const event: BenchEvent = {
      id: this.id(),
      occurredAt: new Date(at).toISOString(),
      agentId: this.agents[agent]!,
      agentName: `bench agent ${agent}`,
      metricType,
      count: 1,
      endpoint: undefined,
      endpointName: undefined,
      status: undefined,
      durationMs: undefined,
      userId: `user-${Math.floor(random() * fleet.users)}`,
    };
    if (metricType !== 'api_calls') return event;
    const endpoint = this.endpoints[Math.floor(random() * random() * fleet.endpoints)]!;
    const chance = random();
    event.endpoint = `${endpoint}/${Math.floor(random() * 1e6)}`;
    event.endpointName = `${endpoint}/{id}`;
    event.status = STATUS.find(([, upTo]) => chance < upTo)![0];
    // Mostly some tens of milliseconds, with a long tail.
    event.durationMs = Math.round(1_000 * Math.exp(3 + 1.2 * (random() + random() + random() - 1.5))) / 1_000;
    return event;
  }

  /** `count` events, evenly spread over `[from, to)` in the order of their times. */
  *between(from: number, to: number, count: number): Generator<BenchEvent> {
    const step = (to - from) / count;
    for (let i = 0; i < count; i += 1) yield this.next(Math.floor(from + i * step));
  }
}

function metricTypeOf(chance: number): string {
  let upTo = 0;
  for (const [name, share] of Object.entries(METRIC_SHARES)) {
    upTo += share;
    if (chance < upTo) return name;
  }
  return 'credential_rotations';
}

/**
 * The body of `POST /api/v1/events`.
 * @param options.ids without them, the same body may be sent again and again; default true
 */
export function wireBody(events: readonly BenchEvent[], { ids = true } = {}): Buffer {
  const wire = ({ endpointName: _stored, id, ...event }: BenchEvent): object => ({
    ...(ids && { id }),
    ...event,
  });
  return Buffer.from(JSON.stringify({ events: events.map(wire) }));
}

/** Parameters of `unnest`: one array a column, in the order of COLUMNS. */
export function columnArrays(tenantId: string, events: readonly BenchEvent[]): unknown[][] {
  const column = (pick: (event: BenchEvent) => unknown): unknown[] =>
    events.map((event) => pick(event) ?? null);
  return [
    column(() => tenantId),
    column((event) => event.occurredAt),
    column((event) => event.id),
    column((event) => event.agentId),
    column((event) => event.metricType),
    column((event) => event.count),
    column((event) => event.endpointName),
    column((event) => event.status),
    column((event) => event.durationMs),
    column((event) => event.userId),
  ];
}

const NULL = '\\N';

/** One line of COPY's text format. */
export function copyLine(tenantId: string, event: BenchEvent): string {
  const { endpointName = NULL, status = NULL, durationMs = NULL } = event;
  return `${tenantId}\t${event.occurredAt}\t${event.id}\t${event.agentId}\t${event.metricType}\t${event.count}\t${endpointName}\t${status}\t${durationMs}\t${event.userId}\n`;
}
