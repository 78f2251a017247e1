/** A Grafana with the plugin, the data sources and the dashboards, on loopback and with nothing sent to the internet. */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../errors.js';
import { endLeftover, findProgram, isExecutable, portOr, Program } from './programs.js';

const PLUGIN_ID = 'agentidp-analytics-datasource';
const HOME_DASHBOARD = 'agentidp-agent-activity';
const PREFERRED_PORT = 3000;
const START_MS = 180_000;

export interface GrafanaInstallation {
  binary: string;
  /** Folder with conf/ and public/. */
  home: string;
}

/**
 * GRAFANA_HOME, or the `grafana` on the PATH.
 * @throws ConfigError when GRAFANA_HOME holds none
 */
export function findGrafana(env: NodeJS.ProcessEnv = process.env): GrafanaInstallation | undefined {
  if (env.GRAFANA_HOME !== undefined && env.GRAFANA_HOME !== '') {
    const binary = join(env.GRAFANA_HOME, 'bin', 'grafana');
    if (!isExecutable(binary) || !isHome(env.GRAFANA_HOME)) {
      throw new ConfigError(
        'GRAFANA_HOME',
        `must be a folder with bin/grafana, conf and public, not "${env.GRAFANA_HOME}"`,
      );
    }
    return { binary, home: env.GRAFANA_HOME };
  }
  const binary = findProgram('grafana', env.PATH);
  if (binary === undefined) return undefined;
  const prefix = dirname(dirname(realpathSync(binary)));
  const home = [prefix, join(prefix, 'share', 'grafana'), '/usr/share/grafana'].find(isHome);
  return home === undefined ? undefined : { binary, home };
}

const isHome = (folder: string): boolean =>
  existsSync(join(folder, 'conf', 'defaults.ini')) && existsSync(join(folder, 'public'));

/** Builds the plugin where its bundle is missing or older than a source. @throws when the build fails */
export async function ensurePlugin(root: string, logFile: string, onBuild: () => void): Promise<void> {
  const plugin = join(root, 'plugin');
  const bundle = join(plugin, 'dist', 'module.js');
  const sources = ['src', '.config', 'package.json', 'README.md', 'CHANGELOG.md'].map((name) =>
    join(plugin, name),
  );
  if (existsSync(bundle) && Math.max(...sources.map(newest)) <= statSync(bundle).mtimeMs) return;
  onBuild();
  const build = Program.start({
    name: 'the build of the plugin',
    command: 'npm',
    args: ['run', 'build', '-w', 'plugin'],
    cwd: root,
    logFile,
  });
  const outcome = await build.wait();
  if (outcome !== 'exit code 0')
    throw new Error(`the plugin could not be built (${outcome}); see ${logFile}`);
}

/** Time of the last change in a folder, or of a file; milliseconds, 0 where there is none. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

export interface GrafanaOptions {
  installation: GrafanaInstallation;
  /** The repository. */
  root: string;
  /** Folder for its database, plugins and logs. */
  dir: string;
  analyticsUrl: string;
  /** May only read: every viewer asks with it. */
  analyticsToken: string;
  prometheusUrl: string;
  adminPassword: string;
  signal: AbortSignal;
}

export interface RunningProgram {
  url: string;
  stop: () => Promise<void>;
}

export async function startGrafana(options: GrafanaOptions): Promise<RunningProgram> {
  const { installation, root, dir, signal } = options;
  const plugins = join(dir, 'plugins');
  mkdirSync(plugins, { recursive: true });
  const link = join(plugins, PLUGIN_ID);
  rmSync(link, { force: true, recursive: true });
  symlinkSync(join(root, 'plugin', 'dist'), link, 'dir');
  const pidFile = join(dir, 'grafana.pid');
  await endLeftover(pidFile);
  const port = await portOr(PREFERRED_PORT);
  const program = Program.start({
    name: 'Grafana',
    command: installation.binary,
    args: ['server', '--homepath', installation.home],
    cwd: dir,
    env: { ...withoutGrafana(process.env), ...environment(options, plugins, port) },
    logFile: join(dir, 'grafana.log'),
    pidFile,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await program.answers(`${url}/api/health`, START_MS, signal);
    // Ready only when the data sources and dashboards are in, which comes after the server.
    await program.answers(`${url}/api/dashboards/uid/${HOME_DASHBOARD}`, START_MS, signal);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url: `${url}/d/${HOME_DASHBOARD}`, stop: () => program.stop() };
}

/** Settings that the user's shell has for another Grafana stay out. */
function withoutGrafana(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GF_')));
}

function environment(options: GrafanaOptions, plugins: string, port: number): Record<string, string> {
  const { root, dir } = options;
  const provisioning = join(root, 'provisioning', 'grafana');
  return {
    AGENTIDP_ANALYTICS_URL: options.analyticsUrl,
    AGENTIDP_ANALYTICS_TOKEN: options.analyticsToken,
    AGENTIDP_DASHBOARDS_PATH: join(provisioning, 'dashboards'),
    PROMETHEUS_URL: options.prometheusUrl,
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_SERVER_HTTP_PORT: String(port),
    GF_PATHS_DATA: join(dir, 'data'),
    GF_PATHS_LOGS: join(dir, 'logs'),
    GF_PATHS_PLUGINS: plugins,
    GF_PATHS_PROVISIONING: join(provisioning, 'provisioning'),
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: PLUGIN_ID,
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(provisioning, 'dashboards', 'agent-activity.json'),
    GF_SECURITY_ADMIN_PASSWORD: options.adminPassword,
    GF_SECURITY_DISABLE_GRAVATAR: 'true',
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
  };
}
