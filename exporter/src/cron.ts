/** Cron expressions of five fields in UTC. Where day of month and day of week are both restricted, either one is enough. */
import { type CronExpression, CronExpressionParser } from 'cron-parser';

/** What cannot wait for its slot at once: a clock that is set, or a machine that slept, is noticed within this. */
const LOOK_AGAIN_MS = 60_000;

/** At that instant, milliseconds, from where it is walked in either direction. */
export function parseCron(expression: string, at: number): CronExpression {
  return CronExpressionParser.parse(expression, { tz: 'UTC', currentDate: new Date(at) });
}

/** @throws where it has no five fields, no slot at all, or others on another replica, as those of `H` */
export function checkCron(expression: string): void {
  if (expression.trim().split(/\s+/).length !== 5) throw new Error('five fields');
  if (/\bH\b/i.test(expression)) throw new Error('every replica has to see the same slots');
  parseCron(expression, Date.now()).next();
}

/** The first slot after that instant, milliseconds. */
export function slotAfter(expression: string, instant: number): number {
  return parseCron(expression, instant).next().getTime();
}

/**
 * Calls `due` when a slot has come; once for all that have come since it looked.
 * @param now milliseconds; may jump
 * @returns a function that ends it
 */
export function atEachSlot(expression: string, now: () => number, due: () => void): () => void {
  let looked = now();
  let next = slotAfter(expression, looked);
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(look, Math.min(next - looked, LOOK_AGAIN_MS));
  };
  const look = (): void => {
    const wasSetBack = now() < looked;
    looked = now();
    const come = looked >= next;
    if (come || wasSetBack) next = slotAfter(expression, looked);
    wait();
    if (come) due();
  };
  wait();
  return () => clearTimeout(timer);
}
