import { createHash } from 'node:crypto';
import type { ClientBase, QueryResult } from 'pg';

/**
 * The key of an advisory lock. It is the same in all replicas and releases, and differs by name.
 * @returns a signed 64-bit integer as text, for a `bigint` parameter
 */
export function lockKey(namespace: string, text: string): string {
  const digest = createHash('sha256').update(`${namespace}\0${text}`).digest();
  return digest.readBigInt64BE(0).toString();
}

/**
 * A statement that tries to take the lock until the end of the transaction, without parameters, so that it can be sent
 * together with BEGIN. `hasLock` reads its result.
 */
export const tryTransactionLockSql = (key: string): string =>
  `SELECT pg_try_advisory_xact_lock('${key}'::bigint) AS locked`;

export const hasLock = ({ rows }: QueryResult): boolean =>
  (rows as { locked: boolean }[])[0]?.locked === true;

/** Tries to take the lock until the end of the transaction; returns false if another transaction holds it. */
export const tryTransactionLock = async (client: ClientBase, key: string): Promise<boolean> =>
  hasLock(await client.query(tryTransactionLockSql(key)));

/** Waits for the lock in shared mode, and holds it until the end of the transaction. */
export async function shareTransactionLock(client: ClientBase, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1::bigint)', [key]);
}

/** Waits for the lock and holds it until the end of the transaction. Call it before the statement that reads the data. */
export async function transactionLock(client: ClientBase, key: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [key]);
}
