import { demoTenants } from '../../src/demo/fleet.js';
import { outage, OUTAGE_SERVICE, retryLoop } from '../../src/demo/incidents.js';
import { ENDPOINTS } from '../../src/demo/endpoints.js';
import { type Timeline, type DemoEvent, trafficOf } from '../../src/demo/traffic.js';
import { parseEvents } from '../../src/facts/event/parse.js';
import { DAY, HOUR } from '../../src/time.js';

/** A Wednesday. */
const ANCHOR = Date.UTC(2026, 2, 18);
const TIMELINE: Timeline = { anchor: ANCHOR, fineFrom: ANCHOR - 2 * DAY };
const [demo, neighbour] = demoTenants('demo');

const hourOf = (hour: number): DemoEvent[] => trafficOf(demo, hour, TIMELINE).map(({ event }) => event);
const hoursOf = (from: number, to: number): DemoEvent[] => {
  const events: DemoEvent[] = [];
  for (let hour = from; hour < to; hour += HOUR) events.push(...hourOf(hour));
  return events;
};
const calls = (events: readonly DemoEvent[]): number =>
  events.reduce((sum, { metricType, count }) => sum + (metricType === 'api_calls' ? count : 0), 0);
const ofType = (events: readonly DemoEvent[], metricType: string, agentId?: string): DemoEvent[] =>
  events.filter(
    (event) => event.metricType === metricType && (agentId === undefined || event.agentId === agentId),
  );

const lastWeek = hoursOf(ANCHOR - 9 * DAY, ANCHOR - 2 * DAY);

describe("the demo's traffic", () => {
  it('is the same for the same tenant, hour and anchor, including the ids', () => {
    const hour = ANCHOR + 9 * HOUR;
    expect(trafficOf(demo, hour, TIMELINE)).toEqual(trafficOf(demoTenants('demo')[0], hour, TIMELINE));
  });

  it('differs by tenant and hour', () => {
    const ids = [
      hourOf(ANCHOR),
      hourOf(ANCHOR + HOUR),
      trafficOf(neighbour, ANCHOR, TIMELINE).map(({ event }) => event),
    ]
      .flat()
      .map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is within its hour, oldest first', () => {
    const hour = ANCHOR + 10 * HOUR;
    const times = trafficOf(demo, hour, TIMELINE).map(({ at, event }) => {
      expect(Date.parse(event.occurredAt)).toBe(at);
      return at;
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(hour);
    expect(times.at(-1)).toBeLessThan(hour + HOUR);
  });

  it('comes from two environments, most of it from production', () => {
    const staging = lastWeek.filter(({ environment }) => environment === 'staging').length;
    expect(new Set(lastWeek.map(({ environment }) => environment))).toEqual(
      new Set(['production', 'staging']),
    );
    expect(staging / lastWeek.length).toBeGreaterThan(0.02);
    expect(staging / lastWeek.length).toBeLessThan(0.2);
  });

  it('consists of events that the service accepts', () => {
    const { events, rejected } = parseEvents(lastWeek, { now: ANCHOR, oldest: ANCHOR - 400 * DAY });
    expect(rejected).toEqual([]);
    expect(events).toHaveLength(lastWeek.length);
  });

  it('is from all 25 agents, and from the tenant itself', () => {
    expect(demo.agents).toHaveLength(25);
    expect(new Set(lastWeek.map(({ agentId }) => agentId)).size).toBe(26);
  });

  it('follows working hours and weekends', () => {
    const day = (days: number): number => calls(hoursOf(ANCHOR - days * DAY, ANCHOR - (days - 1) * DAY));
    const [sunday, monday] = [day(3), day(2)];
    expect(sunday).toBeLessThan(0.7 * monday);
    expect(calls(hourOf(ANCHOR - 5 * DAY + 4 * HOUR))).toBeLessThan(
      0.6 * calls(hourOf(ANCHOR - 5 * DAY + 10 * HOUR)),
    );
  });

  it('has about the same number of calls as single events and as events with a count', () => {
    const hour = ANCHOR - DAY + 10 * HOUR;
    const single = trafficOf(demo, hour, TIMELINE).map(({ event }) => event);
    const several = trafficOf(demo, hour, { ...TIMELINE, fineFrom: ANCHOR }).map(({ event }) => event);
    expect(several.length).toBeLessThan(single.length / 5);
    expect(Math.abs(calls(several) / calls(single) - 1)).toBeLessThan(0.15);
  });

  it('has a night in which one agent requests far more tokens than usual', () => {
    const { from, to } = retryLoop(ANCHOR);
    expect([new Date(from).getUTCDay(), to - from]).toEqual([4, 7 * HOUR]);
    const perHour = (hour: number): number =>
      ofType(hourOf(hour), 'token_issuances', 'inventory-sync').length;
    expect(perHour(from + 2 * HOUR)).toBeGreaterThan(20 * Math.max(1, perHour(from - DAY + 2 * HOUR)));
    expect(ofType(hourOf(from + 2 * HOUR), 'token_failures', 'inventory-sync').length).toBeGreaterThan(50);
  });

  it('has an afternoon with an outage of a service', () => {
    const { from, to } = outage(ANCHOR);
    const ofService = hoursOf(from - (from % HOUR), to).filter(({ endpoint, occurredAt }) => {
      const at = Date.parse(occurredAt);
      const service = Object.values(ENDPOINTS).find(({ name }) => name === endpoint)?.service;
      return service === OUTAGE_SERVICE && at >= from && at < to;
    });
    const failed = ofService.filter(({ status }) => status === 503 || status === 504);
    expect(ofService.length).toBeGreaterThan(20);
    expect(failed.length / ofService.length).toBeGreaterThan(0.75);
  });

  it('has both incidents between 3 and 30 days before its anchor', () => {
    for (const { from } of [outage(ANCHOR), retryLoop(ANCHOR)]) {
      expect(from).toBeGreaterThan(ANCHOR - 30 * DAY);
      expect(from).toBeLessThan(ANCHOR - 3 * DAY);
    }
  });

  it('has one agent that never rotates its credentials, while all others do', () => {
    const rotated = new Set(
      ofType(hoursOf(ANCHOR - 80 * DAY, ANCHOR), 'credential_rotations').map(({ agentId }) => agentId),
    );
    expect(demo.agents.map(({ id }) => id).filter((id) => !rotated.has(id))).toEqual([
      'legacy-ledger-export',
    ]);
  }, 600_000);

  it('has client and server errors, and a duration on every call', () => {
    const statuses = new Set(ofType(lastWeek, 'api_calls').map(({ status }) => Math.floor(status! / 100)));
    expect([...statuses].sort()).toEqual([2, 4, 5]);
    expect(ofType(lastWeek, 'api_calls').every(({ durationMs }) => durationMs! > 0)).toBe(true);
  });
});
