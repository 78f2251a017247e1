/**
 * The course of a metric by day, as SVG. Colours stand out on white and on black, since a mail cannot show one picture in
 * light and another one in dark. Letters are large enough for a phone, where the picture is half as wide.
 */
import { findMetric } from '../catalog/index.js';
import type { ReportChart } from './content.js';
import { escaped } from './escape.js';
import { formatDay, formatValue } from './format.js';

export const CHART_WIDTH = 640;
const CHART_HEIGHT = 260;
/** Of the font that is shipped. */
export const CHART_FONT = 'Inter';

const FONT_SIZE = 20;
const TOP = 34;
const BOTTOM = CHART_HEIGHT - 36;
const COLOURS = { series: '#4c8fd9', text: '#7f8894', grid: '#8a929c' };
/** Gaps between the bars, as a part of what a day has. */
const GAP = 0.25;

export function chartSvg({ metric, unit, points }: ReportChart): string {
  const values = points.map(({ value }) => value);
  const top = roundedUp(Math.max(0, ...values.map((value) => value ?? 0)));
  const y = (value: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
  const isSum = findMetric(metric)?.formula.op === 'sum';
  const step = CHART_WIDTH / points.length;
  const series = isSum ? bars(values, step, y) : line(values, step, y);
  const grid = [0, top / 2, top]
    .map((value) => y(value).toFixed(1))
    .map(
      (at) =>
        `<line x1="0" x2="${CHART_WIDTH}" y1="${at}" y2="${at}" stroke="${COLOURS.grid}" stroke-opacity="0.35"/>`,
    );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${CHART_HEIGHT}" viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}">`,
    ...grid,
    series,
    text(0, TOP - 10, 'start', formatValue(top, unit, metric)),
    ...dayLabels(points.map(({ day }) => day)),
    '</svg>',
  ].join('');
}

function bars(values: readonly (number | null)[], step: number, y: (value: number) => number): string {
  const width = Math.max(1, step * (1 - GAP));
  return values
    .map((value, i) => {
      if (value === null || value <= 0) return '';
      const at = y(value);
      // Something is always seen of what is there.
      const height = Math.max(2, BOTTOM - at);
      return `<rect x="${(i * step + (step - width) / 2).toFixed(1)}" y="${(BOTTOM - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="2" fill="${COLOURS.series}"/>`;
    })
    .join('');
}

/** With a gap where nothing was measured. */
function line(values: readonly (number | null)[], step: number, y: (value: number) => number): string {
  let path = '';
  let isDrawing = false;
  const dots: string[] = [];
  values.forEach((value, i) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const at = `${(i * step + step / 2).toFixed(1)} ${y(value).toFixed(1)}`;
    path += `${isDrawing ? 'L' : 'M'}${at}`;
    isDrawing = true;
    const [x, height] = at.split(' ');
    dots.push(`<circle cx="${x!}" cy="${height!}" r="${step > 12 ? 5 : 2.5}" fill="${COLOURS.series}"/>`);
  });
  return `<path d="${path}" fill="none" stroke="${COLOURS.series}" stroke-width="4" stroke-linejoin="round" stroke-linecap="round"/>${dots.join('')}`;
}

/** The first, the middle and the last day. */
function dayLabels(days: readonly string[]): string[] {
  const at = CHART_HEIGHT - 10;
  const label = (day: string): string => formatDay(day, false);
  const [first, last] = [days[0]!, days.at(-1)!];
  const middle = days.length >= 5 && days.length % 2 === 1 ? days[(days.length - 1) / 2]! : undefined;
  return [
    text(0, at, 'start', label(first)),
    ...(middle === undefined ? [] : [text(CHART_WIDTH / 2, at, 'middle', label(middle))]),
    text(CHART_WIDTH, at, 'end', label(last)),
  ];
}

const text = (x: number, y: number, anchor: string, content: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="${CHART_FONT}" font-size="${FONT_SIZE}" fill="${COLOURS.text}">${escaped(content)}</text>`;

/** The next number that reads well: 1, 2, 2.5 or 5 times a power of ten. */
function roundedUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((size) => size * power >= value) ?? 10;
  return step * power;
}
