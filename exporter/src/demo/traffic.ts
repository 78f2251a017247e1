/**
 * Generates the demo's traffic per agent and hour. The same tenant, agent, hour and anchor always produce the same events
 * with the same ids, so that writing them again only yields duplicates.
 */
import { DAY, floorTo, formatTime, HOUR, MINUTE } from '../time.js';
import { type Endpoint, type EndpointKey, ENDPOINTS } from './endpoints.js';
import { type Agent, type DemoTenant, LOOPING_AGENT } from './fleet.js';
import { inOutage, inRetryLoop, OUTAGE_SERVICE } from './incidents.js';
import { Random } from './random.js';
import { intensity } from './rhythm.js';

/** An event as in `POST /api/v1/events`. */
export interface DemoEvent {
  id: string;
  occurredAt: string;
  agentId: string | null;
  agentName?: string;
  metricType: 'api_calls' | 'token_issuances' | 'token_failures' | 'credential_rotations';
  count: number;
  environment: string;
  endpoint?: string;
  status?: number;
  durationMs?: number;
}

/** An event with its time in milliseconds. */
export interface TimedEvent {
  at: number;
  event: DemoEvent;
}

export interface Timeline {
  /** Start of the day on which the data was first generated. Incidents and growth are relative to it. */
  anchor: number;
  /** From here on, every call is an event. Before it, one event represents about COARSE calls. */
  fineFrom: number;
}

/** Average number of calls per event in the older history. */
const COARSE = 20;
/** Growth of the traffic per quarter. */
const GROWTH = 0.35;
/** One event in so many is of a new version that is being tried. */
const STAGING_EVERY = 9;
const LOOP_TOKENS_PER_HOUR = 900;

/** All events of a tenant in the hour starting at `hour`, oldest first. */
export function trafficOf(tenant: DemoTenant, hour: number, timeline: Timeline): TimedEvent[] {
  const events = tenant.agents.flatMap((agent) => agentTraffic(tenant.id, agent, hour, timeline));
  events.push(...ownTraffic(tenant, hour, timeline));
  return events.sort((a, b) => a.at - b.at);
}

/** Collects the events of one agent, or of the tenant itself. */
class Traffic {
  readonly events: TimedEvent[] = [];
  readonly random: Random;

  /** Beginning of every timestamp, such as `2026-03-06T09:`. Formatting whole timestamps would take a fifth of the time. */
  private readonly prefix: string;

  constructor(
    tenantId: string,
    private readonly hour: number,
    readonly timeline: Timeline,
    private readonly agent?: Agent,
  ) {
    this.prefix = formatTime(hour).slice(0, 14);
    this.random = new Random('demo', tenantId, agent?.id ?? '', hour);
  }

  instant(): number {
    return this.hour + this.random.below(HOUR);
  }

  add(at: number, metricType: DemoEvent['metricType'], call: Partial<DemoEvent> = {}): void {
    const event: DemoEvent = {
      id: this.random.uuid(),
      occurredAt: this.prefix + withinHour(at - this.hour),
      agentId: this.agent?.id ?? null,
      metricType,
      count: 1,
      environment: this.events.length % STAGING_EVERY === STAGING_EVERY - 1 ? 'staging' : 'production',
      ...call,
    };
    if (this.agent !== undefined) event.agentName = this.agent.name;
    this.events.push({ at, event });
  }

  /** Adds about `mean` calls to randomly chosen endpoints, by weight. */
  calls(mean: number, weights: Agent['calls'], burst: boolean): void {
    const { random, timeline } = this;
    const choices = Object.entries(weights).map(([key, weight]) => ({
      endpoint: ENDPOINTS[key as EndpointKey],
      weight,
    }));
    const total = choices.reduce((sum, { weight }) => sum + weight, 0);
    const size = this.hour >= timeline.fineFrom ? 1 : Math.min(COARSE, Math.max(1, mean / 3));
    const events = random.poisson(mean / size);
    for (let i = 0; i < events; i += 1) {
      const at = this.instant();
      const { endpoint } = random.pick(choices, total);
      const count = size === 1 ? 1 : 1 + random.poisson(size - 1);
      const down = endpoint.service === OUTAGE_SERVICE && inOutage(at, timeline.anchor) && random.chance(0.9);
      const { status, durationMs } = down ? outageResponse(random) : response(random, endpoint, burst);
      this.add(at, 'api_calls', { count, endpoint: endpoint.name, status, durationMs });
    }
  }
}

