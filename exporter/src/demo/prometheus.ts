/** Starts a Prometheus that scrapes the demo's exporter and evaluates the alert rules. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stopLeftover, freePort, Program } from './programs.js';
import type { RunningProgram } from './grafana.js';

const PREFERRED_PORT = 9090;
const START_MS = 30_000;

export interface PrometheusOptions {
  command: string;
  /** The repository. */
  root: string;
  /** Directory for its configuration, token and data. */
  dir: string;
  exporterUrl: string;
  /** METRICS_TOKEN of the exporter. */
  metricsToken: string;
  signal: AbortSignal;
}

/** The exports of scripts/prometheus-config.mjs, which is loaded from the repository because it is not part of the exporter. */
interface ConfigScript {
  relocatePrometheusConfig(
    text: string,
    places: { folder: string; tokenFile: string; exporter: string; prometheus: string; alertmanager: null },
  ): string;
}

export async function startPrometheus(options: PrometheusOptions): Promise<RunningProgram> {
  const { command, root, dir, exporterUrl, metricsToken, signal } = options;
  mkdirSync(dir, { recursive: true });
  const tokenFile = join(dir, 'metrics-token');
  writeFileSync(tokenFile, metricsToken, { mode: 0o600 });
  const pidFile = join(dir, 'prometheus.pid');
  await stopLeftover(pidFile);
  const port = await freePort(PREFERRED_PORT);
  const folder = join(root, 'provisioning', 'prometheus');
  const script = pathToFileURL(join(root, 'scripts', 'prometheus-config.mjs')).href;
  const { relocatePrometheusConfig } = (await import(script)) as ConfigScript;
  const configFile = join(dir, 'prometheus.yml');
  const places = {
    folder,
    tokenFile,
    exporter: new URL(exporterUrl).host,
    prometheus: `127.0.0.1:${port}`,
    alertmanager: null,
  };
  writeFileSync(
    configFile,
    relocatePrometheusConfig(readFileSync(join(folder, 'prometheus.yml'), 'utf8'), places),
  );
  const program = Program.start({
    name: 'Prometheus',
    command,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      '--storage.tsdb.retention.time=60d',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    cwd: dir,
    logFile: join(dir, 'prometheus.log'),
    pidFile,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await program.waitForUrl(`${url}/-/ready`, START_MS, signal);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url, stop: () => program.stop() };
}
