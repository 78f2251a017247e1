/** What a notification of a budget says. */
import { parseUsd, toWire, formatUsd, type Usd } from '../money.js';
import { htmlOf } from '../outbox/formats/mail.js';
import type { MessageContent } from '../outbox/messages.js';
import { formatTime } from '../time.js';
import { type AlertType, type Budget, percentageOf } from './budget.js';
import type { Mark } from './notifications.js';
import type { BudgetScope } from './spend.js';

/** A notification with what it needs to know of its budget. Money is text. */
export interface BudgetNotice {
  tenantId: string;
  mark: Mark;
  spend: string;
  threshold: string;
  raisedAt: Date;
  budgetId: string;
  name: string | null;
  scope: BudgetScope;
  scopeId: string | null;
  periodDays: number;
  alertType: AlertType;
}

const usd = (amount: string): string => `${toWire(amount)} USD`;
const titleOf = ({ name, budgetId }: BudgetNotice): string => `"${name ?? budgetId}"`;
const percentOf = ({ spend, threshold }: BudgetNotice): string =>
  `${percentageOf(parseUsd(spend), parseUsd(threshold)).toFixed(1)} %`;

const targetOf = ({ scope, scopeId, tenantId }: BudgetNotice): string =>
  scope === 'global' ? `all agents of ${tenantId}` : `${scope} ${scopeId ?? ''} of ${tenantId}`;

export function subjectOf(notice: BudgetNotice): string {
  return notice.mark === 'exceeded'
    ? `Budget ${titleOf(notice)} is used up`
    : `Budget ${titleOf(notice)} is at ${percentOf(notice)}`;
}

const summaryOf = (notice: BudgetNotice): string =>
  notice.mark === 'exceeded'
    ? `The budget ${titleOf(notice)} is used up.`
    : `The budget ${titleOf(notice)} has passed its warning mark.`;

const figuresOf = (notice: BudgetNotice): { title: string; value: string }[] => [
  { title: 'Spend', value: `${usd(notice.spend)} (${percentOf(notice)})` },
  { title: 'Threshold', value: usd(notice.threshold) },
  { title: 'Of', value: targetOf(notice) },
  {
    title: 'Period',
    value: `the ${notice.periodDays} days up to ${formatTime(notice.raisedAt.getTime())}`,
  },
  { title: 'Budget', value: notice.budgetId },
];

/** Width of the column of titles. */
const TITLES = 'Threshold: '.length;

export function textOf(notice: BudgetNotice): string {
  const lines = [
    summaryOf(notice),
    '',
    ...figuresOf(notice).map(({ title, value }) => `${`${title}:`.padEnd(TITLES)}${value}`),
    '',
    notice.alertType === 'hard_stop'
      ? 'It is a hard stop: reservations that would pass its threshold are refused.'
      : 'It only warns: nothing is stopped.',
    'You are told again once the spend has fallen below this mark and reached it again, or when the period is over.',
    '',
  ];
  return lines.join('\n');
}

/** The message of a notification that is being raised. */
export function budgetContent({
  tenantId,
  budget,
  spend,
  mark,
  raisedAt,
}: {
  tenantId: string;
  budget: Budget;
  spend: Usd;
  mark: Mark;
  raisedAt: number;
}): MessageContent {
  const notice: BudgetNotice = {
    ...{ tenantId, mark, spend: formatUsd(spend), threshold: formatUsd(budget.threshold) },
    ...{ raisedAt: new Date(raisedAt), budgetId: budget.id, name: budget.name, scope: budget.scope },
    ...{ scopeId: budget.scopeId, periodDays: budget.periodDays, alertType: budget.alertType },
  };
  const content: MessageContent = {
    title: subjectOf(notice),
    summary: summaryOf(notice),
    severity: mark === 'exceeded' ? 'critical' : 'warning',
    dedupKey: `budget:${budget.id}:${mark}`,
    labels: {
      budget: budget.name ?? budget.id,
      budget_id: budget.id,
      mark,
      ...(budget.scopeId !== null && { [budget.scope]: budget.scopeId }),
    },
    figures: figuresOf(notice),
    links: [],
    startsAt: formatTime(raisedAt),
  };
  const mail = { subject: subjectOf(notice), text: textOf(notice), html: htmlOf(content), attachments: [] };
  return { ...content, mail };
}
