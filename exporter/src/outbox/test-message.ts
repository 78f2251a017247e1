/** The message with which somebody tries a channel. */
import type { Pool } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { HOUR } from '../time.js';
import type { ChannelType } from './channels/types.js';
import type { Delivered } from './deliveries.js';
import type { MessageContent } from './messages.js';

/** Test messages of a tenant within an hour. */
export const MAX_TESTS = 60;

const contentOf = (channel: string): MessageContent => ({
  title: `Test of the channel ${channel}`,
  summary: 'This is a test: nothing has happened, and there is nothing to do.',
  severity: 'info',
  labels: { channel },
  figures: [],
  links: [],
});

/**
 * Stores the message and its delivery, which nobody else claims.
 * @throws AppError RATE_LIMITED beyond MAX_TESTS
 */
export async function storeTest(
  pool: Pool,
  { tenantId, channel, type }: { tenantId: string; channel: string; type: ChannelType },
): Promise<Delivered> {
  const id = uuidv7();
  const content = contentOf(channel);
  return withTransaction(pool, async (client) => {
    await transactionLock(client, lockKey('test messages', tenantId));
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*) AS count FROM outbox_messages
       WHERE tenant_id = $1 AND kind = 'test' AND created_at > now() - interval '1 hour'`,
      [tenantId],
    );
    if (rows[0]!.count >= MAX_TESTS)
      throw new AppError('RATE_LIMITED', `at most ${MAX_TESTS} test messages an hour`, {
        retryAfter: HOUR / 1000,
      });
    const stored = await client.query<{ createdAt: Date }>(
      `INSERT INTO outbox_messages (tenant_id, id, kind, content) VALUES ($1, $2, 'test', $3) RETURNING created_at AS "createdAt"`,
      [tenantId, id, JSON.stringify(content)],
    );
    await client.query(
      `INSERT INTO outbox_deliveries (tenant_id, id, message_id, channel, type, recipients, attempts)
       VALUES ($1, $2, $2, $3, $4, '{}', 1)`,
      [tenantId, id, channel, type],
    );
    const { createdAt } = stored.rows[0]!;
    return {
      ...{ tenantId, id, messageId: id, createdAt, recipients: [], attempts: 1 },
      ...{ kind: 'test', content, channel, type },
    };
  });
}
