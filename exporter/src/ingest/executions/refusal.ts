/** Why something of a request is not taken, while the rest of it is. */
export type RejectionCode = 'VALIDATION_ERROR' | 'EXECUTION_TOO_OLD' | 'EXECUTION_IN_FUTURE';

export class Refusal extends Error {
  constructor(
    readonly code: RejectionCode,
    message: string,
  ) {
    super(message);
  }
}

export const invalid = (message: string): Refusal => new Refusal('VALIDATION_ERROR', message);
