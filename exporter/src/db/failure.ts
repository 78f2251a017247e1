import { types } from 'node:util';

/** SQLSTATE lock_not_available: the lock timeout has expired. */
export const LOCK_NOT_AVAILABLE = '55P03';

/** The SQLSTATE of a database error, or the code of a system error such as `ECONNREFUSED`; undefined if there is none. */
export function errorCode(error: unknown): string | undefined {
  // Not `instanceof`, because under jest the errors of Node's own modules come from another realm.
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message on one line. */
export function errorMessage(error: unknown): string {
  const text = types.isNativeError(error) ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
