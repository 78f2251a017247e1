/** What each type of channel that is sent requests has to say. */
import type { ChannelConfig } from '../channels/types.js';
import type { Delivered } from '../deliveries.js';

export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface FormatContext {
  /** Of this attempt, milliseconds. */
  now: number;
  /** Where PagerDuty takes events. */
  pagerdutyUrl: string;
}

export type Format = (message: Delivered, config: ChannelConfig, context: FormatContext) => ChannelRequest;

export const JSON_HEADERS = { 'content-type': 'application/json' };
