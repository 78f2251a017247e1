/** The demo's traffic as it happens: what the generator has for this second, sent when the second is over. */
import { setTimeout as delay } from 'node:timers/promises';
import { floorTo, HOUR } from '../time.js';
import type { DemoTenant } from './fleet.js';
import { type DemoRun, LIVE_RATE, runsOf } from './runs.js';
import { type Dating, type DemoEvent, type TimedEvent, trafficOf } from './traffic.js';

export interface LiveTenant {
  tenant: DemoTenant;
  dating: Dating;
  /** @throws when the events were not taken; they are sent again */
  send: (events: readonly DemoEvent[]) => Promise<void>;
  /** The same for executions, where there are to be any. */
  sendRuns?: (runs: readonly DemoRun[]) => Promise<void>;
}

export interface LiveOptions {
  tenants: readonly LiveTenant[];
  /** Everything before it has been written; milliseconds. */
  from: number;
  signal: AbortSignal;
  everyMs?: number;
  now?: () => number;
  /** Told how far the traffic has been taken. */
  onSent?: (until: number) => Promise<void> | void;
  onFailure?: (error: unknown) => void;
}

/** Runs until the signal; what is under way then is finished. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { tenants, from, signal, everyMs = 1000, now = Date.now, onSent, onFailure } = options;
  const sources = tenants.map((live) => ({ live, source: new TrafficSource(live.tenant, live.dating) }));
  let until = from;
  while (!signal.aborted) {
    const to = now();
    try {
      for (const { live, source } of sources) {
        for (const events of source.between(until, to)) await live.send(events);
        const runs = live.sendRuns === undefined ? [] : runsBetween(live.tenant, until, to);
        if (runs.length > 0) await live.sendRuns!(runs);
      }
      until = to;
      await onSent?.(until);
    } catch (error) {
      onFailure?.(error);
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Remembers the hour that it is in, since that is asked for every second. */
class TrafficSource {
  private hour = NaN;
  private events: TimedEvent[] = [];

  constructor(
    private readonly tenant: DemoTenant,
    private readonly dating: Dating,
  ) {}

  /** The events from `from` to before `to`, an hour at a time. */
  *between(from: number, to: number): Generator<DemoEvent[]> {
    for (let hour = floorTo(from, HOUR); hour < to; hour += HOUR) {
      if (hour !== this.hour) {
        this.events = trafficOf(this.tenant, hour, this.dating);
        this.hour = hour;
      }
      const events = this.events.filter(({ at }) => at >= from && at < to).map(({ event }) => event);
      if (events.length > 0) yield events;
    }
  }
}

function runsBetween(tenant: DemoTenant, from: number, to: number): DemoRun[] {
  const runs: DemoRun[] = [];
  for (let hour = floorTo(from, HOUR); hour < to; hour += HOUR) {
    for (const { at, run } of runsOf(tenant, hour, LIVE_RATE)) if (at >= from && at < to) runs.push(run);
  }
  return runs;
}
