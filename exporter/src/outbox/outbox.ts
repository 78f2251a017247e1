/**
 * Sends messages that are stored in the database, so that none is lost. One replica claims a message, delivers it and
 * records the result. A failed delivery is retried with increasing delays, and given up after some days.
 *
 * If a replica is killed after it delivered a message and before it recorded that, the message is delivered again. So each
 * message has an id by which its receiver can recognize it.
 *
 * To add a receiver, add a file next to `mail.ts` with a class that implements `Receiver`. Messages are the rows of a
 * table, see `OutboxTable` in `table.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { DAY, MINUTE } from '../time.js';

/**
 * How long a claim lasts. It is renewed during a delivery, because a delivery has no upper bound: a mail server may take
 * nearly its whole timeout for each recipient.
 */
const CLAIM_MS = 5 * MINUTE;
const RENEWALS_PER_CLAIM = 3;
const FIRST_RETRY_SECONDS = 30;
const MAX_RETRY_SECONDS = 3_600;
/** No receiver may ask for a longer delay. */
const MAX_RETRY_AFTER_SECONDS = 86_400;
/** The same time that mail servers usually retry for. */
const GIVE_UP_AFTER_MS = 5 * DAY;
const RECORD_ATTEMPTS = 5;

/** The fields of every message; `M` adds its content. */
export interface OutboxMessage {
  tenantId: string;
  /** The same for all attempts. */
  id: string;
  createdAt: Date;
  /** The recipients that have not received it yet. */
  recipients: string[];
  /** Number of attempts, including this one. */
  attempts: number;
}

/** The result of one delivery. */
export interface Delivery {
  /** Whether at least one recipient received it. */
  sent: boolean;
  /** The recipients to retry. If empty, the message is finished. */
  retry: string[];
  error: string | null;
  /** What the receiver said, if anything. */
  answer?: string;
  /** The delay that the receiver asks for. A shorter one than the back-off is ignored. */
  retryAfterSeconds?: number;
  /** Whether the place that this message is for was unreachable, so that others for it need not be tried now. Default false. */
  postpones?: boolean;
  /** Whether the receiver was unreachable, so that no other message needs to be tried now. Default false. */
  unreachable?: boolean;
}

export interface Receiver<T> {
  /** @returns the result, also of a failed delivery; only rejects because of a bug */
  deliver(message: T): Promise<Delivery>;
  close(): void;
}

/** The recorded result of a delivery. */
export interface DeliveryRecord {
  sent: boolean;
  error: string | null;
  /** Whether the other messages for the same place wait as long. */
  postpones?: boolean;
  /** Undefined if the message is finished or given up. */
  retry: { recipients: string[]; afterSeconds: number } | undefined;
}

export interface OutboxStorage<M extends OutboxMessage> {
  /** Tenants with messages that are due. */
  dueTenants(): Promise<string[]>;
  /** Claims the tenant's message that has been due the longest and is not claimed, unless the tenant has had its share. */
  claim(tenantId: string, claimMs: number): Promise<M | undefined>;
  /** Extends a claim, unless the delivery was recorded or the message was claimed again. */
  renew(message: M, claimMs: number): Promise<void>;
  record(message: M, record: DeliveryRecord): Promise<void>;
}

export interface OutboxDeps<M extends OutboxMessage, T> {
  /** Name of the messages in the log, in the plural. */
  name: string;
  storage: OutboxStorage<M>;
  receiver: Receiver<T>;
  /** Converts a message to the receiver's format. */
  compose: (message: M) => T;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** Messages that are delivered at a time, of one tenant each. Default: 1. */
  concurrency?: number;
  /** Default: five minutes. */
  claimMs?: number;
}

export class Outbox<M extends OutboxMessage, T> {
  private readonly stopping = new AbortController();
  private readonly claimMs: number;
  private readonly concurrency: number;
  private readonly workers = new Set<Promise<void>>();
  /** Tenants whose turn is to come. */
  private turns: string[] = [];
  /** Tenants whose message is being delivered: each has one at a time. */
  private readonly busy = new Set<string>();
  /** Whether more may be due than is known. */
  private again = false;
  private failing = false;

  constructor(private readonly deps: OutboxDeps<M, T>) {
    this.claimMs = deps.claimMs ?? CLAIM_MS;
    this.concurrency = deps.concurrency ?? 1;
  }

  /** Sends the due messages in the background. */
  kick(): void {
    if (this.stopping.signal.aborted) return;
    this.again = true;
    this.work(1);
  }

  /** Starts no further delivery, and waits for the current ones. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.workers);
    this.deps.receiver.close();
  }

  /** Starts this many workers, as far as there is room. */
  private work(count: number): void {
    const started = Math.min(count, this.concurrency - this.workers.size);
    for (let i = 0; i < started; i += 1) {
      const worker: Promise<void> = this.sendDue().finally(() => this.workers.delete(worker));
      this.workers.add(worker);
    }
  }

  private async sendDue(): Promise<void> {
    const { storage, log, name } = this.deps;
    try {
      for (;;) {
        const tenantId = await this.nextTurn();
        if (tenantId === undefined || this.stopping.signal.aborted) return;
        this.busy.add(tenantId);
        try {
          const message = await storage.claim(tenantId, this.claimMs);
          if (message !== undefined) await this.deliver(message);
        } finally {
          this.busy.delete(tenantId);
        }
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, `${name}: the outbox could not be read or written`);
    }
  }

  /** Tenants take turns, one message each, those included whose messages become due meanwhile. */
  private async nextTurn(): Promise<string | undefined> {
    for (;;) {
      const next = this.turns.shift();
      if (next === undefined) {
        if (!this.again) return undefined;
        this.again = false;
        const due = await this.deps.storage.dueTenants();
        this.turns.push(...due);
        // This worker takes the first one.
        this.work(due.length - 1);
      } else if (!this.busy.has(next)) {
        return next;
      }
    }
  }

  private async deliver(message: M): Promise<void> {
    const { receiver, compose, log, name } = this.deps;
    const delivery = await this.whileClaimed(message, () => receiver.deliver(compose(message)));
    const { error } = delivery;
    // One line when deliveries start to fail, not one per message.
    if (error !== null && !this.failing) log.warn({ id: message.id, error }, `${name}: a delivery failed`);
    this.failing = error !== null;
    await this.record(message, delivery);
    if (delivery.unreachable) {
      // Nobody's turn until the next kick.
      this.turns = [];
      this.again = false;
    } else {
      this.again = true;
    }
  }

  /** Keeps the message claimed while `work` runs. */
  private async whileClaimed<R>(message: M, work: () => Promise<R>): Promise<R> {
    const renewing = setInterval(
      // If a renewal fails, there is another one before the claim expires.
      () => void this.deps.storage.renew(message, this.claimMs).catch(() => undefined),
      this.claimMs / RENEWALS_PER_CLAIM,
    );
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }

  private async record(message: M, delivery: Delivery): Promise<void> {
    const { storage, now } = this.deps;
    const { sent, error, retry, postpones, retryAfterSeconds = 0 } = delivery;
    const isGivenUp = now() - message.createdAt.getTime() >= GIVE_UP_AFTER_MS;
    const backOff = Math.min(FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1), MAX_RETRY_SECONDS);
    const afterSeconds = Math.max(backOff, Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS));
    const record: DeliveryRecord = {
      sent,
      error,
      ...(postpones && { postpones }),
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
