/** Incidents in the demo's history, at a fixed distance from the anchor date and repeated every quarter. */
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import type { Service } from './endpoints.js';

/** Half-open, milliseconds. */
interface Window {
  from: number;
  to: number;
}

/** Thirteen weeks, so that 90 days contain each incident at most once. */
const REPEAT_EVERY = 91 * DAY;

const TUESDAY = 2;
const THURSDAY = 4;

/** The last such weekday at least `days` days before the anchor. */
function weekdayBefore(anchor: number, weekday: number, days: number): number {
  const latest = floorTo(anchor, DAY) - days * DAY;
  return latest - ((new Date(latest).getUTCDay() - weekday + 7) % 7) * DAY;
}

function within(instant: number, { from, to }: Window): boolean {
  const elapsed = (((instant - from) % REPEAT_EVERY) + REPEAT_EVERY) % REPEAT_EVERY;
  return elapsed < to - from;
}

export const OUTAGE_SERVICE: Service = 'orders';

/** A service of the platform was down for two and a half hours on a Tuesday afternoon. */
export function outage(anchor: number): Window {
  const from = weekdayBefore(anchor, TUESDAY, 4) + 13 * HOUR + 10 * MINUTE;
  return { from, to: from + 150 * MINUTE };
}

/** An agent lost its token cache and requested a new token for every call, for seven hours on a Thursday night. */
export function retryLoop(anchor: number): Window {
  const from = weekdayBefore(anchor, THURSDAY, 9) + 21 * HOUR;
  return { from, to: from + 7 * HOUR };
}

export const inOutage = (instant: number, anchor: number): boolean => within(instant, outage(anchor));
export const inRetryLoop = (instant: number, anchor: number): boolean => within(instant, retryLoop(anchor));
