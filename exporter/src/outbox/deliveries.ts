/** The deliveries of stored messages: two queues over one table, one of mails and one of requests. */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import type { OutboundGuard } from '../outbound/guard.js';
import type { Channels } from './channels/channels.js';
import type { ChannelType } from './channels/types.js';
import { EmailReceiver } from './email.js';
import { HttpReceiver } from './http.js';
import type { MessageContent, MessageKind } from './messages.js';
import { Outbox, type OutboxMessage } from './outbox.js';
import type { AllowedRecipients } from './recipients.js';
import { OutboxTable, type OutboxTableDeclaration } from './table.js';

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
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** See `OutboxDeps`. */
  claimMs?: number;
}

const TABLE: OutboxTableDeclaration = {
  name: 'outbox_deliveries',
  createdAt: 'joined.created_at',
  joined: { table: 'outbox_messages', on: 'joined.id = m.message_id' },
  content: 'm.message_id AS "messageId", joined.kind, joined.content, m.channel, m.type',
};

export class Deliveries {
  private readonly queues: readonly Outbox<Delivered, Delivered>[];

  constructor(private readonly deps: DeliveriesDeps) {
    const { pool, dailyLimit } = deps;
    const mails = new OutboxTable<Delivered>(
      pool,
      { ...TABLE, only: `type = 'email'`, countedWith: ['budget_notifications'] },
      dailyLimit,
    );
    const requests = new OutboxTable<Delivered>(pool, { ...TABLE, only: `type <> 'email'` });
    this.queues = [
      this.queue('mails', mails, new EmailReceiver(deps)),
      this.queue('requests to channels', requests, new HttpReceiver(deps), CONCURRENT_REQUESTS),
    ];
  }

  private queue(
    name: string,
    storage: OutboxTable<Delivered>,
    receiver: EmailReceiver | HttpReceiver,
    concurrency?: number,
  ): Outbox<Delivered, Delivered> {
    const { now, log, claimMs } = this.deps;
    return new Outbox({
      name,
      storage,
      receiver,
      compose: (message) => message,
      now,
      log,
      claimMs,
      concurrency,
    });
  }

  /** Sends what is due, in the background. */
  kick(): void {
    for (const queue of this.queues) queue.kick();
  }

  async stop(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.stop()));
  }
}
