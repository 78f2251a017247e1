/** The deliveries of stored messages: two queues over one table, one of mails and one of requests. */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import type { OutboundGuard } from '../outbound/guard.js';
import type { Channels } from './channels/channels.js';
import type { ChannelType } from './channels/types.js';
import { AppError } from '../errors.js';
import { HOUR } from '../time.js';
import { EmailReceiver } from './email.js';
import { HttpReceiver } from './http.js';
import type { MessageContent, MessageKind } from './messages.js';
import { Outbox, type OutboxMessage, type Receiver } from './outbox.js';
import type { AllowedRecipients } from './recipients.js';
import { OutboxTable, type OutboxTableDeclaration } from './table.js';
import { storeTest } from './test-message.js';

/** Requests that are sent at a time: a receiver that does not answer must not stop those of other tenants. */
const CONCURRENT_REQUESTS = 8;

/** A message on its way to one channel, or to the recipients that it names. */
export interface Delivered extends OutboxMessage {
  /** The id of the message, which all of its deliveries have. */
  messageId: string;
  kind: MessageKind;
  content: MessageContent;
  channel: string | null;
  type: ChannelType;
}

export interface DeliveriesDeps {
  pool: Pool;
  channels: Channels;
  guard: OutboundGuard;
  smtpUrl: string | undefined;
  from: string | undefined;
  mailRecipients: AllowedRecipients;
  dailyLimit: number;
  pagerdutyUrl: string;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** See `OutboxDeps`. */
  claimMs?: number;
}

const TABLE: OutboxTableDeclaration = {
  name: 'outbox_deliveries',
  createdAt: 'joined.created_at',
  joined: { table: 'outbox_messages', on: 'joined.id = m.message_id' },
  ordered: { lane: 'channel', key: 'dedup_key' },
  content: 'm.message_id AS "messageId", joined.kind, joined.content, m.channel, m.type',
};

/** What a receiver said to a test message. */
export interface TestResult {
  sent: boolean;
  answer: string | null;
  error: string | null;
}

interface Queue {
  storage: OutboxTable<Delivered>;
  receiver: Receiver<Delivered>;
  outbox: Outbox<Delivered, Delivered>;
}

export class Deliveries {
  private readonly mails: Queue;
  private readonly requests: Queue;

  constructor(private readonly deps: DeliveriesDeps) {
    const { pool, dailyLimit } = deps;
    const mailTable = { ...TABLE, only: `type = 'email'`, countedWith: ['budget_notifications'] };
    const mails = new OutboxTable<Delivered>(pool, mailTable, dailyLimit);
    const requests = new OutboxTable<Delivered>(pool, { ...TABLE, only: `type <> 'email'` });
    this.mails = this.queue('mails', mails, new EmailReceiver(deps));
    this.requests = this.queue('requests to channels', requests, new HttpReceiver(deps), CONCURRENT_REQUESTS);
  }

  private queue(
    name: string,
    storage: OutboxTable<Delivered>,
    receiver: Receiver<Delivered>,
    concurrency?: number,
  ): Queue {
    const { now, log, claimMs } = this.deps;
    const deps = { name, storage, receiver, now, log, claimMs, concurrency };
    return { storage, receiver, outbox: new Outbox({ ...deps, compose: (message) => message }) };
  }

  /** Sends what is due, in the background. */
  kick(): void {
    this.mails.outbox.kick();
    this.requests.outbox.kick();
  }

  /**
   * Sends a test message to a channel now, once.
   * @throws AppError NOT_FOUND, or RATE_LIMITED beyond MAX_TESTS and the mails of a day
   */
  async test(tenantId: string, channel: string): Promise<TestResult> {
    const { pool, channels } = this.deps;
    const { type } = await channels.get(pool, tenantId, channel);
    const { storage, receiver } = type === 'email' ? this.mails : this.requests;
    if (!(await storage.hasRoom(tenantId)))
      throw new AppError('RATE_LIMITED', 'the tenant has had its mails of the day (MAIL_DAILY_LIMIT)', {
        retryAfter: HOUR / 1000,
      });
    const message = await storeTest(pool, { tenantId, channel, type });
    const { sent, answer = null, error } = await receiver.deliver(message);
    await storage.record(message, { sent, error, retry: undefined });
    return { sent, answer, error };
  }

  async stop(): Promise<void> {
    await Promise.all([this.mails.outbox.stop(), this.requests.outbox.stop()]);
  }
}
