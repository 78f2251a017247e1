/** What is sent of a run. */
import type { MessageContent } from '../outbox/messages.js';
import type { ReportContent } from './content.js';
import { formatChange, formatDays, formatValue } from './format.js';
import { htmlOf } from './html.js';
import { csvOf } from './csv.js';
import { textOf } from './text.js';

/** Headline figures in a message of a chat. */
const MAX_FIGURES = 6;

/** @param pictures of the charts, as PNG; undefined for one that could not be drawn */
export function messageContent(
  content: ReportContent,
  pictures: readonly (Buffer | undefined)[],
): MessageContent {
  const { title, period, figures, stands_out, link, template } = content;
  const days = formatDays(period.first_day, period.last_day);
  const cid = (place: number): string => `chart-${place + 1}@reports.agentidp-analytics`;
  return {
    title,
    summary: `${title}, ${days}.${stands_out[0] === undefined ? '' : ` ${stands_out[0].text}`}`,
    labels: template === null ? {} : { template },
    figures: figures.slice(0, MAX_FIGURES).map(({ title: name, value, unit, metric, change }) => ({
      title: name,
      value: formatValue(value, unit, metric),
      ...(change !== null && { change: formatChange(change, unit) }),
    })),
    links: link === null ? [] : [{ title: 'Open in Grafana', url: link }],
    startsAt: period.from,
    endsAt: period.to,
    mail: {
      subject: `${title}: ${days}`.replace(/\p{Cc}+/gu, ' '),
      html: htmlOf(content, (place) => pictures[place] && `cid:${cid(place)}`),
      text: textOf(content),
      attachments: [
        ...pictures.flatMap((png, place) =>
          png === undefined
            ? []
            : {
                ...{ name: `chart-${place + 1}.png`, contentType: 'image/png' },
                ...{ base64: png.toString('base64'), cid: cid(place) },
              },
        ),
        {
          ...{
            name: `report_${period.first_day}_${period.last_day}.csv`,
            contentType: 'text/csv; charset=utf-8',
          },
          base64: Buffer.from(csvOf(content)).toString('base64'),
        },
      ],
    },
  };
}
