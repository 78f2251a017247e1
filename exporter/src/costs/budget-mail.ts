/** Mails of notifications that replicas of earlier releases have stored: their rows are messages themselves. */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import { type Mail, MailReceiver } from '../outbox/mail.js';
import { Outbox, type OutboxMessage } from '../outbox/outbox.js';
import { OutboxTable } from '../outbox/table.js';
import { type BudgetNotice, subjectOf, textOf } from './budget-message.js';

type BudgetMessage = OutboxMessage & Omit<BudgetNotice, 'raisedAt'>;

export interface BudgetMailsDeps {
  pool: Pool;
  smtpUrl: string;
  /** See `MailReceiver`. */
  from?: string;
  /** See `OutboxTable`. */
  dailyLimit?: number;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** See `OutboxDeps`. */
  claimMs?: number;
}

export function createBudgetMails({
  pool,
  smtpUrl,
  from,
  dailyLimit,
  ...deps
}: BudgetMailsDeps): Outbox<BudgetMessage, Mail> {
  const table = {
    name: 'budget_notifications',
    createdAt: 'm.raised_at',
    joined: { table: 'budgets', on: 'joined.id = m.budget_id' },
    content: `m.mark, m.spend_usd AS spend, m.threshold_usd AS threshold, joined.id AS "budgetId", joined.name, joined.scope,
      joined.scope_id AS "scopeId", joined.period_days AS "periodDays", joined.alert_type AS "alertType"`,
  };
  const storage = new OutboxTable<BudgetMessage>(pool, table, dailyLimit);
  return new Outbox({
    name: 'budget mails',
    storage,
    receiver: new MailReceiver(smtpUrl, from),
    compose: mailOf,
    ...deps,
  });
}

function mailOf(message: BudgetMessage): Mail {
  const notice = { ...message, raisedAt: message.createdAt };
  return {
    messageId: `${message.id}@budgets.agentidp-analytics`,
    date: message.createdAt,
    to: message.recipients,
    subject: subjectOf(notice),
    text: textOf(notice),
  };
}
