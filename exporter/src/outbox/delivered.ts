import type { ChannelType } from './channels/types.js';
import type { MessageContent, MessageKind } from './messages.js';
import type { OutboxMessage } from './outbox.js';

/** A message on its way to one channel, or to the recipients that it names. */
export interface Delivered extends OutboxMessage {
  /** The id of the message, which all of its deliveries have. */
  messageId: string;
  kind: MessageKind;
  content: MessageContent;
  channel: string | null;
  type: ChannelType;
}
