import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';

/**
 * The key of an advisory lock. It is the same in all replicas and releases, and differs by name.
 * @returns a signed 64-bit integer as text, for a `bigint` parameter
 */
export function lockKey(namespace: string, text: string): string {
  const digest = createHash('sha256').update(`${namespace}\0${text}`).digest();
  return digest.readBigInt64BE(0).toString();
}

/** Tries to take the lock until the end of the transaction; returns false if another transaction holds it. */
export async function tryTransactionLock(client: ClientBase, key: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1::bigint) AS locked',
    [key],
  );
  return rows[0]?.locked === true;
}

/** Waits for the lock in shared mode, and holds it until the end of the transaction. */
export async function shareTransactionLock(client: ClientBase, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1::bigint)', [key]);
}

/** Waits for the lock and holds it until the end of the transaction. Call it before the statement that reads the data. */
export async function transactionLock(client: ClientBase, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [key]);
}
