/** The receiver for mails: sends them to an SMTP server. */
import { hostname } from 'node:os';
import { createTransport, type SentMessageInfo, type Transporter } from 'nodemailer';
import { messageOf } from '../errors.js';
import type { Delivery, Receiver } from './outbox.js';

const TIMEOUTS_MS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

export interface Mail {
  /** Without angle brackets. The same for every attempt, so that mail servers recognize a repeated mail. */
  messageId: string;
  date: Date;
  to: string[];
  subject: string;
  text: string;
  html?: string;
  attachments?: { filename: string; contentType: string; content: Buffer; cid?: string }[];
}

/** The properties that nodemailer adds for a response of the server. */
interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  recipient?: string;
  rejectedErrors?: SmtpError[];
}

export class MailReceiver implements Receiver<Mail> {
  private readonly transport: Transporter;

  /** @param from default: this service at this host */
  constructor(
    smtpUrl: string,
    private readonly from = `AgentIdP Analytics <agentidp-analytics@${hostname()}>`,
  ) {
    // Timeouts in the URL take precedence.
    this.transport = createTransport({ url: smtpUrl, ...TIMEOUTS_MS });
  }

  async deliver({ messageId, ...mail }: Mail): Promise<Delivery> {
    try {
      const info = (await this.transport.sendMail({
        ...mail,
        from: this.from,
        messageId: `<${messageId}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })) as SentMessageInfo;
      return deliveryOf(info);
    } catch (error) {
      return failureOf(error as SmtpError, mail.to);
    }
  }

  close(): void {
    this.transport.close();
  }
}

/** SMTP: 4xx is temporary, 5xx permanent. */
const isPermanent = ({ responseCode = 0 }: SmtpError): boolean => responseCode >= 500;

/** The server accepted the mail, possibly not for every recipient. Recipients that it refused temporarily are retried. */
function deliveryOf({
  rejectedErrors = [],
  response,
}: SentMessageInfo & { rejectedErrors?: SmtpError[]; response?: string }): Delivery {
  return {
    sent: true,
    answer: response,
    retry: rejectedErrors.flatMap((error) => (isPermanent(error) ? [] : (error.recipient ?? []))),
    error: rejectedErrors.length === 0 ? null : rejectedErrors.map(messageOf).join('; '),
  };
}

/** Nothing was sent. Only recipients that were refused permanently are given up; other errors may be fixed later. */
function failureOf(error: SmtpError, recipients: string[]): Delivery {
  const refused = error.code === 'EENVELOPE' ? (error.rejectedErrors ?? [error]) : [];
  const lost = new Set(refused.filter(isPermanent).map(({ recipient }) => recipient?.toLowerCase()));
  return {
    sent: false,
    retry: recipients.filter((recipient) => !lost.has(recipient.toLowerCase())),
    error: messageOf(error),
    unreachable: error.responseCode === undefined,
  };
}
