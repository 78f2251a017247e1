/** The parts of a report in HTML. */
import type { ReportChart, ReportFigure, ReportTable, Standout } from './content.js';
import { escaped } from './escape.js';
import { formatChange, formatValue } from './format.js';
import { COLOUR, FONT } from './html-style.js';
import { isBetter } from './better.js';
import { describedChart } from './words.js';

type Colour = keyof typeof COLOUR;

/** Text in a colour, also where it is dark. */
export const span = (colour: Colour, content: string, style = ''): string =>
  `<span class="${colour}" style="color:${COLOUR[colour]};${style}">${content}</span>`;

export const section = (title: string, content: string): string =>
  `<h2 class="text" style="margin:28px 0 8px;font:600 17px/1.3 ${FONT};color:${COLOUR.text}">${escaped(title)}</h2>${content}`;

/** Side by side, as many as fit. */
export const figures = (all: readonly ReportFigure[]): string =>
  `<div style="font-size:0;margin:0 -6px">${all.map(figure).join('')}</div>`;

function figure({ title, value, unit, metric, change, previous }: ReportFigure): string {
  const before =
    previous === null ? '' : span('faint', `before: ${escaped(formatValue(previous, unit, metric))}`);
  return [
    '<div class="figure" style="display:inline-block;width:33.3%;vertical-align:top;box-sizing:border-box;padding:6px">',
    `<div class="line" style="border-top:2px solid ${COLOUR.line};padding:8px 0 6px;font:13px/1.45 ${FONT}">`,
    span('faint', escaped(title)),
    `<div class="text value" style="font:600 23px/1.3 ${FONT};color:${COLOUR.text};overflow-wrap:anywhere">${escaped(formatValue(value, unit, metric))}</div>`,
    change === null && previous !== null ? '' : changed(metric, unit, change),
    `<div>${before}</div>`,
    '</div></div>',
  ].join('');
}

/** Better or worse in words of colour; neither for what is only more or less. */
function changed(metric: string, unit: string, change: number | null): string {
  if (change === null) return span('faint', 'no comparison');
  const better = isBetter(metric, change);
  const colour: Colour = better === undefined ? 'text' : better ? 'good' : 'bad';
  const arrow = change > 0 ? '▲ ' : change < 0 ? '▼ ' : '';
  return span(colour, `${arrow}${escaped(formatChange(change, unit))}`, 'font-weight:600');
}

/** @param src of the picture; without one its description is shown */
export function chart(one: ReportChart, src: string | undefined): string {
  const words = describedChart(one);
  const picture =
    src === undefined
      ? ''
      : `<img src="${escaped(src)}" alt="" width="640" style="display:block;width:100%;height:auto">`;
  return section(
    `${one.title} by day`,
    `${picture}<p style="margin:6px 0 0;font:13px/1.5 ${FONT}">${span('faint', escaped(words))}</p>`,
  );
}

export const standouts = (all: readonly Standout[]): string =>
  section(
    'What stands out',
    all
      .map(
        ({ text, link }) =>
          `<p class="text line" style="margin:0;padding:9px 0;border-bottom:1px solid ${COLOUR.line};font:15px/1.5 ${FONT};color:${COLOUR.text};overflow-wrap:anywhere">${escaped(text)}${link === null ? '' : ` ${anchor(link, 'Look at it')}`}</p>`,
      )
      .join(''),
  );

export const anchor = (url: string, title: string): string =>
  `<a class="link" href="${escaped(url)}" style="color:${COLOUR.link}">${escaped(title)}</a>`;

export function table({ title, columns, rows }: ReportTable): string {
  const head = ['', ...columns.map((column) => column.title), `${columns[0]!.title} before`];
  const largest = Math.max(0, ...rows.map(({ values }) => values[0] ?? 0));
  const heads = head.map(
    (name, i) =>
      `<th class="faint line" style="padding:6px 0 6px ${i === 0 ? 0 : 14}px;border-bottom:1px solid ${COLOUR.line};font:500 12px/1.3 ${FONT};color:${COLOUR.faint};text-align:${i === 0 ? 'left' : 'right'};vertical-align:bottom">${escaped(name)}</th>`,
  );
  const body = rows.map(({ label, values, previous }) => {
    const { unit, metric } = columns[0]!;
    const cells = values.map((value, i) =>
      cell(columns[i]!.title, formatValue(value, columns[i]!.unit, columns[i]!.metric)),
    );
    const before = cell(head.at(-1)!, formatValue(previous, unit, metric), 'faint');
    return `<tr>${named(label, largest > 0 ? (values[0] ?? 0) / largest : 0)}${cells.join('')}${before}</tr>`;
  });
  return section(
    title,
    `<table class="rows" role="table" cellpadding="0" cellspacing="0" style="width:100%;border-collapse:collapse"><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`,
  );
}

const CELL = `padding:7px 0 7px 14px;border-bottom:1px solid ${COLOUR.line}`;

/** The title is shown where the row is a block. */
const cell = (title: string, value: string, colour: Colour = 'text'): string =>
  `<td class="cell ${colour} line" style="${CELL};font:14px/1.4 ${FONT};color:${COLOUR[colour]};text-align:right;white-space:nowrap"><span class="label faint" style="display:none;color:${COLOUR.faint}">${escaped(title)}</span><span>${escaped(value)}</span></td>`;

/** A name, with a bar of its part of the largest below it. */
const named = (label: string, part: number): string =>
  `<td class="name text line" style="${CELL};padding-left:0;font:14px/1.4 ${FONT};color:${COLOUR.text};max-width:220px;overflow-wrap:anywhere">${escaped(label)}<div class="bar" style="height:3px;margin-top:3px;width:${Math.max(1, Math.round(part * 100))}%;background-color:${COLOUR.bar};border-radius:2px"></div></td>`;
