/** `--dry-run` of the imports: shows what would be made of the first lines or rows. It needs no database of the service. */
import { loadConfig } from '../config.js';
import { parseEvents } from '../facts/event/parse.js';
import { type Bounds, type Rejection } from '../facts/refusal.js';
import { rawStart } from '../time.js';
import { ImportReport } from './import-report.js';

const SHOWN = 5;

export const DRY_RUN = ['--dry-run', 'show what would be made of the first rows, and write nothing'] as const;

/** A line or row, read or with the reason why it cannot be. */
export type Made = { place: string } & ({ item: object } | { problem: string });

export interface DryRun {
  /** What is read, in messages. */
  unit: 'line' | 'row';
  /** Named in the message that there is nothing to read. */
  source: string;
  /** Why the service would reject it. */
  check: (item: object, bounds: Bounds) => Rejection | undefined;
}

export const checkEvent: DryRun['check'] = (event, bounds) => parseEvents([event], bounds).rejected[0];

export async function dryRun(made: AsyncIterable<Made>, { unit, source, check }: DryRun): Promise<void> {
  const now = Date.now();
  const bounds = { now, oldest: rawStart(now, loadConfig(process.env)) };
  const report = new ImportReport(unit);
  const totals = { accepted: 0, duplicates: 0, rejected: 0 };
  for await (const one of made) {
    report.read += 1;
    if ('problem' in one) {
      report.addBroken(one.place, one.problem);
    } else {
      const rejection = check(one.item, bounds);
      if (rejection === undefined) {
        totals.accepted += 1;
        process.stdout.write(`${one.place}: ${JSON.stringify(one.item)}\n`);
      } else {
        totals.rejected += 1;
        report.addRejected(one.place, rejection, one.item);
      }
    }
    if (report.read === SHOWN) break;
  }
  if (report.read === 0) throw new Error(`${source}: has no ${unit}s`);
  const lines = report.lines(totals, now, -Infinity);
  for (const line of lines.slice(0, -1)) process.stderr.write(`${line}\n`);
  process.stdout.write(`The first ${lines.at(-1)!}; nothing was written.\n`);
  process.exitCode = report.exitCode(totals);
}
