/** Sends the demo's traffic live: the events of each second are sent when that second has passed. */
import { setTimeout as delay } from 'node:timers/promises';
import { floorTo, HOUR } from '../time.js';
import type { DemoTenant } from './fleet.js';
import { type DemoRun, LIVE_RATE, runsOf } from './runs.js';
import { type Timeline, type DemoEvent, type TimedEvent, trafficOf } from './traffic.js';

export interface LiveTenant {
  tenant: DemoTenant;
  timeline: Timeline;
  /** @throws if the events were not accepted; they are then sent again */
  send: (events: readonly DemoEvent[]) => Promise<void>;
  /** The same for executions; omit to send none. */
  sendRuns?: (runs: readonly DemoRun[]) => Promise<void>;
}

export interface LiveOptions {
  tenants: readonly LiveTenant[];
  /** Everything before this time has already been written; milliseconds. */
  from: number;
  signal: AbortSignal;
  everyMs?: number;
  now?: () => number;
  /** Called with the time up to which everything has been sent. */
  onSent?: (until: number) => Promise<void> | void;
  onFailure?: (error: unknown) => void;
}

/** Runs until the signal is aborted, and then finishes the request in flight. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { tenants, from, signal, everyMs = 1000, now = Date.now, onSent, onFailure } = options;
  const sources = tenants.map((live) => ({ live, source: new TrafficSource(live.tenant, live.timeline) }));
  let until = from;
  while (!signal.aborted) {
    const present = now();
    try {
      // One hour at a time: after a suspend, one request could not hold all events, and progress must be kept.
      do {
        const to = Math.min(floorTo(until, HOUR) + HOUR, present);
        for (const { live, source } of sources) await sendBetween(live, source, until, to);
        until = to;
        await onSent?.(until);
      } while (until < present && !signal.aborted);
    } catch (error) {
      onFailure?.(error);
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** `from` and `to` are within the same hour. */
async function sendBetween(
  { tenant, send, sendRuns }: LiveTenant,
  source: TrafficSource,
  from: number,
  to: number,
): Promise<void> {
  const events = source.between(from, to);
  if (events.length > 0) await send(events);
  if (sendRuns === undefined) return;
  const runs = runsOf(tenant, floorTo(from, HOUR), LIVE_RATE).filter(({ at }) => at >= from && at < to);
  if (runs.length > 0) await sendRuns(runs.map(({ run }) => run));
}

/** Caches the events of the current hour, because they are requested every second. */
class TrafficSource {
  private hour = NaN;
  private events: TimedEvent[] = [];

  constructor(
    private readonly tenant: DemoTenant,
    private readonly timeline: Timeline,
  ) {}

  /** The events from `from` (inclusive) to `to` (exclusive), which are within the same hour. */
  between(from: number, to: number): DemoEvent[] {
    const hour = floorTo(from, HOUR);
    if (hour !== this.hour) {
      this.events = trafficOf(this.tenant, hour, this.timeline);
      this.hour = hour;
    }
    return this.events.filter(({ at }) => at >= from && at < to).map(({ event }) => event);
  }
}
