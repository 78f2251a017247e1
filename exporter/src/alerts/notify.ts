/** Stores the messages of an alert. */
import type { PoolClient } from 'pg';
import { uuidv7 } from '../ids.js';
import { sendLater } from '../outbox/messages.js';
import type { Notice } from './apply.js';
import { contentOf } from './message.js';
import type { Reading } from './reading.js';
import type { Rule } from './rule.js';

/** @param missing channels that no longer exist */
export async function notify(
  client: PoolClient,
  tenantId: string,
  rule: Pick<Rule, 'id' | 'settings'>,
  reading: Reading,
  notices: readonly Notice[],
  at: number,
  grafanaUrl: string | undefined,
  missing: readonly string[] = [],
): Promise<void> {
  const channels = rule.settings.actions.channels.filter((name) => !missing.includes(name));
  if (channels.length === 0) return;
  for (const { status, reason, since, instance } of notices) {
    const content = contentOf(rule, reading, instance, instance, { status, reason, since, at }, grafanaUrl);
    await sendLater(client, { tenantId, id: uuidv7(), kind: 'alert', channels, recipients: [], content });
  }
}
