/** Rows of a CSV file, each for itself: a quote that is never closed costs its own row and no other. */
import { parse } from 'csv-parse/sync';
import type { Line } from './lines.js';

/** `number` is that of the line on which it begins. */
export type Row = { number: number; cells: string[] } | { number: number; problem: string };

/** Characters of a row of several lines; beyond that its quote is taken for one that is never closed. */
const MAX_OPEN = 256 * 1024;
const QUOTE = '"';
const DELIMITER = ',';

export async function* rowsOf(lines: AsyncIterable<readonly Line[]>): AsyncGenerator<Row[]> {
  const records = new Records();
  for await (const some of lines) {
    for (const line of some) records.add(line);
    yield parsed(records.take());
  }
  records.end();
  yield parsed(records.take());
}

type Found = { number: number; text: string } | { number: number; problem: string };

/** Lines put together to the records that they are of. */
class Records {
  private found: Found[] = [];
  /** Lines of a record with a quote that is still open. */
  private open: Line[] = [];
  private size = 0;

  add(line: Line): void {
    // Those that an open quote has wrongly claimed are looked at again.
    const waiting = [line];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const quote = next.text === undefined ? 'broken' : quoteAfter(next.text, this.open.length > 0);
      if (quote === 'broken') {
        if (this.open.length > 0) waiting.push(next, ...this.giveUp());
        else this.found.push({ number: next.number, problem: 'is longer than 1 MiB' });
        continue;
      }
      this.open.push(next);
      this.size += next.text!.length;
      if (quote === 'closed') this.close();
      else if (this.size > MAX_OPEN) waiting.push(...this.giveUp());
    }
  }

  /** Nothing more comes that could close a quote. */
  end(): void {
    while (this.open.length > 0) for (const line of this.giveUp().reverse()) this.add(line);
  }

  take(): Found[] {
    return this.found.splice(0);
  }

  private close(): void {
    const { open } = this;
    // Empty lines are left out of what comes, and belong to the cell here.
    const text = open.reduce(
      (text, line, i) => text + '\n'.repeat(i === 0 ? 0 : line.number - open[i - 1]!.number) + line.text,
      '',
    );
    this.found.push({ number: open[0]!.number, text });
    this.open = [];
    this.size = 0;
  }

  /** Names the line with the quote; the others of its record are returned, the last one first. */
  private giveUp(): Line[] {
    const [first, ...others] = this.open;
    this.found.push({ number: first!.number, problem: 'has a quote that is never closed' });
    this.open = [];
    this.size = 0;
    return others.reverse();
  }
}

/**
 * Whether a quote is open at the end of a line, by the parser's rules: one at the beginning of a cell opens, two in a row
 * are one of the text. `broken`: it began open, and text follows the quote that should close it.
 */
function quoteAfter(line: string, wasOpen: boolean): 'open' | 'closed' | 'broken' {
  let isCarried = wasOpen;
  for (let within = wasOpen ? 0 : opening(line, 0); within >= 0;) {
    const quote = closing(line, within);
    if (quote < 0) return 'open';
    const endsCell = quote + 1 === line.length || line[quote + 1] === DELIMITER;
    if (isCarried && !endsCell) return 'broken';
    isCarried = false;
    within = opening(line, quote + 1);
  }
  return 'closed';
}

/** Behind the next quote with which a cell begins, or -1. */
function opening(line: string, from: number): number {
  if (from === 0 && line.startsWith(QUOTE)) return QUOTE.length;
  const before = line.indexOf(DELIMITER + QUOTE, from);
  return before < 0 ? -1 : before + DELIMITER.length + QUOTE.length;
}

/** The next quote that is not one of two, or -1. */
function closing(line: string, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at >= 0; at = line.indexOf(QUOTE, at + 2)) {
    if (line[at + 1] !== QUOTE) return at;
  }
  return -1;
}

function parsed(found: readonly Found[]): Row[] {
  const texts = found.flatMap((record) => ('text' in record ? [record.text] : []));
  const together = cellsOf(texts.join('\n'));
  // Where quotes stand so that the parser sees other records, each is parsed for itself.
  const cells = together?.length === texts.length ? together : texts.map((text) => cellsOf(text)?.[0]);
  let next = 0;
  return found.map((record): Row => {
    if ('problem' in record) return record;
    const row = cells[next++];
    return row === undefined
      ? { number: record.number, problem: 'is no row of CSV' }
      : { number: record.number, cells: row };
  });
}

/** Undefined where it is no CSV. A row of another length is for its reader to refuse. */
function cellsOf(text: string): string[][] | undefined {
  try {
    return parse(text, { relax_quotes: true, relax_column_count: true, record_delimiter: '\n' });
  } catch {
    return undefined;
  }
}
