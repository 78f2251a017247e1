/** `import executions --dry-run`: shows what would be made of the first rows. It needs no database. */
import { loadConfig } from '../config.js';
import { parseExecutions } from '../facts/execution/parse.js';
import { LineIds } from '../ingest/derived-id.js';
import { rawStart } from '../time.js';
import { type CsvOptions, mappingOf } from './csv-options.js';
import { addRejected, readCsv } from './csv-rows.js';
import { ImportReport } from './import-report.js';
import { openLines } from './lines.js';

const SHOWN_ROWS = 5;

export async function dryRun(file: string, options: CsvOptions): Promise<void> {
  const now = Date.now();
  const bounds = { now, oldest: rawStart(now, loadConfig(process.env)) };
  const report = new ImportReport('row');
  const totals = { accepted: 0, duplicates: 0, rejected: 0 };
  const stop = new AbortController();
  const source = openLines(file, stop.signal, { encoding: options.encoding, strict: true });
  const mapping = mappingOf(options);
  const rows = readCsv(file, source, {
    mapping,
    delimiter: options.delimiter,
    ids: new LineIds(),
  });
  for await (const row of rows) {
    report.read += 1;
    const place = `line ${row.number}`;
    if ('problem' in row) {
      report.addBroken(place, row.problem);
    } else {
      const [rejection] = parseExecutions([row.execution], bounds).rejected;
      if (rejection === undefined) {
        totals.accepted += 1;
        process.stdout.write(`${place}: ${JSON.stringify(row.execution)}\n`);
      } else {
        totals.rejected += 1;
        addRejected(report, place, rejection, row.execution, mapping);
      }
    }
    if (report.read === SHOWN_ROWS) break;
  }
  if (report.read === 0) throw new Error(`${file}: has no rows`);
  const lines = report.lines(totals, now, -Infinity);
  for (const line of lines.slice(0, -1)) process.stderr.write(`${line}\n`);
  process.stdout.write(`The first ${lines.at(-1)!}; nothing was written.\n`);
  process.exitCode = report.exitCode(totals);
}
