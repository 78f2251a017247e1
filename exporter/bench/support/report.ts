/** The results as a table: on the terminal, and between two markers in a page of docs/. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BenchDocument, type Figure, isMet, type Result } from './figure.js';

const pathOf = (document: BenchDocument): string =>
  fileURLToPath(new URL(`../../../docs/${document}.md`, import.meta.url));
const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

export interface Row extends Result {
  figure: Figure;
}

const number = (value: number, { unit }: Figure): string => {
  if (unit === undefined) return value >= 10 ? String(Math.round(value)) : value.toFixed(2);
  return `${unit === '%' ? value.toFixed(1) : Math.round(value)} ${unit}`;
};

function boundOf(figure: Figure): string {
  const { target } = figure;
  if (target === null) return '–';
  return 'atLeast' in target
    ? `at least ${number(target.atLeast, figure)}`
    : `at most ${number(target.atMost, figure)}`;
}

function cellsOf({ figure, value, measured }: Row): string[] {
  if (value === undefined) return [figure.title, '–', boundOf(figure), 'not measured', measured];
  const met = isMet(figure, value);
  const verdict = met === undefined ? '–' : met ? 'yes' : '**no**';
  return [figure.title, number(value, figure), boundOf(figure), verdict, measured];
}

const HEAD = ['figure', 'value', 'target', 'met', 'measured'];

export function terminalTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map((row) => cellsOf(row).map((cell) => cell.replaceAll(/[`*]/g, '')))];
  const widths = HEAD.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export interface Run {
  rows: readonly Row[];
  machine: string;
  command: string;
  /** Milliseconds since the epoch. */
  began: number;
}

/** Figures that a partial run does not measure keep their row, which says when and how they were measured. */
export function writeDocument(name: BenchDocument, run: Run): void {
  const file = pathOf(name);
  const document = readFileSync(file, 'utf8');
  const [before, rest] = document.split(BEGIN);
  const [known, after] = rest?.split(END) ?? [];
  if (before === undefined || known === undefined || after === undefined)
    throw new Error(`${file} lacks the markers of the table`);
  const text = `${run.machine}.\n\n${tableOf(known, run)}`;
  writeFileSync(file, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const titleIn = (line: string): string => line.slice('| '.length).split(' | ', 1)[0]!;

/** @param known the table so far */
function tableOf(known: string, { rows, command, began }: Run): string {
  const date = new Date(began).toISOString().slice(0, 10);
  const measured = rows.map((row) => lineOf([...cellsOf(row), `${date}, \`${command}\``]));
  const titles = new Set(measured.map(titleIn));
  const others = known
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .filter((line) => !titles.has(titleIn(line)));
  const head = [...HEAD, 'when, and how'];
  return [lineOf(head), lineOf(head.map(() => '---')), ...measured, ...others].join('\n');
}
