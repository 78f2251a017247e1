/** `demo`: a filled database, the exporter, Grafana and Prometheus where they are installed, and traffic that goes on. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { ensureSecret } from '../auth/secret.js';
import type { Config } from '../config.js';
import { messageOf } from '../errors.js';
import { type DemoTenant, demoTenants } from '../demo/fleet.js';
import {
  ensurePlugin,
  findGrafana,
  type GrafanaInstallation,
  type RunningProgram,
  startGrafana,
} from '../demo/grafana.js';
import { runLive } from '../demo/live.js';
import { findProgram, isFree, portOr } from '../demo/programs.js';
import { startPrometheus } from '../demo/prometheus.js';
import { keptPassword, tokensOf, type Tokens } from '../demo/secrets.js';
import { datingOf, DEFAULT_DAYS, seeded } from '../demo/seed.js';
import { introduction, place } from '../demo/introduction.js';
import { createLog, MIGRATIONS_DIR, readConfig, withDatabase } from './environment.js';
import { tenantId, wholeNumber } from './options.js';
import { days, seedAll } from './seed.js';
import { type Service, startService } from './serve.js';
import { createSession, interruptible, type Session } from './session.js';

/** The repository: beside the migrations stand the plugin and the provisioning. */
const ROOT = dirname(MIGRATIONS_DIR);
/** How often the traffic's position is recorded, milliseconds. */
const RECORD_MS = 60_000;

interface DemoOptions {
  tenant: string;
  days: number;
  port?: number;
  live: boolean;
  grafana: boolean;
  prometheus: boolean;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'show everything with made-up traffic: exporter, and Grafana and Prometheus where they are installed',
    )
    .option('--tenant <id>', 'the demo tenant', tenantId, 'demo')
    .option('--days <n>', 'days of traffic up to now', days, DEFAULT_DAYS)
    .option(
      '--port <n>',
      'port of the exporter (default: PORT, or a free one where it is taken)',
      wholeNumber(1, 65_535),
    )
    .option('--no-live', 'leave the traffic as it is')
    .option('--no-grafana', 'do not start Grafana')
    .option('--no-prometheus', 'do not start Prometheus')
    .addHelpText(
      'after',
      `
Grafana is taken from GRAFANA_HOME (a folder with bin/grafana, conf and public) or the PATH, Prometheus from the PATH.
Data, logs and generated passwords stand under DATA_DIR. Ctrl-C ends all of it; a second run adds what is new.

Example:
  GRAFANA_HOME=/usr/share/grafana agentidp-analytics demo`,
    )
    .action(async (options: DemoOptions) => {
      const grafana = options.grafana ? findGrafana() : undefined;
      const config = await demoConfig(options);
      const dir = join(resolve(config.dataDir), 'demo');
      mkdirSync(dir, { recursive: true });
      const log = createLog(config, join(dir, 'exporter.log'));
      await interruptible((signal) =>
        withDatabase(config, log, async ({ pool }) => {
          const session = createSession(config, pool, log, signal);
          await new Demo(session, options, dir, grafana).run();
        }),
      );
    });
}

/** The settings of the environment, with what the demo cannot do without. */
async function demoConfig({ port }: DemoOptions): Promise<Config> {
  const config = readConfig();
  if (port !== undefined && !(await isFree(port))) throw new Error(`--port ${port} is taken`);
  return {
    ...config,
    analyticsEnabled: true,
    port: port ?? (await portOr(config.port)),
    jwtSecret: config.jwtSecret ?? ensureSecret(config.dataDir),
    metricsToken: config.metricsToken ?? keptPassword(config.dataDir, 'metrics-token'),
  };
}

class Demo {
  private readonly tenants: readonly DemoTenant[];
  private readonly running: { name: string; stop: () => Promise<void> }[] = [];

  constructor(
    private readonly session: Session,
    private readonly options: DemoOptions,
    private readonly dir: string,
    private readonly grafana: GrafanaInstallation | undefined,
  ) {
    this.tenants = demoTenants(options.tenant);
  }

