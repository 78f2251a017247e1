/**
 * Calls back when cron slots come. node-cron ticks every minute, in UTC, and reads no expression but ours; which slots
 * have come since the last tick is asked of `cron.ts`.
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
  /** The next slot, milliseconds. */
  next: number;
  due: () => void;
}

export class Clock {
  private readonly alarms: Alarm[] = [];
  private lastTick = -Infinity;
  private task: ScheduledTask | undefined;
  private check: NodeJS.Timeout | undefined;

  /** @param now milliseconds; may jump */
  constructor(private readonly now: () => number) {}

  /** From the start on, calls `due` when a slot has come: once for all slots since the last tick. */
  onSlot(cron: string, due: () => void): void {
    this.alarms.push({ cron, next: Infinity, due });
  }

  start(): void {
    const at = this.now();
    this.lastTick = at;
    for (const alarm of this.alarms) alarm.next = slotAfter(alarm.cron, at);
    this.startTicking();
    this.check = everyStepOfTheClock(() => {
      // node-cron sleeps until its next minute by the wall clock. If the clock was set back, that would be too late; if it
      // was set forward, node-cron would go through every minute in between.
      this.startTicking();
      this.tick();
    });
  }

  /** Calls no more. */
  stop(): void {
    clearInterval(this.check);
    void this.task?.destroy();
    this.task = undefined;
  }

  /** Compares the slots with the time. Done every minute. */
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
        // node-cron calls some microtasks after its timer has fired, perhaps after it was stopped.
        if (task === this.task) this.tick();
      },
      {
        timezone: 'UTC',
        unref: true,
        // A late tick is a tick: by default node-cron drops one that is a second late, and says so on the console.
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
