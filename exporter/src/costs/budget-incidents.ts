/**
 * Ends the incidents that notifications of budgets have opened, in the channels that keep one open until it is resolved.
 * People are told nothing: a budget that can be spent again is no news.
 */
import type { Usd } from '../money.js';
import { uuidv7 } from '../ids.js';
import type { ChannelType } from '../outbox/channels/types.js';
import { type Queryable, sendLater } from '../outbox/messages.js';
import { formatTime } from '../time.js';
import { budgetContent } from './budget-message.js';
import type { Budget } from './budget.js';
import type { Mark } from './notifications.js';

const KEEP_INCIDENTS: readonly ChannelType[] = ['pagerduty', 'alertmanager'];

/** A notification that is no longer open. */
export interface Ended {
  budget: Budget;
  mark: Mark;
  raisedAt: Date;
  /** What has been spent now. */
  spend: Usd;
}

/** Stores the messages that resolve them, in the caller's transaction. @returns how many */
export async function resolveIncidents(
  client: Queryable,
  tenantId: string,
  ended: readonly Ended[],
  now: number,
): Promise<number> {
  let resolved = 0;
  for (const { budget, mark, raisedAt, spend } of ended) {
    const { rows } = await client.query<{ name: string }>(
      'SELECT name FROM channels WHERE tenant_id = $1 AND name = ANY ($2::text[]) AND type = ANY ($3::text[])',
      [tenantId, budget.channels, KEEP_INCIDENTS],
    );
    if (rows.length === 0) continue;
    const content = budgetContent({ tenantId, budget, spend, mark, raisedAt: raisedAt.getTime() });
    await sendLater(client, {
      ...{ tenantId, id: uuidv7(), kind: 'budget' },
      channels: rows.map(({ name }) => name),
      recipients: [],
      content: { ...content, status: 'resolved', endsAt: formatTime(now) },
    });
    resolved += 1;
  }
  return resolved;
}
