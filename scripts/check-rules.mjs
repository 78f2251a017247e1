#!/usr/bin/env node
/**
 * Checks provisioning/prometheus and provisioning/alertmanager with promtool and amtool, and what these do not check:
 * annotations, runbooks, names, and that each rule has tests. The last line of the output has the counts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Checks, expectNone } from './checks.mjs';
import { relocatePrometheusConfig } from './prometheus-config.mjs';
import { metricsIn, missingMetrics, PROMETHEUS_DIR, readRules, readYamlFiles } from './prometheus-rules.mjs';

export { missingMetrics };

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ALERTMANAGER_CONFIG = path.join(ROOT, 'provisioning/alertmanager/alertmanager.yml');
const RUNBOOK = 'docs/alerts.md';
/** Receiver by severity. */
const RECEIVERS = { critical: 'page', warning: 'ticket' };
const RECORD_NAME = /^[a-z_]+:agentidp_[a-z0-9_]+:[a-z0-9_]+$/;

/** Anchors of the headings of a Markdown text, as GitHub generates them. */
export function anchorsOf(markdown) {
  return new Set(
    [...markdown.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Missing or invalid annotations, labels and runbooks of an alert. */
export function problemsOfAlert(rule, anchors) {
  const problems = [];
  for (const name of ['summary', 'description', 'runbook_url']) {
    if (!rule.annotations?.[name]?.trim()) problems.push(`no ${name}`);
  }
  if (RECEIVERS[rule.labels?.severity] === undefined) {
    problems.push(`severity ${rule.labels?.severity} is not one of ${Object.keys(RECEIVERS).join(', ')}`);
  }
  if (!rule.for) problems.push('no for');
  const [file, anchor] = (rule.annotations?.runbook_url ?? '').split('#');
  if (file !== RUNBOOK && !file.endsWith(`/${RUNBOOK}`))
    problems.push(`runbook_url does not point to ${RUNBOOK}`);
  else if (!anchors.has(anchor)) problems.push(`${RUNBOOK} has no heading for #${anchor}`);
  return problems;
}

/** Missing tests of an alert. Alerts with the same name are distinguished by severity. */
export function missingTestsOf(rule, tests) {
  const cases = tests
    .flatMap((test) => test.alert_rule_test ?? [])
    .filter((item) => item.alertname === rule.alert);
  const fires = (item) =>
    (item.exp_alerts ?? []).some((alert) => alert.exp_labels?.severity === rule.labels.severity);
  const missing = [];
  if (!cases.some(fires)) missing.push('no test in which it fires');
  if (cases.every(fires)) missing.push('no test in which it does not fire');
  return missing;
}

function installed(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** @throws Error with the command's output if it fails */
function execute(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

async function checkDeclarations(checks, rules, testFiles) {
  const anchors = anchorsOf(readFileSync(path.join(ROOT, RUNBOOK), 'utf8'));
  const tests = testFiles.flatMap(({ content }) => content.tests);
  const tested = new Set(
    tests.flatMap((test) => test.promql_expr_test ?? []).flatMap(({ expr }) => [...metricsIn(expr)]),
  );
  for (const rule of rules.filter(({ alert }) => alert !== undefined)) {
    const name = `${rule.alert} (${rule.labels?.severity})`;
    await checks.run(`${name} has its annotations, severity, duration and runbook`, () =>
      expectNone(problemsOfAlert(rule, anchors)),
    );
    await checks.run(`${name} has a test for firing and one for not firing`, () =>
      expectNone(missingTestsOf(rule, tests)),
    );
  }
  for (const record of new Set(rules.flatMap((rule) => rule.record ?? []))) {
    await checks.run(`${record} is named level:metric:operation, and its value is tested`, () => {
      if (!RECORD_NAME.test(record)) throw new Error('not of the form level:agentidp_…:operation');
      if (!tested.has(record)) throw new Error('no promql_expr_test asks for it');
    });
  }
  await checks.run('every recorded series that a rule asks for is recorded', () => {
    // A test of the exporter checks the metrics against the exposition.
    expectNone(missingMetrics('', rules).filter((line) => / asks for [a-z_]+:/.test(line)));
  });
}

async function checkPrometheus(checks, testFiles, scratch) {
  if (!installed('promtool')) {
    checks.skip('Prometheus configuration, rules and rule tests', 'promtool is not installed');
    return;
  }
  await checks.run('promtool check config', () => {
    // promtool requires the token file to exist.
    const tokenFile = path.join(scratch, 'metrics_token');
    writeFileSync(tokenFile, 'token');
    const config = path.join(scratch, 'prometheus.yml');
    const text = readFileSync(path.join(PROMETHEUS_DIR, 'prometheus.yml'), 'utf8');
    writeFileSync(config, relocatePrometheusConfig(text, { folder: PROMETHEUS_DIR, tokenFile }));
    execute('promtool', ['check', 'config', config]);
  });
  for (const { name, file } of readYamlFiles('rules')) {
    await checks.run(`promtool check rules ${name}`, () =>
      execute('promtool', ['check', 'rules', '--lint-fatal', file]),
    );
  }
  for (const { name, file } of testFiles) {
    await checks.run(`promtool test rules ${name}`, () => execute('promtool', ['test', 'rules', file]));
  }
}

async function checkAlertmanager(checks, scratch) {
  if (!installed('amtool')) {
    checks.skip('Alertmanager configuration', 'amtool is not installed');
    return;
  }
  const notifying = path.join(scratch, 'alertmanager.yml');
  writeFileSync(notifying, readFileSync(ALERTMANAGER_CONFIG, 'utf8').replaceAll('#: ', ''));
  await checks.run('amtool check-config', () => execute('amtool', ['check-config', ALERTMANAGER_CONFIG]));
  await checks.run('amtool check-config with the placeholders uncommented', () =>
    execute('amtool', ['check-config', notifying]),
  );
  for (const [severity, receiver] of Object.entries(RECEIVERS)) {
    await checks.run(`alerts of severity ${severity} go to ${receiver}`, () => {
      const labels = [`severity=${severity}`, 'alertname=AgentIdpDown'];
      execute('amtool', [
        'config',
        'routes',
        'test',
        `--config.file=${notifying}`,
        `--verify.receivers=${receiver}`,
        ...labels,
      ]);
    });
  }
}

async function main() {
  const checks = new Checks();
  const testFiles = readYamlFiles('tests');
  const scratch = mkdtempSync(path.join(tmpdir(), 'check-rules-'));
  try {
    await checkDeclarations(checks, readRules(), testFiles);
    await checkPrometheus(checks, testFiles, scratch);
    await checkAlertmanager(checks, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  checks.finish();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
