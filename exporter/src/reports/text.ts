/** A report as plain text, for mail programs that show no HTML. */
import type { ReportContent } from './content.js';
import { formatChange, formatDays, formatValue } from './format.js';

const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

export function textOf(content: ReportContent): string {
  const { period, figures, tables, stands_out, notices, link } = content;
  const lines = [
    plain(content.title),
    `${formatDays(period.first_day, period.last_day)}, ${content.time_zone}`,
    ...content.about.map(plain),
    '',
    ...aligned(
      figures.map(({ title, value, unit, metric, change }) => [
        title,
        formatValue(value, unit, metric),
        change === null ? '' : `${formatChange(change, unit)} against the period before`,
      ]),
    ),
  ];
  if (stands_out.length > 0) lines.push(...heading('What stands out'));
  for (const { text, link: more } of stands_out)
    lines.push(`* ${plain(text)}`, ...(more === null ? [] : [`  ${more}`]));
  for (const { title, columns, rows } of tables) {
    lines.push(...heading(title));
    const head = ['', ...columns.map((column) => column.title)];
    const cells = rows.map(({ label, values }) => [
      plain(label),
      ...values.map((value, i) => formatValue(value, columns[i]!.unit, columns[i]!.metric)),
    ]);
    lines.push(...aligned([head, ...cells]));
  }
  if (notices.length > 0) lines.push(...heading('Notes'), ...notices.map((notice) => `* ${plain(notice)}`));
  if (link !== null) lines.push('', `More in Grafana: ${link}`);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const heading = (title: string): string[] => ['', title, '-'.repeat(title.length)];

/** A name in a column of text is not longer than this. */
const MAX_CELL = 40;

/** The first column to the left, the others to the right. */
function aligned(rows: readonly string[][]): string[] {
  const cut = rows.map((cells) =>
    cells.map((cell) => (cell.length > MAX_CELL + 1 ? `${cell.slice(0, MAX_CELL)}…` : cell)),
  );
  const widths = (cut[0] ?? []).map((_, i) => Math.max(...cut.map((cells) => cells[i]!.length)));
  return cut.map((cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
}
