/** Starts a Grafana with the plugin, data sources and dashboards, on loopback and without requests to the internet. */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ANALYTICS_PLUGIN_ID, DASHBOARD_UID } from 'agentidp-analytics-panels/names';
import { ConfigError } from '../errors.js';
import { stopLeftover, findProgram, isExecutable, freePort, Program } from './programs.js';

const HOME_DASHBOARD = DASHBOARD_UID.agentActivity;
const PREFERRED_PORT = 3000;
const START_MS = 180_000;

export interface GrafanaInstallation {
  binary: string;
  /** Directory with conf/ and public/. */
  home: string;
}

/**
 * Looks for Grafana in GRAFANA_HOME or, if that is not set, on the PATH.
 * @throws ConfigError if GRAFANA_HOME is not a Grafana installation
 */
export function findGrafana(env: NodeJS.ProcessEnv = process.env): GrafanaInstallation | undefined {
  if (env.GRAFANA_HOME !== undefined && env.GRAFANA_HOME !== '') {
    const binary = join(env.GRAFANA_HOME, 'bin', 'grafana');
    if (!isExecutable(binary) || !isHome(env.GRAFANA_HOME)) {
      throw new ConfigError(
        'GRAFANA_HOME',
        `must be a directory with bin/grafana, conf and public, not "${env.GRAFANA_HOME}"`,
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

const isHome = (dir: string): boolean =>
  existsSync(join(dir, 'conf', 'defaults.ini')) && existsSync(join(dir, 'public'));

/** Builds the plugin if its bundle is missing or older than its sources. @throws if the build fails */
export async function ensurePlugin(root: string, logFile: string, onBuild: () => void): Promise<void> {
  const plugin = join(root, 'plugin');
  const bundle = join(plugin, 'dist', 'module.js');
  const sources = [
    ...['src', '.config', 'package.json', 'README.md', 'CHANGELOG.md'].map((name) => join(plugin, name)),
    join(root, 'provisioning/grafana/dashboards'),
  ];
  if (existsSync(bundle) && Math.max(...sources.map(modifiedAt)) <= statSync(bundle).mtimeMs) return;
  onBuild();
  const build = Program.start({
    name: 'plugin build',
    command: 'npm',
    args: ['run', 'build', '-w', 'plugin'],
    cwd: root,
    logFile,
  });
  const outcome = await build.wait();
  if (outcome !== 'exit code 0')
    throw new Error(`the plugin could not be built (${outcome}); see ${logFile}`);
}

/** Modification time of a file, or of the newest file in a directory, in milliseconds; 0 if there is none. */
function modifiedAt(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => modifiedAt(join(path, name))));
}

export interface GrafanaOptions {
  installation: GrafanaInstallation;
  /** The repository. */
  root: string;
  /** Directory for its database, plugins and logs. */
  dir: string;
  analyticsUrl: string;
  /** Read-only, because every viewer can send requests with it. */
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
  const link = join(plugins, ANALYTICS_PLUGIN_ID);
  rmSync(link, { force: true, recursive: true });
  symlinkSync(join(root, 'plugin', 'dist'), link, 'dir');
  const pidFile = join(dir, 'grafana.pid');
  await stopLeftover(pidFile);
  const port = await freePort(PREFERRED_PORT);
  const program = Program.start({
    name: 'Grafana',
    command: installation.binary,
    args: ['server', '--homepath', installation.home],
    cwd: dir,
    env: { ...withoutGrafanaSettings(process.env), ...environment(options, plugins, port) },
    logFile: join(dir, 'grafana.log'),
    pidFile,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await program.waitForUrl(`${url}/api/health`, START_MS, signal);
    // The server responds before data sources and dashboards are provisioned, so wait for a dashboard as well.
    await program.waitForUrl(`${url}/api/dashboards/uid/${HOME_DASHBOARD}`, START_MS, signal);
  } catch (error) {
    await program.stop();
    throw error;
  }
  return { url: `${url}/d/${HOME_DASHBOARD}`, stop: () => program.stop() };
}

/** Removes settings that the user's shell has for another Grafana. */
function withoutGrafanaSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
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
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: ANALYTICS_PLUGIN_ID,
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
