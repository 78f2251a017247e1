/** A message as an alert for Alertmanager's API, which groups, silences and routes it. */
import { DAY, formatTime } from '../../time.js';
import { alertOf } from './alert.js';
import { type Format, JSON_HEADERS } from './format.js';

/**
 * Alertmanager takes an alert that is not sent again for resolved, after `resolve_timeout` or at its end. An alert is sent
 * once, so its end is set to when the message that resolves it would be given up.
 */
const FIRES_FOR_MS = 5 * DAY;

export const alertmanagerFormat: Format = (message, config, { now }) => {
  const alert = alertOf(message);
  const { labels, annotations, startsAt, generatorURL } = alert;
  const endsAt = alert.endsAt ?? formatTime(now + FIRES_FOR_MS);
  const base = String(config.url)
    .replace(/\/+$/, '')
    .replace(/\/api\/v2(\/alerts)?$/, '');
  return {
    url: `${base}/api/v2/alerts`,
    headers: { ...(config.headers as Record<string, string> | undefined), ...JSON_HEADERS },
    body: JSON.stringify([{ labels, annotations, startsAt, endsAt, generatorURL }]),
  };
};
