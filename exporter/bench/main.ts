/** `npm run bench`: measures every figure in turn, prints the table and writes it into docs/performance.md and docs/reliability.md. */
import { Command, Option } from 'commander';
import { alertDelay } from './figures/alert-delay.js';
import { alerts } from './figures/alerts.js';
import { cachedReads } from './figures/cached-reads.js';
import { executions } from './figures/executions.js';
import { executionsIn } from './figures/executions-in.js';
import { exportFiles } from './figures/exports.js';
import { forecasts } from './figures/forecast.js';
import { ingest } from './figures/ingest.js';
import { live } from './figures/live.js';
import { memory } from './figures/memory.js';
import { largeTraces } from './figures/large-traces.js';
import { neighbours } from './figures/neighbours.js';
import { otlp, otlpMix } from './figures/otlp.js';
import { reads } from './figures/reads.js';
import { recommendations } from './figures/recommendations.js';
import { reservations } from './figures/reservations.js';
import { rollup } from './figures/rollup.js';
import { scrape } from './figures/scrape.js';
import { sessions } from './figures/sessions.js';
import { startBenchServer } from './support/database.js';
import { type Bench, DOCUMENTS, type Result, type Size } from './support/figure.js';
import { describeMachine } from './support/machine.js';
import { Progress } from './support/progress.js';
import { type Row, terminalTable, writeDocument } from './support/report.js';

const BENCHES: readonly Bench[] = [
  ingest,
  cachedReads,
  reads,
  rollup,
  scrape,
  memory,
  executionsIn,
  executions,
  sessions,
  otlp,
  otlpMix,
  largeTraces,
  reservations,
  forecasts,
  recommendations,
  alerts,
  live,
  alertDelay,
  neighbours,
  exportFiles,
];

interface Options {
  quick?: boolean;
  only?: string[];
  write?: boolean;
  profile?: string;
}

const program = new Command('npm run bench --')
  .description('Measures the exporter, each figure as a ratio against something measured in the same run.')
  .option('--quick', 'less data: within two minutes')
  .addOption(new Option('--only <name...>', 'these only').choices(BENCHES.map(({ name }) => name)))
  .option('--write', 'write the pages of docs/ also after a quick or partial run')
  .option('--profile <folder>', "leave CPU profiles of the exporter's processes there")
  .action(run);

async function run({ quick = false, only, write = false, profile }: Options): Promise<void> {
  const size: Size = quick ? 'quick' : 'full';
  const chosen = BENCHES.filter(({ name }) => only === undefined || only.includes(name));
  const progress = new Progress(chosen.length);
  progress.show('starting PostgreSQL');
  const server = await startBenchServer();
  const stop = once(() => server.stop());
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void stop().finally(() => process.exit(143)));
  const rows: Row[] = [];
  const documentOf = new Map<Row, string>();
  const began = Date.now();
  try {
    for (const bench of chosen) {
      progress.next(bench.name);
      const figures = bench.figures(size);
      const results = await measure(bench.name, figures.length, () =>
        bench.run({ size, server, profileDir: profile, progress: (text) => progress.show(text) }),
      );
      const measured = figures.map((figure, i) => ({ figure, ...results[i]! }));
      rows.push(...measured);
      for (const row of measured) documentOf.set(row, bench.document ?? 'performance');
    }
  } finally {
    progress.end();
    await stop();
  }
  const machine = describeMachine(server.version);
  process.stdout.write(`${terminalTable(rows)}\n${machine}\n`);
  if (write || (size === 'full' && only === undefined)) {
    const command = ['npm run bench', ...process.argv.slice(2).filter((word) => word !== '--write')];
    for (const document of DOCUMENTS) {
      const own = rows.filter((row) => documentOf.get(row) === document);
      if (own.length === 0) continue;
      writeDocument(document, { rows: own, machine, command: command.join(' '), began });
    }
  }
}

/** A bench that fails is a row that says so; the others are measured all the same, and the exit code tells. */
async function measure(name: string, figures: number, work: () => Promise<Result[]>): Promise<Result[]> {
  try {
    return await work();
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`\n${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return Array.from({ length: figures }, () => ({ value: undefined, measured: 'failed' }));
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

await program.parseAsync();
