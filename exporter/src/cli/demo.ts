/** `demo`: seeds a database, then runs the exporter with live traffic, and Grafana and Prometheus if installed. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { ensureSecret } from '../auth/secret.js';
import type { Config } from '../config.js';
import { messageOf } from '../errors.js';
import { type DemoTenant, demoTenants } from '../demo/fleet.js';
import { findGrafana, type GrafanaInstallation } from '../demo/grafana.js';
import { DemoApi } from '../demo/api.js';
import { ensureDashboard, publishDashboard } from '../demo/dashboard.js';
import { makeExport } from '../demo/export.js';
import { runLive } from '../demo/live.js';
import { type Mailbox, startMailbox } from '../demo/mailbox.js';
import { isFree, freePort } from '../demo/programs.js';
import { ensurePassword, createTokens, type Tokens } from '../demo/secrets.js';
import { readTimeline, DEFAULT_DAYS, recordSeeded } from '../demo/seed.js';
import { introduction, place } from '../demo/introduction.js';
import { type GrafanaSettings, print, Programs, warn } from './demo-programs.js';
import { createLog, readConfig, withDatabase } from './environment.js';
import { tenantId, wholeNumber } from './options.js';
import { days, seedAll } from './seed.js';
import { type Service, startService } from './serve.js';
import { createSession, interruptible, type Session } from './session.js';

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
  /** Where everything is, printed at the end. */
  private readonly places: string[] = [];

  constructor(
    private readonly session: Session,
    private readonly options: DemoOptions,
    private readonly dir: string,
    private readonly installed: Installed,
  ) {
    this.tenants = demoTenants(options.tenant);
  }

  async run(): Promise<void> {
    const { session, tenants, options, dir } = this;
    const { signal, log } = session;
    const { grafana, mailbox } = this.installed;
    const { until, accepted } = await seedAll(session, tenants, options.days);
    if (signal.aborted) return;
    const tokens = await createTokens(session.config, tenants);
    const readToken = tokens.read.get(options.tenant)!;
    const { config } = session;
    const programs = new Programs({ config, dir, grafana, readToken, wanted: options, log, signal });
    let service: Service | undefined;
    let live: Promise<void> | undefined;
    try {
      // Before the service, which has to know Grafana.
      await programs.startAll();
      if (signal.aborted) return;
      service = await startService({ ...config, ...programs.grafana }, log);
      await service.prepared;
      const { url } = service;
      const colour = process.stdout.isTTY === true;
      print(await introduction({ url, tenants, tokens, accepted, colour }));
      if (options.live) live = this.live(service, tokens, until);
      const api = new DemoApi(url, tokens.admin.get(options.tenant)!);
      await this.publish(api, programs.grafana);
      await this.show('Export', () => makeExport(api, signal));
      if (signal.aborted) return;
      if (mailbox !== undefined) print([place('Mailbox', mailbox.url)]);
      print([...programs.places, ...this.places]);
      print([options.live ? 'Generating live traffic. Press Ctrl-C to stop.' : 'Press Ctrl-C to stop.']);
      await aborted(signal);
    } finally {
      print(['', 'Stopping …']);
      await programs.stop();
      await live;
      await service?.stop();
    }
  }

  private async publish(api: DemoApi, grafana: GrafanaSettings | undefined): Promise<void> {
    await this.show('Dashboard', async () => {
      const id = await ensureDashboard(api);
      if (grafana === undefined) return 'created, but not published, because the demo runs no Grafana';
      return publishDashboard(api, id);
    });
  }

  /** If it fails, its place says why. */
  private async show(name: string, work: () => Promise<string>): Promise<void> {
    const { signal, log } = this.session;
    if (signal.aborted) return;
    try {
      this.places.push(place(name, await work()));
    } catch (error) {
      if (signal.aborted) return;
      warn(log, name, error);
      this.places.push(place(name, `failed: ${messageOf(error)}`));
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