  async run(): Promise<void> {
    const { session, tenants, options } = this;
    const { signal, config, log } = session;
    const { until, accepted } = await seedAll(session, tenants, options.days);
    if (signal.aborted) return;
    const service = await startService(config, log);
    let live: Promise<void> | undefined;
    try {
      await service.prepared;
      const tokens = await tokensOf(config, tenants);
      say(
        await introduction({
          url: service.url,
          tenants,
          tokens,
          accepted,
          colour: process.stdout.isTTY === true,
        }),
      );
      if (options.live) live = this.live(service, tokens, until);
      await this.startPrograms(service, tokens);
      if (!signal.aborted)
        say([options.live ? 'Traffic keeps coming in. Ctrl-C ends all of it.' : 'Ctrl-C ends all of it.']);
      await aborted(signal);
      say(['', 'Ending …']);
    } finally {
      await Promise.all(this.running.map(({ stop }) => stop()));
      await live;
      await service.stop();
    }
  }

  private async live({ url }: Service, tokens: Tokens, from: number): Promise<void> {
    const { pool, signal, log } = this.session;
    const tenants = await Promise.all(
      this.tenants.map(async (tenant) => ({
        tenant,
        dating: await datingOf(pool, tenant.id, from),
        send: (events: readonly object[]) => post(url, tokens.write.get(tenant.id)!, { events }),
        sendRuns: (executions: readonly object[]) => post(url, tokens.write.get(tenant.id)!, { executions }),
      })),
    );
    let sent = from;
    let recorded = from;
    const record = async (): Promise<void> => {
      for (const { id } of this.tenants) await seeded(pool, id, this.options.days, sent);
      recorded = sent;
    };
    const onSent = async (until: number): Promise<void> => {
      sent = until;
      if (sent - recorded >= RECORD_MS) await record();
    };
    await runLive({ tenants, from, signal, onSent, onFailure: (error) => warn(log, 'live traffic', error) });
    await record();
  }

  /** What cannot be started is said, and the rest goes on. */
  private async startPrograms(service: Service, tokens: Tokens): Promise<void> {
    const { config, signal, log } = this.session;
    let prometheusUrl = 'http://127.0.0.1:9090';
    const command = this.options.prometheus ? findProgram('prometheus') : undefined;
    if (command !== undefined) {
      await this.start('Prometheus', log, async () => {
        const program = await startPrometheus({
          command,
          root: ROOT,
          dir: join(this.dir, 'prometheus'),
          exporterUrl: service.url,
          metricsToken: config.metricsToken!,
          signal,
        });
        prometheusUrl = program.url;
        return program;
      });
    }
    const installation = this.grafana;
    if (installation === undefined) {
      if (this.options.grafana)
        say([
          place('Grafana', 'not found: set GRAFANA_HOME, or put grafana on the PATH, to see the dashboards'),
        ]);
      return;
    }
    const adminPassword = keptPassword(config.dataDir, 'grafana-admin-password');
    await this.start('Grafana', log, async () => {
      await ensurePlugin(ROOT, join(this.dir, 'plugin-build.log'), () =>
        say([place('Grafana', 'building the plugin …')]),
      );
      return startGrafana({
        installation,
        root: ROOT,
        dir: join(this.dir, 'grafana'),
        analyticsUrl: service.url,
        analyticsToken: tokens.read.get(this.options.tenant)!,
        prometheusUrl,
        adminPassword,
        signal,
      });
    });
    if (this.running.some(({ name }) => name === 'Grafana'))
      say([place('', `to edit there, sign in as admin with the password ${adminPassword}`)]);
  }

  private async start(name: string, log: Logger, start: () => Promise<RunningProgram>): Promise<void> {
    if (this.session.signal.aborted) return;
    try {
      const program = await start();
      this.running.push({ name, stop: program.stop });
      say([place(name, program.url)]);
    } catch (error) {
      if (this.session.signal.aborted) return;
      warn(log, name, error);
      say([place(name, `did not start: ${messageOf(error)}`)]);
    }
  }
}

/** Sends a batch to the route that is called as its field. */
async function post(url: string, token: string, body: Record<string, readonly object[]>): Promise<void> {
  const answer = await fetch(`${url}/api/v1/${Object.keys(body)[0]!}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}

function warn(log: Logger, what: string, error: unknown): void {
  log.warn({ error: messageOf(error) }, `${what} failed`);
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
