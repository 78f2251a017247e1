/** The JSON of Alertmanager's webhooks (version 4), signed as Standard Webhooks says. */
import { createHmac } from 'node:crypto';
import type { Delivered } from '../deliveries.js';
import { alertOf, fingerprintOf } from './alert.js';
import { type Format, JSON_HEADERS } from './format.js';

/** As Alertmanager writes the end of an alert that has not ended. */
const NOT_ENDED = '0001-01-01T00:00:00Z';
const SECRET_PREFIX = 'whsec_';

export const webhookFormat: Format = (message, config, { now }) => {
  const body = JSON.stringify(bodyOf(message));
  const timestamp = String(Math.floor(now / 1000));
  const {
    secret,
    headers = {},
    url,
  } = config as {
    url: string;
    secret?: string;
    headers?: Record<string, string>;
  };
  return {
    url,
    headers: {
      ...headers,
      ...JSON_HEADERS,
      'webhook-id': message.messageId,
      'webhook-timestamp': timestamp,
      ...(secret !== undefined && {
        'webhook-signature': signatureOf(secret, `${message.messageId}.${timestamp}.${body}`),
      }),
    },
    body,
  };
};

function bodyOf(message: Delivered): object {
  const alert = alertOf(message);
  const { labels, annotations, startsAt, endsAt = NOT_ENDED, generatorURL } = alert;
  const status = alert.isResolved ? 'resolved' : 'firing';
  const groupLabels = { alertname: labels.alertname };
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(labels.alertname)}}`,
    truncatedAlerts: 0,
    status,
    receiver: message.channel,
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: generatorURL,
    alerts: [
      { status, labels, annotations, startsAt, endsAt, generatorURL, fingerprint: fingerprintOf(alert) },
    ],
  };
}

/** A secret that begins with `whsec_` is base64, any other is text. */
export function signatureOf(secret: string, signed: string): string {
  const key = secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
