/** The error while the database is unreachable. Nothing was acknowledged, so the client has to send it again. */
import { LOCK_NOT_AVAILABLE } from '../db/failure.js';
import { isStatementTimeout, isUnavailable } from '../db/pool.js';
import { AppError, errorCode, RETRY_AFTER } from '../errors.js';

/** Whether the database could not be reached, closed the connection, or took too long. */
export const isAway = (error: unknown): boolean =>
  isUnavailable(error) || isStatementTimeout(error) || errorCode(error) === LOCK_NOT_AVAILABLE;

/** The error for a request of which nothing was stored. @param what what is not available */
export const notAcknowledged = (what: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', `${what}; nothing was acknowledged`, {
    retryAfter: RETRY_AFTER.failure,
    cause,
  });

export const unavailable = (cause: unknown): AppError =>
  notAcknowledged('the database is unreachable or took too long', cause);

/** @throws AppError UNAVAILABLE if the database is unreachable */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAway(error) ? unavailable(error) : error;
  }
}
