/** What an alert needs of the outbox. */
import type { ClientBase } from 'pg';

export interface MessageContent {
  title: string;
  summary: string;
  severity?: 'info' | 'warning' | 'critical';
  status?: 'firing' | 'resolved';
  dedupKey?: string;
  labels: Record<string, string>;
  figures: readonly { title: string; value: string; change?: string }[];
  links: readonly { title: string; url: string }[];
  startsAt?: string;
  endsAt?: string;
}

export interface Message {
  tenantId: string;
  id: string;
  kind: 'alert';
  channels: readonly string[];
  recipients: readonly string[];
  content: MessageContent;
}

/** Stores a message in the caller's transaction. */
export type SendLater = (client: Pick<ClientBase, 'query'>, message: Message) => Promise<void>;
