/** Stores messages for the outbox, in the transaction of what they are about. */
import type { ClientBase } from 'pg';
import { uuidv7 } from '../ids.js';
import { builtInType } from './channels/built-in.js';

export const MESSAGE_KINDS = ['alert', 'report', 'budget', 'test'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];
export type Severity = 'info' | 'warning' | 'critical';

export interface Attachment {
  name: string;
  contentType: string;
  base64: string;
  /** For an image that the HTML shows as `cid:…`. */
  cid?: string;
}

/** What is said, as plain JSON. Each type of channel shows it in its own form. */
export interface MessageContent {
  title: string;
  /** One sentence. */
  summary: string;
  severity?: Severity;
  status?: 'firing' | 'resolved';
  /** The same for the message that something fires and the one that it is resolved. Default: the id of the message. */
  dedupKey?: string;
  labels: Record<string, string>;
  figures: readonly { title: string; value: string; change?: string }[];
  links: readonly { title: string; url: string }[];
  /** RFC 3339. Default: when the message was stored. */
  startsAt?: string;
  endsAt?: string;
  /** The mail, if it is more than the fields above. */
  mail?: { subject: string; html: string; text: string; attachments: readonly Attachment[] };
}

export interface Message {
  tenantId: string;
  /** UUID, the same for a repeat: it becomes Message-ID, webhook-id, dedup_key. */
  id: string;
  kind: MessageKind;
  /** Names of the tenant's channels. */
  channels: readonly string[];
  /** Further mail addresses. */
  recipients: readonly string[];
  content: MessageContent;
}

/** Deliveries of a tenant that wait. Beyond them, a message is given up at once. */
export const MAX_PENDING = 10_000;

export type Queryable = Pick<ClientBase, 'query'>;

/**
 * Stores a message in the caller's transaction; the outbox sends it, once, to each channel and to the recipients. A message
 * with the id of a stored one is ignored.
 */
export async function sendLater(client: Queryable, message: Message): Promise<void> {
  const { tenantId, id, kind, content } = message;
  const channels = [...new Set(message.channels)];
  if (channels.length === 0 && message.recipients.length === 0) return;
  const { rowCount } = await client.query(
    `INSERT INTO outbox_messages (tenant_id, id, kind, content) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [tenantId, id, kind, JSON.stringify(content)],
  );
  if (rowCount === 0) return;
  const { rows } = await client.query<{ name: string; type: string }>(
    'SELECT name, type FROM channels WHERE tenant_id = $1 AND name = ANY ($2::text[])',
    [tenantId, channels],
  );
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  const deliveries = channels.map((channel) => ({
    channel,
    type: types.get(channel) ?? builtInType(channel),
    recipients: [] as readonly string[],
  }));
  const all = [
    ...deliveries,
    ...(message.recipients.length > 0
      ? [{ channel: null, type: 'email', recipients: message.recipients }]
      : []),
  ];
  for (const { channel, type, recipients } of all) {
    await client.query(
      `INSERT INTO outbox_deliveries (tenant_id, id, message_id, channel, type, recipients, dedup_key, next_attempt_at, last_error)
       SELECT $1, $2, $3, $4, $5, $6, $8, CASE WHEN pending < $7 THEN now() END,
              CASE WHEN pending >= $7 THEN 'given up: ' || pending || ' messages of the tenant wait already' END
       FROM (SELECT count(*) AS pending FROM outbox_deliveries
             WHERE tenant_id = $1 AND next_attempt_at IS NOT NULL) waiting`,
      [tenantId, uuidv7(), id, channel, type, [...recipients], MAX_PENDING, content.dedupKey ?? null],
    );
  }
}
