/** `demo`: seeds a database, then runs the exporter with live traffic, and Grafana and Prometheus if installed. */
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
import { type Mailbox, startMailbox } from '../demo/mailbox.js';
import { findProgram, isFree, freePort } from '../demo/programs.js';
import { startPrometheus } from '../demo/prometheus.js';
import { ensurePassword, createTokens, type Tokens } from '../demo/secrets.js';
import { readTimeline, DEFAULT_DAYS, recordSeeded } from '../demo/seed.js';
import { introduction, place } from '../demo/introduction.js';
import { createLog, MIGRATIONS_DIR, readConfig, withDatabase } from './environment.js';
import { tenantId, wholeNumber } from './options.js';
import { days, seedAll } from './seed.js';
import { type Service, startService } from './serve.js';
import { createSession, interruptible, type Session } from './session.js';

/** The repository, which contains the plugin and the provisioning files. */
const ROOT = dirname(MIGRATIONS_DIR);
/** How often the position of the live traffic is recorded, in milliseconds. */
const RECORD_MS = 60_000;

interface DemoOptions {
  tenant: string;
  days: number;
  port?: number;
  live: boolean;
  grafana: boolean;
  prometheus: boolean;
  mailbox: boolean;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description('run the demo: the exporter with generated traffic, and Grafana and Prometheus if installed')
    .option('--tenant <id>', 'id of the demo tenant', tenantId, 'demo')
    .option('--days <n>', 'days of past traffic to generate', days, DEFAULT_DAYS)
    .option(
      '--port <n>',
      'port of the exporter (default: PORT, or a free port if PORT is in use)',
      wholeNumber(1, 65_535),
    )
    .option('--no-live', 'do not generate live traffic')
    .option('--no-grafana', 'do not start Grafana')
    .option('--no-prometheus', 'do not start Prometheus')
    .option('--no-mailbox', 'do not start MailDev, which receives the mails')
    .addHelpText(
      'after',
      `
Grafana is looked up in GRAFANA_HOME (a directory with bin/grafana, conf and public) and on the PATH, Prometheus on the
PATH. MailDev receives the mails of alerts, budgets and reports unless SMTP_URL is set. Data, logs and generated passwords are kept under DATA_DIR. Press Ctrl-C to stop; the next run continues the data.

Example:
  GRAFANA_HOME=/usr/share/grafana agentidp-analytics demo`,
    )
    .action(async (options: DemoOptions) => {
      const grafana = options.grafana ? findGrafana() : undefined;
      const withoutMails = await demoConfig(options);
      const dir = join(resolve(withoutMails.dataDir), 'demo');
      mkdirSync(dir, { recursive: true });
      const log = createLog(withoutMails, join(dir, 'exporter.log'));
      await interruptible(async (signal) => {
        const mailbox = await tryMailbox(options, withoutMails, { dir: join(dir, 'mailbox'), signal, log });
        const config = mailbox === undefined ? withoutMails : configWith(mailbox, withoutMails);
        try {
          await withDatabase(config, log, async ({ pool }) => {
            const session = createSession(config, pool, log, signal);
            await new Demo(session, options, dir, { grafana, mailbox }).run();
          });
        } finally {
          await mailbox?.stop();
        }
      });
    });
}

/** The settings from the environment, with values for those that the demo requires. */
async function demoConfig({ port }: DemoOptions): Promise<Config> {
  const config = readConfig();
  if (port !== undefined && !(await isFree(port))) throw new Error(`--port: ${port} is already in use`);
  return {
    ...config,
    analyticsEnabled: true,
    port: port ?? (await freePort(config.port)),
    jwtSecrets: config.jwtSecrets ?? [ensureSecret(config.dataDir)],
    metricsToken: config.metricsToken ?? ensurePassword(config.dataDir, 'metrics-token'),
  };
}

/** Without it, the demo goes on and sends no mails. */
async function tryMailbox(
  { mailbox }: DemoOptions,
  { smtpUrl }: Config,
  { dir, signal, log }: { dir: string; signal: AbortSignal; log: Logger },
): Promise<Mailbox | undefined> {
  if (!mailbox || smtpUrl !== undefined) return undefined;
  try {
    return await startMailbox({ dir, signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    warn(log, 'MailDev', error);
    print([place('Mailbox', `did not start: ${messageOf(error)}`)]);
    return undefined;
  }
}

const configWith = ({ smtpUrl }: Mailbox, config: Config): Config => ({
  ...config,
  smtpUrl,
  mailFrom: config.mailFrom ?? 'AgentIdP Analytics <analytics@example.org>',
  alertEmailTo: config.alertEmailTo ?? ['operators@example.org'],
});

interface Installed {
  grafana: GrafanaInstallation | undefined;
  mailbox: Mailbox | undefined;
}

class Demo {
  private readonly tenants: readonly DemoTenant[];
  private readonly running: { name: string; stop: () => Promise<void> }[] = [];

  constructor(
    private readonly session: Session,
    private readonly options: DemoOptions,
    private readonly dir: string,
    private readonly installed: Installed,
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
      const tokens = await createTokens(config, tenants);
      print(
        await introduction({
          url: service.url,
          tenants,
          tokens,
          accepted,
          colour: process.stdout.isTTY === true,
        }),
      );
      const { mailbox } = this.installed;
      if (mailbox !== undefined) print([place('Mailbox', mailbox.url)]);
      if (options.live) live = this.live(service, tokens, until);
      await this.startPrograms(service, tokens);
      if (!signal.aborted)
        print([options.live ? 'Generating live traffic. Press Ctrl-C to stop.' : 'Press Ctrl-C to stop.']);
      await aborted(signal);
      print(['', 'Stopping …']);
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
        timeline: await readTimeline(pool, tenant.id, from),
        send: (events: readonly object[]) => post(url, tokens.write.get(tenant.id)!, { events }),
        sendRuns: (executions: readonly object[]) => post(url, tokens.write.get(tenant.id)!, { executions }),
      })),
    );
    let sent = from;
    let recorded = from;
    const record = async (): Promise<void> => {
      for (const { id } of this.tenants) await recordSeeded(pool, id, this.options.days, sent);
      recorded = sent;
    };
    const onSent = async (until: number): Promise<void> => {
      sent = until;
      if (sent - recorded >= RECORD_MS) await record();
    };
    await runLive({ tenants, from, signal, onSent, onFailure: (error) => warn(log, 'live traffic', error) });
    await record();
  }

  /** If a program cannot be started, prints why and continues with the others. */
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
    const installation = this.installed.grafana;
    if (installation === undefined) {
      if (this.options.grafana)
        print([
          place('Grafana', 'not found; to see the dashboards, set GRAFANA_HOME or add grafana to the PATH'),
        ]);
      return;
    }
    const adminPassword = ensurePassword(config.dataDir, 'grafana-admin-password');
    await this.start('Grafana', log, async () => {
      await ensurePlugin(ROOT, join(this.dir, 'plugin-build.log'), () =>
        print([place('Grafana', 'building the plugin …')]),
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
      print([place('', `To edit dashboards, sign in as admin with the password ${adminPassword}`)]);
  }

  private async start(name: string, log: Logger, start: () => Promise<RunningProgram>): Promise<void> {
    if (this.session.signal.aborted) return;
    try {
      const program = await start();
      this.running.push({ name, stop: program.stop });
      print([place(name, program.url)]);
    } catch (error) {
      if (this.session.signal.aborted) return;
      warn(log, name, error);
      print([place(name, `did not start: ${messageOf(error)}`)]);
    }
  }
}

/** Sends a batch. The name of its only field is also the route. */
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

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
