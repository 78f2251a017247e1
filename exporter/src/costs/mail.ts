/**
 * Mails of budget notifications, sent from the database: a row is claimed by one replica for a while, and sent; one that
 * could not be sent is due again later. The message's id is the row's, so that a mail whose sender was killed before it
 * could note the delivery is known again by mail servers.
 */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createTransport, type SentMessageInfo, type Transporter } from 'nodemailer';
import type { Pool } from 'pg';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { DAY, formatTime, MINUTE } from '../time.js';
import type { AlertType } from './budgets.js';
import { toWire } from '../money.js';
import type { Mark } from './notifications.js';
import type { BudgetScope } from './spend.js';

/**
 * No other replica takes a claimed row within this time. While a delivery lasts it is renewed: a server may be silent for
 * nearly as long as a socket may before each of a budget's recipients.
 */
const CLAIM_MS = 5 * MINUTE;
const RENEWALS_A_CLAIM = 3;
const TIMEOUTS_MS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
const FIRST_RETRY_SECONDS = 30;
const MAX_RETRY_SECONDS = 3_600;
/** As long as mail servers try. */
const GIVE_UP_AFTER_MS = 5 * DAY;
const MAX_ERROR_LENGTH = 500;
const NOTE_ATTEMPTS = 5;

export interface BudgetMailsDeps {
  pool: Pool;
  smtpUrl: string;
  /** Default: this service at this host. */
  from?: string;
  now: () => number;
  log: { warn(details: object, message: string): void };
  /** Default: five minutes. */
  claimMs?: number;
}

interface Claimed {
  tenantId: string;
  id: string;
  mark: Mark;
  spend: string;
  threshold: string;
  raisedAt: Date;
  recipients: string[];
  attempts: number;
  budgetId: string;
  name: string | null;
  scope: BudgetScope;
  scopeId: string | null;
  periodDays: number;
  alertType: AlertType;
}

/** What became of a delivery. */
interface Outcome {
  sent: boolean;
  /** To be tried again with these. */
  retry: string[];
  error: string | null;
}

/** What nodemailer says of a server's answer. */
interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  recipient?: string;
  rejectedErrors?: SmtpError[];
}

export class BudgetMails {
  private readonly stopping = new AbortController();
  private readonly transport: Transporter;
  private readonly claimMs: number;
  private working: Promise<void> | undefined;
  private again = false;
  private failing = false;

  constructor(private readonly deps: BudgetMailsDeps) {
    // What the URL says itself wins.
    this.transport = createTransport({ url: deps.smtpUrl, ...TIMEOUTS_MS });
    this.claimMs = deps.claimMs ?? CLAIM_MS;
  }

