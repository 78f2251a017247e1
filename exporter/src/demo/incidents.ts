/** What went wrong in the demo's past. Everything lies at a fixed distance from the data's anchor and comes back each quarter. */
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import type { Service } from './endpoints.js';

/** Half-open, milliseconds. */
interface Window {
  from: number;
  to: number;
}

/** Thirteen weeks: at most one of each within 90 days. */
const EVERY = 91 * DAY;

const TUESDAY = 2;
const THURSDAY = 4;

/** The last such weekday that lies at least `days` before the anchor. */
function weekdayBefore(anchor: number, weekday: number, days: number): number {
  const latest = floorTo(anchor, DAY) - days * DAY;
  return latest - ((new Date(latest).getUTCDay() - weekday + 7) % 7) * DAY;
}

function within(instant: number, { from, to }: Window): boolean {
  const elapsed = (((instant - from) % EVERY) + EVERY) % EVERY;
  return elapsed < to - from;
}

/** A Tuesday afternoon on which a service of the platform was away for two hours and a half. */
export const OUTAGE_SERVICE: Service = 'orders';

export function outage(anchor: number): Window {
  const from = weekdayBefore(anchor, TUESDAY, 4) + 13 * HOUR + 10 * MINUTE;
  return { from, to: from + 150 * MINUTE };
}

/** A Thursday night in which an agent lost its token cache and asked for a new one with each call, for seven hours. */
export function retryLoop(anchor: number): Window {
  const from = weekdayBefore(anchor, THURSDAY, 9) + 21 * HOUR;
  return { from, to: from + 7 * HOUR };
}

export const inOutage = (instant: number, anchor: number): boolean => within(instant, outage(anchor));
export const inRetryLoop = (instant: number, anchor: number): boolean => within(instant, retryLoop(anchor));
