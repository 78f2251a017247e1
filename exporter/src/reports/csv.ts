/** The figures of a report as CSV, one a line, exact. */
import { stringify } from 'csv-stringify/sync';
import { defused } from '../csv-cells.js';
import { plainNumber } from '../money.js';
import type { ReportContent } from './content.js';

const COLUMNS = ['section', 'title', 'group', 'label', 'day', 'metric', 'unit', 'value', 'previous', 'text'];

type Line = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

export function csvOf(content: ReportContent): string {
  return stringify([...linesOf(content)], {
    header: true,
    columns: COLUMNS,
    cast: { number: plainNumber, string: defused },
  });
}

function* linesOf({ figures, charts, tables, stands_out }: ReportContent): Generator<Line> {
  for (const { title, metric, unit, value, previous } of figures)
    yield { section: 'figure', title, metric, unit, value, previous };
  for (const { title, metric, unit, points } of charts)
    for (const { day, value } of points) yield { section: 'day', title, metric, unit, day, value };
  for (const { title, columns, rows } of tables)
    for (const { group, label, values, previous } of rows)
      for (const [i, { metric, unit }] of columns.entries()) {
        const ids = group.map((id) => id ?? '').join(';');
        const before = i === 0 ? { previous } : {};
        yield { section: 'table', title, group: ids, label, metric, unit, value: values[i]!, ...before };
      }
  for (const { kind, text, value, unit } of stands_out)
    yield { section: 'stands_out', title: kind, unit, value, text };
}
