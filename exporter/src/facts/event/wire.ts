/** Events as they come over the wire, for the documentation. */
import { orNull, sentProperties, strict } from '../wire.js';
import { EVENT } from './columns.js';

/** Limits of one request. */
export const MAX_EVENTS = 10_000;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export const EventSchema = strict(sentProperties(EVENT, orNull));
