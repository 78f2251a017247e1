/** A message as a mail. */
import type { Delivered } from '../deliveries.js';
import type { Mail } from '../mail.js';
import type { MessageContent } from '../messages.js';

export function mailOf({ messageId, kind, createdAt, content }: Delivered, to: readonly string[]): Mail {
  const { subject, text, html, attachments } = content.mail ?? {
    subject: content.title,
    text: textOf(content),
    html: htmlOf(content),
    attachments: [],
  };
  return {
    messageId: `${messageId}@${kind}s.agentidp-analytics`,
    date: createdAt,
    to: [...to],
    subject,
    text,
    html,
    attachments: attachments.map(({ name, contentType, base64, cid }) => ({
      filename: name,
      contentType,
      content: Buffer.from(base64, 'base64'),
      ...(cid !== undefined && { cid }),
    })),
  };
}

/** A figure with what it has changed by. */
export const figureText = ({ value, change }: MessageContent['figures'][number]): string =>
  change === undefined ? value : `${value} (${change})`;

export function textOf({ summary, figures, links }: MessageContent): string {
  return [
    summary,
    '',
    ...figures.map((figure) => `${figure.title}: ${figureText(figure)}`),
    ...(figures.length > 0 ? [''] : []),
    ...links.map(({ title, url }) => `${title}: ${url}`),
    ...(links.length > 0 ? [''] : []),
  ].join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

const CELL = 'padding:6px 16px 6px 0;border-bottom:1px solid #8884';

export function htmlOf({ title, summary, figures, links }: MessageContent): string {
  const rows = figures.map(
    (figure) =>
      `<tr><td style="${CELL}">${escapeHtml(figure.title)}</td><td style="${CELL}"><b>${escapeHtml(figureText(figure))}</b></td></tr>`,
  );
  const anchors = links.map(
    ({ title, url }) => `<p style="margin:8px 0"><a href="${escapeHtml(url)}">${escapeHtml(title)}</a></p>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title></head>`,
    '<body style="margin:0;padding:16px;font:16px/1.5 system-ui,sans-serif"><div style="max-width:600px;margin:0 auto">',
    `<h1 style="font-size:20px;margin:0 0 8px">${escapeHtml(title)}</h1>`,
    `<p style="margin:0 0 16px">${escapeHtml(summary)}</p>`,
    ...(rows.length > 0
      ? [`<table role="presentation" style="border-collapse:collapse;width:100%">${rows.join('')}</table>`]
      : []),
    ...anchors,
    '</div></body></html>',
  ].join('\n');
}