  /** Sends what is due, in the background. */
  kick(): void {
    if (this.stopping.signal.aborted) return;
    this.again = true;
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /** Begins nothing more and waits for the delivery that is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
    this.transport.close();
  }

  private async work(): Promise<void> {
    while (this.again && !this.stopping.signal.aborted) {
      this.again = false;
      try {
        await this.sendDue();
      } catch (error) {
        this.deps.log.warn(
          { error: messageOf(error) },
          'mails of budgets not looked at; they are at every interval',
        );
      }
    }
  }

  private async sendDue(): Promise<void> {
    const { rows: tenants } = await this.deps.pool.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM budget_notifications WHERE next_attempt_at <= now() ORDER BY 1',
    );
    for (const { id } of tenants) {
      while (!this.stopping.signal.aborted) {
        const claimed = await this.claim(id);
        if (claimed === undefined) break;
        if ((await this.deliver(claimed)) === 'away') return;
      }
    }
  }

  /** The row that has been due for longest and that nobody else is at. */
  private async claim(tenantId: string): Promise<Claimed | undefined> {
    const { rows } = await this.deps.pool.query<Claimed>(
      `UPDATE budget_notifications n SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       FROM budgets b
       WHERE n.tenant_id = $1 AND b.tenant_id = $1 AND b.id = n.budget_id AND n.id = (
         SELECT id FROM budget_notifications WHERE tenant_id = $1 AND next_attempt_at <= now()
         ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING n.tenant_id AS "tenantId", n.id, n.mark, n.spend_usd AS spend, n.threshold_usd AS threshold,
         n.raised_at AS "raisedAt", n.recipients, n.attempts, b.id AS "budgetId", b.name, b.scope, b.scope_id AS "scopeId",
         b.period_days AS "periodDays", b.alert_type AS "alertType"`,
      [tenantId, this.claimMs / 1000],
    );
    return rows[0];
  }

  /** Whatever `work` takes, nobody else takes the row meanwhile. */
  private async claiming<T>(claimed: Claimed, work: () => Promise<T>): Promise<T> {
    const renewing = setInterval(() => void this.renew(claimed), this.claimMs / RENEWALS_A_CLAIM);
    try {
      return await work();
    } finally {
      clearInterval(renewing);
    }
  }

  private async renew({ tenantId, id, attempts }: Claimed): Promise<void> {
    await this.deps.pool
      .query(
        // One that has been noted as sent in the meantime is not to come back.
        `UPDATE budget_notifications SET next_attempt_at = now() + make_interval(secs => $4)
         WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND next_attempt_at IS NOT NULL`,
        [tenantId, id, attempts, this.claimMs / 1000],
      )
      // The next one comes before the claim is over.
      .catch(() => undefined);
  }

  /** @returns 'away' where the mail server itself could not be reached: the others need not be tried now */
  private async deliver(claimed: Claimed): Promise<'done' | 'away'> {
    const { now, log } = this.deps;
    let outcome: Outcome;
    let away = false;
    try {
      outcome = outcomeOf(await this.claiming(claimed, () => this.send(claimed)));
    } catch (thrown) {
      const error = thrown as SmtpError;
      away = error.responseCode === undefined;
      outcome = failureOf(error, claimed.recipients);
    }
    if (outcome.error !== null && !this.failing) {
      log.warn({ notification: claimed.id, error: outcome.error }, 'a mail of a budget could not be sent');
    }
    this.failing = outcome.error !== null;
    const tryAgain = outcome.retry.length > 0 && now() - claimed.raisedAt.getTime() < GIVE_UP_AFTER_MS;
    await this.note(claimed, outcome, tryAgain);
    return away ? 'away' : 'done';
  }

  private send(claimed: Claimed): Promise<SentMessageInfo> {
    const { from = `AgentIdP Analytics <agentidp-analytics@${hostname()}>` } = this.deps;
    return this.transport.sendMail({
      from,
      to: claimed.recipients,
      subject: subjectOf(claimed),
      text: textOf(claimed),
      messageId: `<${claimed.id}@budgets.agentidp-analytics>`,
      date: claimed.raisedAt,
      headers: { 'Auto-Submitted': 'auto-generated' },
    }) as Promise<SentMessageInfo>;
  }

  private async note(claimed: Claimed, { sent, retry, error }: Outcome, tryAgain: boolean): Promise<void> {
    const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (claimed.attempts - 1), MAX_RETRY_SECONDS);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.deps.pool.query(
          `UPDATE budget_notifications
           SET sent_at = CASE WHEN $3 THEN coalesce(sent_at, now()) ELSE sent_at END, last_error = $4,
               next_attempt_at = CASE WHEN $5 THEN now() + make_interval(secs => $6) END,
               recipients = CASE WHEN $5 THEN $7::text[] ELSE recipients END
           WHERE tenant_id = $1 AND id = $2`,
          [
            claimed.tenantId,
            claimed.id,
            sent,
            error?.slice(0, MAX_ERROR_LENGTH) ?? null,
            tryAgain,
            seconds,
            retry,
          ],
        );
        return;
      } catch (failure) {
        // A delivery that is not noted would be made again.
        if (!isUnavailable(failure) || attempt === NOTE_ATTEMPTS) throw failure;
        await delay(200 * 2 ** attempt);
      }
    }
  }
}

/** A server's 4xx is for now, its 5xx for good. */
const isForGood = ({ responseCode = 0 }: SmtpError): boolean => responseCode >= 500;

/** Recipients that the server has refused while it took others: only those refused for now are tried again. */
function outcomeOf({ rejectedErrors = [] }: SentMessageInfo & { rejectedErrors?: SmtpError[] }): Outcome {
  return {
    sent: true,
    retry: rejectedErrors.flatMap((error) => (isForGood(error) ? [] : (error.recipient ?? []))),
    error: rejectedErrors.length === 0 ? null : rejectedErrors.map(messageOf).join('; '),
  };
}

/** Nothing was sent. Only recipients refused for good are given up: anything else may be put right at the server. */
function failureOf(error: SmtpError, recipients: string[]): Outcome {
  const refused = error.code === 'EENVELOPE' ? (error.rejectedErrors ?? [error]) : [];
  const lost = new Set(refused.filter(isForGood).map(({ recipient }) => recipient?.toLowerCase()));
  return {
    sent: false,
    retry: recipients.filter((recipient) => !lost.has(recipient.toLowerCase())),
    error: messageOf(error),
  };
}

const usd = (amount: string): string => `${toWire(amount)} USD`;
const titleOf = ({ name, budgetId }: Claimed): string => `"${name ?? budgetId}"`;

const percentOf = ({ spend, threshold }: Claimed): string =>
  `${((Number(spend) * 100) / Number(threshold)).toFixed(1)} %`;

function subjectOf(claimed: Claimed): string {
  return claimed.mark === 'exceeded'
    ? `Budget ${titleOf(claimed)} is used up`
    : `Budget ${titleOf(claimed)} is at ${percentOf(claimed)}`;
}

function textOf(claimed: Claimed): string {
  const { tenantId, scope, scopeId, spend, threshold, periodDays, raisedAt, mark, alertType, budgetId } =
    claimed;
  const whose = scope === 'global' ? `all agents of ${tenantId}` : `${scope} ${scopeId ?? ''} of ${tenantId}`;
  const lines = [
    mark === 'exceeded'
      ? `The budget ${titleOf(claimed)} is used up.`
      : `The budget ${titleOf(claimed)} has passed its warning mark.`,
    '',
    `Spend:     ${usd(spend)} (${percentOf(claimed)})`,
    `Threshold: ${usd(threshold)}`,
    `Of:        ${whose}`,
    `Period:    the ${periodDays} days up to ${formatTime(raisedAt.getTime())}`,
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
