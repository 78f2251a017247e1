/**
 * Calls back when cron slots are due. node-cron only ticks, every minute in UTC; `cron.ts` determines which slots have
 * become due since the last tick.
 */
import { schedule, type ScheduledTask } from 'node-cron';
import { slotAfter } from '../cron.js';
import { MINUTE } from '../time.js';

/** Slots are whole minutes. */
const EVERY_MINUTE = '* * * * *';
const CHECK_MS = 10_000;
/** A larger step between wall clock and monotonic clock means that the clock was set or the machine suspended. */
const STEP_MS = 1_000;

interface Alarm {
  cron: string;
  /** The next slot, in milliseconds. */
  next: number;
  due: () => void;
}

export class Clock {
  private readonly alarms: Alarm[] = [];
  private lastTick = -Infinity;
  private task: ScheduledTask | undefined;
  private check: NodeJS.Timeout | undefined;

  /** @param now the time in milliseconds; may jump */
  constructor(private readonly now: () => number) {}

  /** Calls `due` when slots are due: once for all slots since the last tick. */
  onSlot(cron: string, due: () => void): void {
    this.alarms.push({ cron, next: Infinity, due });
  }

  start(): void {
    const at = this.now();
    this.lastTick = at;
    for (const alarm of this.alarms) alarm.next = slotAfter(alarm.cron, at);
    this.startTicking();
    this.check = everyStepOfTheClock(() => {
      // node-cron sleeps until the next minute of the wall clock. If the clock was set back, that would be too late. If it
      // was set forward, node-cron would process every minute in between.
      this.startTicking();
      this.tick();
    });
  }

  /** Stops calling back. */
  stop(): void {
    clearInterval(this.check);
    void this.task?.destroy();
    this.task = undefined;
  }

  /** Checks whether slots are due. Called every minute. */
  tick(): void {
    const at = this.now();
    const wasSetBack = at < this.lastTick;
    this.lastTick = at;
    for (const alarm of this.alarms) {
      const hasCome = at >= alarm.next;
      if (hasCome || wasSetBack) alarm.next = slotAfter(alarm.cron, at);
      if (hasCome) alarm.due();
    }
  }

  private startTicking(): void {
    void this.task?.destroy();
    const task = schedule(
      EVERY_MINUTE,
      () => {
        // node-cron calls back some microtasks after its timer has fired, so possibly after it was stopped.
        if (task === this.task) this.tick();
      },
      {
        timezone: 'UTC',
        unref: true,
        // Late ticks count as well: by default node-cron drops one that is a second late, and prints a warning.
        missedExecutionTolerance: MINUTE,
        suppressMissedWarning: true,
      },
    );
    this.task = task;
  }
}

function everyStepOfTheClock(stepped: () => void): NodeJS.Timeout {
  const offset = (): number => Date.now() - performance.now();
  let known = offset();
  return setInterval(() => {
    const before = known;
    known = offset();
    if (Math.abs(known - before) > STEP_MS) stepped();
  }, CHECK_MS).unref();
}
