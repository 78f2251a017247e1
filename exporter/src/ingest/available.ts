/** The error while the database is unreachable. Nothing was acknowledged, so the client has to send it again. */
import { LOCK_NOT_AVAILABLE } from '../db/failure.js';
import { isStatementTimeout, isUnavailable } from '../db/pool.js';
import { AppError, errorCode, RETRY_AFTER } from '../errors.js';

/** Whether the database could not be reached, closed the connection, or took too long. */
export const isAway = (error: unknown): boolean =>
  isUnavailable(error) || isStatementTimeout(error) || errorCode(error) === LOCK_NOT_AVAILABLE;

export const unavailable = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'the database is unreachable or took too long; nothing was acknowledged', {
    retryAfter: RETRY_AFTER.failure,
    cause,
  });

/** @throws AppError UNAVAILABLE if the database is unreachable */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAway(error) ? unavailable(error) : error;
  }
}
