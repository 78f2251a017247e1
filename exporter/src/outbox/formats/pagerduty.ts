/** A message as an event of PagerDuty's Events API v2. */
import { formatTime } from '../../time.js';
import { type Format, JSON_HEADERS } from './format.js';
import { figureText } from './mail.js';

const MAX_SUMMARY = 1_024;
const MAX_DEDUP_KEY = 255;
const CLIENT = 'AgentIdP Analytics';

export const pagerdutyFormat: Format = (message, config, { pagerdutyUrl }) => {
  const { content, messageId, tenantId, kind, createdAt } = message;
  const { title, summary, severity = 'info', status, figures, links, startsAt } = content;
  const figuresByTitle = Object.fromEntries(figures.map((figure) => [figure.title, figureText(figure)]));
  return {
    url: new URL('/v2/enqueue', pagerdutyUrl).href,
    headers: JSON_HEADERS,
    body: JSON.stringify({
      routing_key: config.routing_key,
      event_action: status === 'resolved' ? 'resolve' : 'trigger',
      // The resolving event has the key of the one that triggered.
      dedup_key: (content.dedupKey ?? messageId).slice(0, MAX_DEDUP_KEY),
      client: CLIENT,
      ...(links[0] !== undefined && { client_url: links[0].url }),
      links: links.map(({ title: text, url: href }) => ({ href, text })),
      payload: {
        summary: `${title}: ${summary}`.slice(0, MAX_SUMMARY),
        source: tenantId,
        severity,
        timestamp: startsAt ?? formatTime(createdAt.getTime()),
        component: content.labels.agent,
        class: kind,
        custom_details: { ...content.labels, ...figuresByTitle },
      },
    }),
  };
};
