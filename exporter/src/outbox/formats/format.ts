/** What each type of channel that is sent requests has to say. */
import type { ChannelConfig } from '../channels/types.js';
import type { Delivered } from '../deliveries.js';

export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** @param now milliseconds, of this attempt */
export type Format = (message: Delivered, config: ChannelConfig, now: number) => ChannelRequest;

export const JSON_HEADERS = { 'content-type': 'application/json' };
