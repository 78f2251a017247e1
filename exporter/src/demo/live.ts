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
    const present = now();
    try {
      // By the hour: what a machine has slept through is more than one request may hold, and stays sent as far as it came.
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

/** Both within an hour. */
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

/** Remembers the hour that it is in, since that is asked for every second. */
class TrafficSource {
  private hour = NaN;
  private events: TimedEvent[] = [];

  constructor(
    private readonly tenant: DemoTenant,
    private readonly dating: Dating,
  ) {}

  /** The events from `from` to before `to`, within an hour. */
  between(from: number, to: number): DemoEvent[] {
    const hour = floorTo(from, HOUR);
    if (hour !== this.hour) {
      this.events = trafficOf(this.tenant, hour, this.dating);
      this.hour = hour;
    }
    return this.events.filter(({ at }) => at >= from && at < to).map(({ event }) => event);
  }
}
