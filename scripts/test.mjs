// Runs the tests of all workspaces in sequence, and prints the total counts as the last line.
// `node scripts/test.mjs [suite…]` runs only the given suites.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const results = mkdtempSync(join(tmpdir(), 'agentidp-tests-'));
const coverage = process.argv.includes('--coverage') || /^(1|true)$/i.test(process.env.CI ?? '');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));

const jest = (workspace) => ({
  name: workspace,
  command: [
    'npm',
    'test',
    '-w',
    workspace,
    '--',
    '--json',
    `--outputFile=${join(results, `${workspace}.json`)}`,
  ],
  counts: () => {
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, numTotalTests } =
      JSON.parse(readFileSync(join(results, `${workspace}.json`), 'utf8'));
    // A test file that cannot be loaded counts as a failure.
    const broken = numFailedTestSuites > 0 && numFailedTests === 0 ? numFailedTestSuites : 0;
    if (numTotalTests === 0) throw new Error('no test ran');
    return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests };
  },
});

const suites = [
  { ...jest('embedded'), extra: coverage ? ['--coverage'] : [] },
  { ...jest('exporter'), extra: coverage ? ['--coverage'] : [] },
  { ...jest('plugin'), extra: coverage ? ['--coverage'] : [] },
  { ...jest('dashboards'), extra: [] },
  { ...jest('client'), extra: coverage ? ['--coverage'] : [] },
  {
    name: 'rules',
    command: ['node', join(root, 'scripts/check-rules.mjs')],
    extra: [],
    counts: (output) => {
      const match = [...output.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)].at(-1);
      if (match === undefined) throw new Error('no closing line');
      return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
    },
  },
];

function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
      // Suppress the JSON result, which is also written to standard output as one long line.
      if (!String(data).startsWith('{"')) process.stdout.write(data);
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  process.stdout.write(`\n── ${suite.name}\n`);
  const { code, output } = await run([...suite.command, ...suite.extra]);
  let counts;
  try {
    counts = suite.counts(output);
  } catch (error) {
    process.stdout.write(`${suite.name}: cannot read the result: ${error.message}\n`);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  // A run can also fail because of its coverage, or because of a server that does not stop.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  process.stdout.write(
    `${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
  );
  for (const key of Object.keys(total)) total[key] += counts[key];
}
rmSync(results, { recursive: true, force: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
