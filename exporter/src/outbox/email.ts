/** Sends messages as mails: to the addresses of a channel, or to those that the message names. */
import type { Channels } from './channels/channels.js';
import type { Delivered } from './delivered.js';
import { mailOf } from './formats/mail.js';
import { MailReceiver } from './mail.js';
import type { Delivery, Receiver } from './outbox.js';
import { type AllowedRecipients, mayReceive } from './recipients.js';

export interface EmailDeps {
  channels: Pick<Channels, 'open'>;
  smtpUrl: string | undefined;
  from: string | undefined;
  mailRecipients: AllowedRecipients;
}

const failed = (error: string, retry: string[] = []): Delivery => ({ sent: false, retry, error });

export class EmailReceiver implements Receiver<Delivered> {
  private readonly mails: MailReceiver | undefined;

  constructor(private readonly deps: EmailDeps) {
    const { smtpUrl, from } = deps;
    this.mails = smtpUrl === undefined ? undefined : new MailReceiver(smtpUrl, from);
  }

  async deliver(message: Delivered): Promise<Delivery> {
    const recipients = await this.recipientsOf(message);
    if (recipients.length === 0) return failed(`there is no channel "${message.channel}"`);
    const allowed = recipients.filter((address) => mayReceive(this.deps.mailRecipients, address));
    if (allowed.length === 0) return failed('MAIL_RECIPIENTS allows none of the recipients');
    if (this.mails === undefined) return { ...failed('SMTP_URL is not set', allowed), unreachable: true };
    return this.mails.deliver(mailOf(message, allowed));
  }

  /** A delivery that was tried before knows who is left. */
  private async recipientsOf({ tenantId, channel, recipients }: Delivered): Promise<readonly string[]> {
    if (recipients.length > 0 || channel === null) return recipients;
    const found = await this.deps.channels.open(tenantId, channel);
    return found?.type === 'email' ? (found.config.to as string[]) : [];
  }

  close(): void {
    this.mails?.close();
  }
}
