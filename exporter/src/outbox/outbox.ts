/**
 * Sends messages that stand in the database, so that none is lost. One replica claims a message for a while, delivers it
 * and records the result. A failed delivery is retried later, with a growing delay, and given up after some days.
 *
 * A killed sender may have delivered a message without recording it; it is then delivered again. So a message has an id
 * by which its receiver can recognize it.
 *
 * A further receiver is one file beside `mail.ts` with a class that implements `Receiver`. Messages come from the rows of
 * a table, see `OutboxTable` in `table.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { DAY, MINUTE } from '../time.js';

/**
 * No other replica takes a claimed message within this time. The claim is renewed during a delivery, because a delivery
 * has no upper bound: a mail server may take nearly its whole timeout for each recipient.
 */
const CLAIM_MS = 5 * MINUTE;
const RENEWALS_PER_CLAIM = 3;
const FIRST_RETRY_SECONDS = 30;
const MAX_RETRY_SECONDS = 3_600;
/** As long as mail servers retry. */
const GIVE_UP_AFTER_MS = 5 * DAY;
const RECORD_ATTEMPTS = 5;

/** What every message has; `M` adds what it says. */
export interface OutboxMessage {
  tenantId: string;
  /** Stays the same over all attempts. */
  id: string;
  createdAt: Date;
  /** Those who have not received it yet. */
  recipients: string[];
  /** Deliveries begun, this one included. */
  attempts: number;
}

/** The result of one delivery. */
export interface Delivery {
  /** Whether at least one recipient received it. */
  sent: boolean;
  /** The recipients to retry. Empty: the message is finished. */
  retry: string[];
  error: string | null;
  /** The receiver could not be reached at all: no other message need be tried now. Default false. */
  unreachable?: boolean;
}

export interface Receiver<T> {
  /** @returns also how it failed; rejects only for an error of the program */
  deliver(message: T): Promise<Delivery>;
  close(): void;
}

/** What is recorded of a delivery. */
export interface DeliveryRecord {
  sent: boolean;
  error: string | null;
  /** Undefined: the message is finished or given up. */
  retry: { recipients: string[]; afterSeconds: number } | undefined;
}

export interface OutboxStorage<M extends OutboxMessage> {
  /** Tenants with messages that are due. */
  dueTenants(): Promise<string[]>;
  /** Claims the message of the tenant that has been due the longest and that nobody else has claimed. */
  claim(tenantId: string, claimMs: number): Promise<M | undefined>;
  /** Extends a claim, unless the delivery has been recorded or the message claimed again. */
  renew(message: M, claimMs: number): Promise<void>;
  record(message: M, record: DeliveryRecord): Promise<void>;
}

export interface OutboxDeps<M extends OutboxMessage, T> {
  /** What the messages are called in the log, in the plural. */
  name: string;
  storage: OutboxStorage<M>;
  receiver: Receiver<T>;
  /** Puts a message in the form that the receiver takes. */
  compose: (message: M) => T;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** Default: five minutes. */
  claimMs?: number;
}

export class Outbox<M extends OutboxMessage, T> {
  private readonly stopping = new AbortController();
  private readonly claimMs: number;
  private working: Promise<void> | undefined;
  private again = false;
  private failing = false;

  constructor(private readonly deps: OutboxDeps<M, T>) {
    this.claimMs = deps.claimMs ?? CLAIM_MS;
  }

  /** Sends what is due, in the background. */
  kick(): void {
    if (this.stopping.signal.aborted) return;
    this.again = true;
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /** Starts nothing more and waits for the current delivery. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
    this.deps.receiver.close();
  }

  private async work(): Promise<void> {
    const { log, name } = this.deps;
    while (this.again && !this.stopping.signal.aborted) {
      this.again = false;
      try {
        await this.sendDue();
      } catch (error) {
        log.warn({ error: messageOf(error) }, `${name}: the outbox could not be read or written`);
      }
    }
  }

  private async sendDue(): Promise<void> {
    const { storage } = this.deps;
    for (const tenantId of await storage.dueTenants()) {
      while (!this.stopping.signal.aborted) {
        const message = await storage.claim(tenantId, this.claimMs);
        if (message === undefined) break;
        const { unreachable = false } = await this.deliver(message);
        if (unreachable) return;
      }
    }
  }

  private async deliver(message: M): Promise<Delivery> {
    const { receiver, compose, log, name } = this.deps;
    const delivery = await this.whileClaimed(message, () => receiver.deliver(compose(message)));
    const { error } = delivery;
    // One line when deliveries begin to fail, not one for each message.
    if (error !== null && !this.failing) log.warn({ id: message.id, error }, `${name}: a delivery failed`);
    this.failing = error !== null;
    await this.record(message, delivery);
    return delivery;
  }

  /** No other replica takes the message, however long `work` takes. */
  private async whileClaimed<R>(message: M, work: () => Promise<R>): Promise<R> {
    const renewing = setInterval(
      // If one renewal fails, the next one comes before the claim expires.
      () => void this.deps.storage.renew(message, this.claimMs).catch(() => undefined),
      this.claimMs / RENEWALS_PER_CLAIM,
    );
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }

  private async record(message: M, { sent, error, retry }: Delivery): Promise<void> {
    const { storage, now } = this.deps;
    const isGivenUp = now() - message.createdAt.getTime() >= GIVE_UP_AFTER_MS;
    const afterSeconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1), MAX_RETRY_SECONDS);
    const record: DeliveryRecord = {
      sent,
      error,
      retry: retry.length === 0 || isGivenUp ? undefined : { recipients: retry, afterSeconds },
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await storage.record(message, record);
        return;
      } catch (failure) {
        // A delivery that is not recorded would be repeated.
        if (!isUnavailable(failure) || attempt === RECORD_ATTEMPTS) throw failure;
        await delay(200 * 2 ** attempt);
      }
    }
  }
}
