#!/usr/bin/env node
/**
 * Checks docker-compose.yml without running it: against the JSON schema of the Compose specification (from the package
 * dclint), with `docker compose config` if it is installed, and against the project's own rules. The last line of the
 * output has the counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { Checks, expectNone } from './checks.mjs';
import {
  dockerfileProblems,
  healthcheckProblems,
  imageProblems,
  interpolate,
  portProblems,
  privilegeProblems,
  referenceProblems,
  settingNames,
  settingProblems,
  variableProblems,
  variablesIn,
} from './compose-file.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMPOSE_FILE = 'docker-compose.yml';
const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');
const exists = (file) => existsSync(path.join(ROOT, file));

/** The files that a Dockerfile can copy. .dockerignore excludes everything except what it lists with `!`. */
function inBuildContext(file) {
  const kept = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, name]) => name);
  return exists(file) && kept.some((name) => file === name || file.startsWith(`${name}/`));
}

function schemaProblems(file) {
  const schemaFile = new URL('schemas/compose.schema.json', import.meta.resolve('dclint/package.json'));
  // Ajv only knows the old URL of draft 7, which is its default if no $schema is given.
  const { $schema: _, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  const validate = ajv.compile(schema);
  if (validate(file)) return [];
  return validate.errors.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** Variables that Grafana's provisioning reads, but the service does not set. */
function provisioningProblems(grafana) {
  const folder = 'provisioning/grafana/provisioning';
  const files = readdirSync(path.join(ROOT, folder), { recursive: true }).filter((name) =>
    /\.ya?ml$/.test(name),
  );
  const asked = new Set(
    files.flatMap((name) => {
      const withoutComments = read(path.join(folder, name)).replaceAll(/^\s*#.*$/gm, '');
      return variablesIn(withoutComments).map((variable) => variable.name);
    }),
  );
  const given = Object.keys(grafana.environment);
  return [...asked].filter((name) => !given.includes(name) && !given.includes(`${name}_FILE`));
}

/** Scrape targets and token files of Prometheus that the file does not define. */
function scrapeProblems({ services }) {
  const { scrape_configs: jobs, alerting } = parse(read('provisioning/prometheus/prometheus.yml'));
  const targets = [...jobs, ...alerting.alertmanagers].flatMap((job) =>
    job.static_configs.flatMap((entry) => entry.targets),
  );
  const secrets = services.prometheus.secrets.map((name) => `/run/secrets/${name}`);
  return [
    ...targets.filter((target) => !(target.split(':')[0] in services) && !target.startsWith('127.0.0.1:')),
    ...jobs
      .flatMap((job) => job.authorization?.credentials_file ?? [])
      .filter((file) => !secrets.includes(file)),
  ];
}

async function main() {
  const checks = new Checks();
  const text = read(COMPOSE_FILE);
  const raw = parse(text, { merge: true });
  const required = variablesIn(text).filter(({ operator }) => operator === ':?');
  const env = Object.fromEntries(required.map(({ name }) => [name, 'x'.repeat(32)]));
  const file = interpolate(raw, env);
  const exporters = Object.fromEntries(
    Object.entries(raw.services).filter(([, { build }]) => build?.dockerfile === 'exporter/Dockerfile'),
  );
  const settings = settingNames(read('exporter/src/config.ts'));
  const passedOn = Object.values(exporters).flatMap(({ environment }) =>
    Object.keys(environment).filter((name) => environment[name] === null),
  );
  const scriptsOf = (workspace) => JSON.parse(read(`${workspace}/package.json`)).scripts ?? {};
  const { workspaces } = JSON.parse(read('package.json'));

  const list = {
    'the file fits the schema of the Compose specification': () => schemaProblems(file),
    'every image is pinned': () => imageProblems(file, JSON.parse(read('package.json')).version),
    'every service has a health check, with durations that are ones': () => healthcheckProblems(file),
    'no service runs as root or may become so': () => privilegeProblems(file),
    'no port is published beyond loopback': () => portProblems(file),
    'everything that is referred to exists': () => referenceProblems(file, exists),
    'variables, .env.example and secrets agree': () => variableProblems(text, passedOn, read('.env.example')),
    'the exporter is given its settings and no others': () => settingProblems(exporters, settings),
    'Grafana gets the variables that its provisioning reads': () =>
      provisioningProblems(file.services.grafana),
    'Prometheus scrapes services of this file': () => scrapeProblems(file),
  };
  for (const dockerfile of new Set(
    Object.values(file.services).flatMap(({ build }) => build?.dockerfile ?? []),
  )) {
    list[`${dockerfile} has stages, pinned images and no root`] = () =>
      dockerfileProblems(read(dockerfile), inBuildContext, scriptsOf, workspaces);
  }
  for (const [name, problems] of Object.entries(list)) await checks.run(name, () => expectNone(problems()));

  for (const { name } of required) {
    await checks.run(`${name} is required`, () => {
      try {
        interpolate(raw, { ...env, [name]: '' });
      } catch {
        return;
      }
      throw new Error('starts');
    });
  }

  const compose = (args) =>
    spawnSync('docker', ['compose', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  if (compose(['version']).status === 0) {
    await checks.run('docker compose config', () => {
      const { status, stderr } = compose(['--profile', 'demo', 'config', '--quiet']);
      if (status !== 0) throw new Error(stderr);
    });
  } else {
    checks.skip('docker compose config', 'docker compose is not installed', { required: false });
  }
  checks.finish();
}

await main();
