/** Events as the API receives them, short enough to read as a table. */
import type { TestEvent } from './app.js';

type Rest = Omit<TestEvent, 'metricType' | 'occurredAt'>;

const ofType =
  (metricType: string) =>
  (occurredAt: string, rest: Rest = {}): TestEvent => ({ metricType, occurredAt, ...rest });

export const call = ofType('api_calls');
export const issued = ofType('token_issuances');
export const refused = ofType('token_failures');
export const rotated = ofType('credential_rotations');
