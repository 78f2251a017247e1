/** The types of channels, and the fields of their configuration. Schemas and the handling of secrets follow from this table. */
import { type TSchema, Type } from 'typebox';
import { NO_NUL } from '../../ids.js';

export const CHANNEL_TYPES = ['email', 'slack', 'webhook', 'pagerduty', 'alertmanager'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

const MAX_URL_LENGTH = 2_048;
const MAX_RECIPIENTS = 50;
const MAX_HEADERS = 20;

export interface Field {
  schema: TSchema;
  required?: true;
  /** Encrypted in the database, and answered as `true`. */
  secret?: true;
  /** Is sent requests, so it must be a URL that may be reached. */
  destination?: true;
}

const Url = (description: string): TSchema =>
  Type.String({ minLength: 1, maxLength: MAX_URL_LENGTH, pattern: NO_NUL, description });

const url: Field = { schema: Url('An http or https URL.'), required: true, destination: true };
const headers: Field = {
  schema: Type.Record(
    Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }),
    Type.String({ maxLength: 4_096, pattern: '^[\\t\\x20-\\x7e]*$' }),
    { maxProperties: MAX_HEADERS, description: 'Further headers of the request, such as `Authorization`.' },
  ),
  secret: true,
};

export const FIELDS: Record<ChannelType, Record<string, Field>> = {
  email: {
    to: {
      schema: Type.Array(Type.String({ format: 'email', maxLength: 254 }), {
        minItems: 1,
        maxItems: MAX_RECIPIENTS,
        uniqueItems: true,
        description: 'Mail addresses.',
      }),
      required: true,
    },
  },
  slack: {
    webhook_url: {
      schema: Url('URL of an incoming webhook.'),
      required: true,
      secret: true,
      destination: true,
    },
  },
  webhook: {
    url,
    secret: {
      schema: Type.String({
        minLength: 8,
        maxLength: 512,
        pattern: NO_NUL,
        description: 'Signs the requests: `whsec_` and base64, or any text.',
      }),
      secret: true,
    },
    headers,
  },
  pagerduty: {
    routing_key: {
      schema: Type.String({
        pattern: '^[A-Za-z0-9]{32}$',
        description: 'Integration key of a service (Events API v2).',
      }),
      required: true,
      secret: true,
    },
  },
  alertmanager: { url, headers },
};

/** The values of a channel's fields. */
export type ChannelConfig = Record<string, unknown>;

/** A channel with its secrets. */
export interface Channel {
  name: string;
  type: ChannelType;
  config: ChannelConfig;
}
