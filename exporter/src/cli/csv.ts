/** Reads a CSV file row by row, so that an unclosed quote breaks only its own row. */
import { parse } from 'csv-parse/sync';
import type { Line } from './lines.js';

/** `number` is the line on which the row begins. */
export type Row = { number: number; cells: string[] } | { number: number; problem: string };

/** Maximum length of a row that spans several lines, in characters. Beyond that, its quote counts as unclosed. */
const MAX_OPEN = 256 * 1024;
const QUOTE = '"';

/** Those that are told by the header. */
const DELIMITERS = [',', ';', '\t', '|'];

/**
 * @param delimiter default: what `sep=` in the first line says, otherwise the one that gives the header most cells
 * @param onDelimiter called with the delimiter before the first row
 */
export async function* rowsOf(
  lines: AsyncIterable<readonly Line[]>,
  delimiter?: string,
  onDelimiter: (delimiter: string) => void = () => undefined,
): AsyncGenerator<Row[]> {
  let records: Records | undefined;
  for await (const some of lines) {
    let read = some;
    if (records === undefined && some.length > 0) {
      const told = /^"?sep=(.)"?$/i.exec(some[0]!.text ?? '')?.[1];
      if (told !== undefined) read = some.slice(1);
      records = new Records(delimiter ?? told ?? delimiterOf(some[0]!.text ?? ''));
      onDelimiter(records.delimiter);
    }
    for (const line of read) records?.add(line);
    if (records !== undefined) yield parsed(records.take(), records.delimiter);
  }
  records?.end();
  if (records !== undefined) yield parsed(records.take(), records.delimiter);
}

/** The delimiter that gives the header most cells; a comma among equals. */
function delimiterOf(header: string): string {
  const unquoted = header.replaceAll(/"[^"]*"?/g, '');
  const counts = DELIMITERS.map((one) => unquoted.split(one).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

type Found = { number: number; text: string } | { number: number; problem: string };

/** Joins lines into records. */
class Records {
  private found: Found[] = [];
  /** Lines of the current record, whose quote is still open. */
  private open: Line[] = [];
  private size = 0;

  constructor(readonly delimiter: string) {}

  add(line: Line): void {
    // Lines that an unclosed quote had claimed are processed again.
    const waiting = [line];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const quote =
        next.text === undefined ? 'broken' : quoteAfter(next.text, this.open.length > 0, this.delimiter);
      if (quote === 'broken') {
        if (this.open.length > 0) waiting.push(next, ...this.giveUp());
        else this.found.push({ number: next.number, problem: next.problem ?? 'cannot be read' });
        continue;
      }
      this.open.push(next);
      this.size += next.text!.length;
      if (quote === 'closed') this.close();
      else if (this.size > MAX_OPEN) waiting.push(...this.giveUp());
    }
  }

  /** No further line can close an open quote. */
  end(): void {
    while (this.open.length > 0) for (const line of this.giveUp().reverse()) this.add(line);
  }

  take(): Found[] {
    return this.found.splice(0);
  }

  private close(): void {
    const { open } = this;
    // The source omits empty lines, but here they are part of the cell.
    const text = open.reduce(
      (text, line, i) => text + '\n'.repeat(i === 0 ? 0 : line.number - open[i - 1]!.number) + line.text,
      '',
    );
    this.found.push({ number: open[0]!.number, text });
    this.open = [];
    this.size = 0;
  }

  /** Reports the line with the quote, and returns the other lines of its record, last one first. */
  private giveUp(): Line[] {
    const [first, ...others] = this.open;
    this.found.push({ number: first!.number, problem: 'has an unclosed quote' });
    this.open = [];
    this.size = 0;
    return others.reverse();
  }
}

/**
 * Whether a quote is open at the end of a line, by the parser's rules: a quote at the beginning of a cell opens it, and two
 * quotes in a row are a literal one. `broken`: the line began inside a quote, and text follows the closing quote.
 */
function quoteAfter(line: string, wasOpen: boolean, delimiter: string): 'open' | 'closed' | 'broken' {
  let isCarried = wasOpen;
  for (let within = wasOpen ? 0 : opening(line, 0, delimiter); within >= 0;) {
    const quote = closing(line, within);
    if (quote < 0) return 'open';
    const endsCell = quote + 1 === line.length || line[quote + 1] === delimiter;
    if (isCarried && !endsCell) return 'broken';
    isCarried = false;
    within = opening(line, quote + 1, delimiter);
  }
  return 'closed';
}

/** Index after the next quote that opens a cell, or -1. */
function opening(line: string, from: number, delimiter: string): number {
  if (from === 0 && line.startsWith(QUOTE)) return QUOTE.length;
  const before = line.indexOf(delimiter + QUOTE, from);
  return before < 0 ? -1 : before + delimiter.length + QUOTE.length;
}

/** Index of the next quote that is not doubled, or -1. */
function closing(line: string, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at >= 0; at = line.indexOf(QUOTE, at + 2)) {
    if (line[at + 1] !== QUOTE) return at;
  }
  return -1;
}

function parsed(found: readonly Found[], delimiter: string): Row[] {
  const texts = found.flatMap((record) => ('text' in record ? [record.text] : []));
  const together = cellsOf(texts.join('\n'), delimiter);
  // If the parser splits the records differently because of their quotes, each is parsed separately.
  const cells =
    together?.length === texts.length ? together : texts.map((text) => cellsOf(text, delimiter)?.[0]);
  let next = 0;
  return found.map((record): Row => {
    if ('problem' in record) return record;
    const row = cells[next++];
    return row === undefined
      ? { number: record.number, problem: 'is not a CSV row' }
      : { number: record.number, cells: row };
  });
}

/** Undefined if the text is not CSV. The caller checks the number of cells. */
function cellsOf(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, relax_quotes: true, relax_column_count: true, record_delimiter: '\n' });
  } catch {
    return undefined;
  }
}