function agentTraffic(tenantId: string, agent: Agent, hour: number, timeline: Timeline): TimedEvent[] {
  if (agent.sinceDays !== undefined && hour < timeline.anchor - agent.sinceDays * DAY) return [];
  const traffic = new Traffic(tenantId, hour, timeline, agent);
  const { random } = traffic;
  const day = floorTo(hour, DAY);
  const dayRandom = new Random('day', tenantId, agent.id, day);
  const volume = agent.busyHour * dayRandom.logNormal(1, 0.12) * growth(hour, timeline);
  const mean = volume * intensity(agent.rhythm, hour);
  const burst = sendsBadRequests(dayRandom, (hour - day) / HOUR);
  traffic.calls(mean, agent.calls, burst);

  const issued = random.poisson(mean / agent.callsPerToken);
  for (let i = 0; i < issued; i += 1) traffic.add(traffic.instant(), 'token_issuances');
  const failed = random.poisson(issued * (burst ? 0.5 : 0.015));
  for (let i = 0; i < failed; i += 1) traffic.add(traffic.instant(), 'token_failures');
  if (agent.id === LOOPING_AGENT) addRetryLoop(traffic, hour, timeline);
  if (rotates(agent, day)) {
    const at = day + 9 * HOUR + new Random('rotation', tenantId, agent.id, day).below(8 * HOUR);
    if (floorTo(at, HOUR) === hour) traffic.add(at, 'credential_rotations');
  }
  return traffic.events;
}

/** On one day in 25, an agent sends malformed requests for two hours. */
function sendsBadRequests(dayRandom: Random, hourOfDay: number): boolean {
  const [today, start] = [dayRandom.chance(0.04), 6 + dayRandom.below(14)];
  return today && hourOfDay >= start && hourOfDay < start + 2;
}

/** One token per call until someone restarts the agent. One request in eight is refused, and so are the calls. */
function addRetryLoop(traffic: Traffic, hour: number, { anchor }: Timeline): void {
  if (!inRetryLoop(hour, anchor)) return;
  const { random } = traffic;
  const attempts = random.poisson(LOOP_TOKENS_PER_HOUR);
  for (let i = 0; i < attempts; i += 1) {
    const at = traffic.instant();
    traffic.add(at, random.chance(0.12) ? 'token_failures' : 'token_issuances');
    const durationMs = millis(random.logNormal(6, 0.3));
    traffic.add(at, 'api_calls', { endpoint: ENDPOINTS.readStock.name, status: 401, durationMs });
  }
}

function ownTraffic(tenant: DemoTenant, hour: number, timeline: Timeline): TimedEvent[] {
  const traffic = new Traffic(tenant.id, hour, timeline);
  const mean = tenant.ownCalls * growth(hour, timeline) * intensity('office', hour);
  traffic.calls(mean, { listTickets: 3, queryLogs: 1, readOrder: 2 }, false);
  return traffic.events;
}

function growth(hour: number, { anchor }: Timeline): number {
  const quarters = (hour - anchor) / (90 * DAY);
  return Math.exp(GROWTH * Math.max(-4, Math.min(0.5, quarters)));
}

function rotates({ id, rotationDays }: Agent, day: number): boolean {
  if (rotationDays === undefined) return false;
  return (day / DAY + new Random('phase', id).below(rotationDays)) % rotationDays === 0;
}

function response(
  random: Random,
  endpoint: Endpoint,
  burst: boolean,
): { status: number; durationMs: number } {
  const durationMs = millis(random.logNormal(endpoint.medianMs, endpoint.sigma));
  let left = random.unit();
  if (burst && (left -= 0.25) < 0) return { status: 400, durationMs: millis(durationMs / 4) };
  for (const [status, share] of endpoint.clientErrors) {
    if ((left -= share) < 0) return { status, durationMs: millis(durationMs / 3) };
  }
  if ((left -= endpoint.serverErrorRate) < 0)
    return { status: random.chance(0.7) ? 500 : 502, durationMs: millis(durationMs * 3) };
  return { status: endpoint.ok, durationMs };
}

/** Most calls are rejected immediately, some time out. */
function outageResponse(random: Random): { status: number; durationMs: number } {
  return random.chance(0.8)
    ? { status: 503, durationMs: millis(random.logNormal(8, 0.4)) }
    : { status: 504, durationMs: millis(random.logNormal(10_000, 0.02)) };
}

/** `MM:SS.mmmZ` */
function withinHour(elapsed: number): string {
  const minute = Math.floor(elapsed / MINUTE);
  const second = Math.floor((elapsed % MINUTE) / 1000);
  return `${two(minute)}:${two(second)}.${String(elapsed % 1000).padStart(3, '0')}Z`;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const millis = (value: number): number => Math.round(value * 100) / 100;
