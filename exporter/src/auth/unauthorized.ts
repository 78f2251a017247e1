import { AppError } from '../errors.js';

/** Without a cause, because jose's errors contain the claims, which are personal data. */
export function unauthorized(message: string): AppError {
  return new AppError('UNAUTHORIZED', message);
}
