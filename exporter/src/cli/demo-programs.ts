/** Programs that the demo starts beside the exporter: Grafana and Prometheus, if they are installed. */
import { dirname, join } from 'node:path';
import { DASHBOARD_UID } from 'agentidp-analytics-panels/names';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import {
  ensurePlugin,
  type GrafanaInstallation,
  type RunningProgram,
  startGrafana,
} from '../demo/grafana.js';
import { createGrafanaToken } from '../demo/grafana-token.js';
import { place } from '../demo/introduction.js';
import { findProgram } from '../demo/programs.js';
import { startPrometheus } from '../demo/prometheus.js';
import { ensurePassword } from '../demo/secrets.js';
import { messageOf } from '../errors.js';
import { MIGRATIONS_DIR } from './environment.js';

/** The repository, which contains the plugin and the provisioning files. */
const ROOT = dirname(MIGRATIONS_DIR);

export interface ProgramsOptions {
  config: Config;
  /** Directory for their files. */
  dir: string;
  grafana: GrafanaInstallation | undefined;
  /** Of the demo tenant. */
  readToken: string;
  wanted: { grafana: boolean; prometheus: boolean };
  log: Logger;
  signal: AbortSignal;
}

/** How the service publishes dashboards in the demo's Grafana. */
export interface GrafanaSettings {
  grafanaUrl: string;
  grafanaToken: string | undefined;
}

export class Programs {
  /** Where they are, as lines. */
  readonly places: string[] = [];
  /** Once Grafana runs. */
  grafana: GrafanaSettings | undefined;
  private readonly running: RunningProgram[] = [];

  constructor(private readonly options: ProgramsOptions) {}

  /** If one cannot be started, its place says why, and the others are started. */
  async startAll(): Promise<void> {
    const prometheus = await this.startPrometheus();
    await this.startGrafana(prometheus?.url ?? 'http://127.0.0.1:9090');
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((program) => program.stop()));
  }

  private async startPrometheus(): Promise<RunningProgram | undefined> {
    const { config, dir, signal, wanted } = this.options;
    const command = wanted.prometheus ? findProgram('prometheus') : undefined;
    if (command === undefined) return undefined;
    return this.start('Prometheus', () =>
      startPrometheus({
        command,
        root: ROOT,
        dir: join(dir, 'prometheus'),
        exporterUrl: urlOf(config),
        metricsToken: config.metricsToken!,
        signal,
      }),
    );
  }

  private async startGrafana(prometheusUrl: string): Promise<void> {
    const { config, dir, grafana: installation, readToken, wanted, signal, log } = this.options;
    if (installation === undefined) {
      if (wanted.grafana)
        this.places.push(
          place('Grafana', 'not found; to see the dashboards, set GRAFANA_HOME or add grafana to the PATH'),
        );
      return;
    }
    const adminPassword = ensurePassword(config.dataDir, 'grafana-admin-password');
    const program = await this.start('Grafana', async () => {
      await ensurePlugin(ROOT, join(dir, 'plugin-build.log'), () =>
        print([place('Grafana', 'building the plugin …')]),
      );
      return startGrafana({
        installation,
        root: ROOT,
        dir: join(dir, 'grafana'),
        analyticsUrl: urlOf(config),
        analyticsToken: readToken,
        prometheusUrl,
        adminPassword,
        signal,
      });
    });
    if (program === undefined) return;
    const { origin } = new URL(program.url);
    this.places.push(
      place('', `To edit dashboards, sign in as admin with the password ${adminPassword}`),
      place('Live wall', `${origin}/d/${DASHBOARD_UID.live}`),
    );
    const grafanaToken = await createGrafanaToken(origin, adminPassword).catch((error: unknown) => {
      warn(log, 'the service account in Grafana', error);
      return undefined;
    });
    this.grafana = { grafanaUrl: origin, grafanaToken };
  }

  private async start(
    name: string,
    start: () => Promise<RunningProgram>,
  ): Promise<RunningProgram | undefined> {
    const { signal, log } = this.options;
    if (signal.aborted) return undefined;
    try {
      const program = await start();
      this.running.push(program);
      this.places.push(place(name, program.url));
      return program;
    } catch (error) {
      if (signal.aborted) return undefined;
      warn(log, name, error);
      this.places.push(place(name, `did not start: ${messageOf(error)}`));
      return undefined;
    }
  }
}

/** Where the service is going to listen, as programs on this machine reach it. */
function urlOf({ host, port }: Config): string {
  const reached = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

export function warn(log: Logger, what: string, error: unknown): void {
  log.warn({ error: messageOf(error) }, `${what} failed`);
}

export function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
