/** Answers in Prometheus' text format. */
import { Type } from 'typebox';
import { AppError, RETRY_AFTER } from '../../errors.js';

export const Exposition = {
  description: 'Prometheus text exposition.',
  content: { 'text/plain': { schema: Type.String() } },
};

/** The text of the business metrics, which the first rollup makes. */
export function afterFirstRollup(text: string | undefined): string {
  if (text !== undefined) return text;
  throw new AppError('UNAVAILABLE', 'the first rollup has not ended yet', {
    retryAfter: RETRY_AFTER.failure,
  });
}
