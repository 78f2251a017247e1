import { types } from 'node:util';

/** A start failed for a reason that the operator can fix. The message is one line. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/** The SQLSTATE of a database error or the code of a system error (`ECONNREFUSED`); undefined without one. */
export function errorCode(error: unknown): string | undefined {
  // Not `instanceof`: errors of Node's own modules come from another realm under jest.
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message in one line. */
export function errorMessage(error: unknown): string {
  const text = types.isNativeError(error) ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
