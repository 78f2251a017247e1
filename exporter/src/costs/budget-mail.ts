/** The mails of budgets: from the notifications of the database, through the outbox. */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import { type Mail, MailReceiver } from '../outbox/mail.js';
import { Outbox, type OutboxMessage } from '../outbox/outbox.js';
import { OutboxTable } from '../outbox/table.js';
import { formatTime } from '../time.js';
import { type AlertType, percentageOf } from './budgets.js';
import { parseUsd, toWire } from '../money.js';
import type { Mark } from './notifications.js';
import type { BudgetScope } from './spend.js';

interface BudgetMessage extends OutboxMessage {
  mark: Mark;
  spend: string;
  threshold: string;
  budgetId: string;
  name: string | null;
  scope: BudgetScope;
  scopeId: string | null;
  periodDays: number;
  alertType: AlertType;
}

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
  return {
    messageId: `${message.id}@budgets.agentidp-analytics`,
    date: message.createdAt,
    to: message.recipients,
    subject: subjectOf(message),
    text: textOf(message),
  };
}

const usd = (amount: string): string => `${toWire(amount)} USD`;
const titleOf = ({ name, budgetId }: BudgetMessage): string => `"${name ?? budgetId}"`;
const percentOf = ({ spend, threshold }: BudgetMessage): string =>
  `${percentageOf(parseUsd(spend), parseUsd(threshold)).toFixed(1)} %`;

function subjectOf(message: BudgetMessage): string {
  return message.mark === 'exceeded'
    ? `Budget ${titleOf(message)} is used up`
    : `Budget ${titleOf(message)} is at ${percentOf(message)}`;
}

function textOf(message: BudgetMessage): string {
  const { tenantId, scope, scopeId, spend, threshold, periodDays, createdAt, mark, alertType, budgetId } =
    message;
  const target =
    scope === 'global' ? `all agents of ${tenantId}` : `${scope} ${scopeId ?? ''} of ${tenantId}`;
  const lines = [
    mark === 'exceeded'
      ? `The budget ${titleOf(message)} is used up.`
      : `The budget ${titleOf(message)} has passed its warning mark.`,
    '',
    `Spend:     ${usd(spend)} (${percentOf(message)})`,
    `Threshold: ${usd(threshold)}`,
    `Of:        ${target}`,
    `Period:    the ${periodDays} days up to ${formatTime(createdAt.getTime())}`,
    `Budget:    ${budgetId}`,
    '',
    alertType === 'hard_stop'
      ? 'It is a hard stop: reservations that would pass its threshold are refused.'
      : 'It only warns: nothing is stopped.',
    'You are told again once the spend has fallen below this mark and reached it again, or when the period is over.',
    '',
  ];
  return lines.join('\n');
}
