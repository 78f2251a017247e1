/** A report as HTML, for a mail or a browser. It needs no picture, script or other file. */
import type { ReportContent } from './content.js';
import { escaped } from './escape.js';
import { formatDays } from './format.js';
import { anchor, chart, figures, section, span, standouts, table } from './html-parts.js';
import { COLOUR, FONT, STYLE } from './html-style.js';

/** @param sourceOf of the picture of a chart, by its place; undefined for a chart without one */
export function htmlOf(
  content: ReportContent,
  sourceOf: (place: number) => string | undefined = () => undefined,
): string {
  const { title, charts, tables, stands_out, notices, link } = content;
  const parts = [
    header(content),
    content.figures.length === 0 ? '' : figures(content.figures),
    stands_out.length === 0 ? '' : standouts(stands_out),
    ...charts.map((one, place) => chart(one, sourceOf(place))),
    ...tables.map(table),
    notices.length === 0 ? '' : notes(notices),
    link === null ? '' : button(link),
    footer(content),
  ];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>`,
    `<body class="page" style="margin:0;padding:0;background-color:${COLOUR.page}">`,
    `<div class="page outer" style="background-color:${COLOUR.page};padding:24px 12px">`,
    `<div class="card inner" style="box-sizing:border-box;max-width:720px;margin:0 auto;padding:24px 28px;background-color:${COLOUR.card};border:1px solid ${COLOUR.line};border-radius:10px">`,
    ...parts,
    '</div></div></body></html>',
  ].join('\n');
}

function header({ title, description, period, previous_period, time_zone, about }: ReportContent): string {
  const line = (text: string): string =>
    `<p style="margin:2px 0;font:14px/1.5 ${FONT};overflow-wrap:anywhere">${span('faint', escaped(text))}</p>`;
  return [
    `<h1 class="text" style="margin:0 0 4px;font:600 24px/1.25 ${FONT};color:${COLOUR.text};overflow-wrap:anywhere">${escaped(title)}</h1>`,
    `<p class="text" style="margin:2px 0;font:600 15px/1.5 ${FONT};color:${COLOUR.text}">${escaped(formatDays(period.first_day, period.last_day))}</p>`,
    ...(description === '' ? [] : [line(description)]),
    line(
      `Compared with ${formatDays(previous_period.first_day, previous_period.last_day)}. Days of ${time_zone}.`,
    ),
    ...about.map(line),
    '<div style="height:14px"></div>',
  ].join('');
}

const notes = (notices: readonly string[]): string =>
  section(
    'Notes',
    notices
      .map((notice) => `<p style="margin:4px 0;font:13px/1.5 ${FONT}">${span('faint', escaped(notice))}</p>`)
      .join(''),
  );

const button = (link: string): string =>
  `<p style="margin:28px 0 4px"><a class="button" href="${escaped(link)}" style="display:inline-block;padding:10px 18px;background-color:${COLOUR.link};color:#ffffff;border-radius:6px;font:600 15px/1.2 ${FONT};text-decoration:none">Open in Grafana</a></p>`;

const footer = ({ link }: ReportContent): string =>
  `<p style="margin:24px 0 0;font:12px/1.5 ${FONT}">${span('faint', 'AgentIdP Analytics. The figures are those that the API answers for the same days.')}${link === null ? '' : ` ${anchor(link, 'Dashboard')}`}</p>`;
