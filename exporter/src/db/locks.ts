import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';

/**
 * The key of an advisory lock: the same in every replica and release, and a different one for every name.
 * @returns a signed 64-bit integer as text, as a `bigint` parameter wants it
 */
export function lockKey(namespace: string, text: string): string {
  const digest = createHash('sha256').update(`${namespace}\0${text}`).digest();
  return digest.readBigInt64BE(0).toString();
}

/** Takes the lock until the end of the transaction; false when another transaction holds it. */
export async function tryTransactionLock(client: ClientBase, key: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1::bigint) AS locked',
    [key],
  );
  return rows[0]?.locked === true;
}

/** Waits for the lock and holds it until the end of the transaction. Take it in a statement before the one that reads. */
export async function transactionLock(client: ClientBase, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [key]);
}
