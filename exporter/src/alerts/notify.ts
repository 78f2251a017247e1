/** Stores the messages of an alert. */
import type { PoolClient } from 'pg';
import { uuidv7 } from '../ids.js';
import type { Notice } from './apply.js';
import { contentOf } from './message.js';
import type { Reading } from './reading.js';
import type { Rule } from './rule.js';
import type { SendLater } from './send.js';

export async function notify(
  client: PoolClient,
  send: SendLater,
  tenantId: string,
  rule: Pick<Rule, 'id' | 'settings'>,
  reading: Reading,
  notices: readonly Notice[],
  at: number,
): Promise<void> {
  const { channels } = rule.settings.actions;
  if (channels.length === 0) return;
  for (const { status, reason, since, instance } of notices) {
    const content = contentOf(rule, reading, instance, instance, { status, reason, since, at });
    await send(client, { tenantId, id: uuidv7(), kind: 'alert', channels, recipients: [], content });
  }
}
