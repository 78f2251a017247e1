/**
 * Cron expressions of five fields, in UTC or in a time zone. Croner is the only parser, for settings and for slots, so the two cannot
 * disagree. When day of month and day of week are both restricted, a day that matches either one has a slot. A local time
 * that clocks skip has its slot when they are turned forward, and one that they repeat has it the first time.
 */
import { Cron } from 'croner';

const FIELDS = 5;

// `utcOffset` avoids the time zone database and is 15 times as fast as `timezone: 'UTC'`. `sloppyRanges` allows `5/10`.
const parse = (expression: string, timeZone?: string): Cron =>
  new Cron(expression, {
    mode: '5-part',
    ...(timeZone === undefined ? { utcOffset: 0 } : { timezone: timeZone }),
    sloppyRanges: true,
  });

/** @throws unless it has five fields and at least one slot to come */
export function checkCron(expression: string, timeZone?: string): void {
  if (expression.trim().split(/\s+/).length !== FIELDS) throw new Error('expected five fields');
  slotAfter(expression, Date.now(), timeZone);
}

/** The first slot after that instant, milliseconds. */
export function slotAfter(expression: string, instant: number, timeZone?: string): number {
  const slot = parse(expression, timeZone).nextRun(new Date(instant));
  if (slot === null) throw new Error('the expression matches no date');
  return slot.getTime();
}

/**
 * Slots after `last` and up to `now`, milliseconds, oldest first: the latest `max` of them.
 * Without `last`, only the latest slot.
 */
export function slotsBetween(
  expression: string,
  last: number | undefined,
  now: number,
  max = Infinity,
  timeZone?: string,
): number[] {
  const cron = parse(expression, timeZone);
  const count = last === undefined ? 1 : max;
  const slots: number[] = [];
  let before = new Date(now + 1);
  while (slots.length < count) {
    const [slot] = cron.previousRuns(1, before);
    if (slot === undefined || slot.getTime() <= (last ?? -Infinity)) break;
    slots.unshift(slot.getTime());
    before = slot;
  }
  return slots;
}
