// Generated from the files of this folder by `npm run generate`; do not edit.
import type { Aggregate, Facts } from './aggregate.js';
import { EVENT_AGGREGATES, EVENTS } from './events.js';
import { EXECUTION_AGGREGATES, EXECUTIONS } from './executions.js';
import { SESSION_AGGREGATES, SESSIONS } from './sessions.js';

export * from './events.js';
export * from './executions.js';
export * from './sessions.js';

/** Every kind of fact that aggregates are made of. */
export const FACTS: readonly Facts[] = [EVENTS, EXECUTIONS, SESSIONS];

/** Narrowest first: a query reads the first that carries all that it asks for. */
export const AGGREGATES: readonly Aggregate[] = [
  ...EVENT_AGGREGATES,
  ...EXECUTION_AGGREGATES,
  ...SESSION_AGGREGATES,
];
