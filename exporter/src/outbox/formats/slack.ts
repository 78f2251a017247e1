/** A message as blocks of Slack's Block Kit. */
import type { MessageContent } from '../messages.js';
import { type Format, JSON_HEADERS } from './format.js';
import { figureText } from './mail.js';

/** Slack refuses longer texts and longer lists. */
const MAX = { header: 150, section: 3_000, field: 2_000, fields: 10, links: 10, fallback: 1_000, url: 2_000 };

const SIGNS: Record<string, string> = { critical: '🔴', warning: '🟠', info: '🔵', resolved: '🟢' };

/** Slack reads `<!channel>` and `<@U1>` in any text, so that an unescaped name could ping everybody. */
export const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Cuts a text to this length after it is escaped, and never within an entity. */
export function fitted(text: string, max: number): string {
  const escaped = escapeSlack(text);
  if (escaped.length <= max) return escaped;
  return `${escaped.slice(0, max - 1).replace(/&[a-z]*$|[\uD800-\uDBFF]$/, '')}…`;
}

/** `verbatim`: nothing in it becomes a mention or a link by itself. */
const markdown = (text: string): object => ({ type: 'mrkdwn', text, verbatim: true });
const plain = (text: string, max: number): object => ({
  type: 'plain_text',
  text: fitted(text, max),
  emoji: false,
});

const linkOf = ({ title, url }: MessageContent['links'][number]): string =>
  `<${escapeSlack(url).replaceAll('|', '%7C')}|${fitted(title.replaceAll('|', '/'), MAX.header)}>`;

export const slackFormat: Format = ({ content }, config) => {
  const { title, summary, severity = 'info', status, figures, links } = content;
  const sign = SIGNS[status === 'resolved' ? status : severity]!;
  const shownLinks = links.filter(({ url }) => url.length <= MAX.url).slice(0, MAX.links);
  const blocks = [
    { type: 'header', text: plain(`${sign} ${title}`, MAX.header) },
    { type: 'section', text: plain(summary, MAX.section) },
    ...(figures.length > 0
      ? [
          {
            type: 'section',
            fields: figures
              .slice(0, MAX.fields)
              .map((figure) => plain(`${figure.title}\n${figureText(figure)}`, MAX.field)),
          },
        ]
      : []),
    ...shownLinks.map((link) => ({ type: 'section', text: markdown(linkOf(link)) })),
  ];
  return {
    url: String(config.webhook_url),
    headers: JSON_HEADERS,
    // The text is what notifications and screen readers show.
    body: JSON.stringify({
      text: fitted(`${title}: ${summary}`, MAX.fallback),
      blocks,
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    }),
  };
};
