import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../src/errors.js';
import { ensurePlugin, findGrafana, startGrafana } from '../../src/demo/grafana.js';

let dir: string;
let root: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'agentidp-grafana-')));
  root = join(dir, 'repository');
  mkdirSync(join(root, 'plugin', 'src'), { recursive: true });
  mkdirSync(join(root, 'plugin', 'dist'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A stand-in that responds like a Grafana that is ready, and stores its arguments and environment in a file. */
const STAND_IN = `#!${process.execPath}
const { GF_SERVER_HTTP_PORT: port, GF_SERVER_HTTP_ADDR: host, GF_PATHS_DATA: data } = process.env;
require('node:fs').mkdirSync(data, { recursive: true });
require('node:fs').writeFileSync(data + '/started.json', JSON.stringify({ args: process.argv.slice(2), env: process.env }));
require('node:http').createServer((request, response) => {
  response.statusCode = ['/api/health', '/api/dashboards/uid/agentidp-agent-activity'].includes(request.url) ? 200 : 404;
  response.end();
}).listen(Number(port), host);
`;

/** A directory with the layout of Grafana's archives. */
function installation(at: string): string {
  for (const folder of ['bin', 'conf', 'public']) mkdirSync(join(at, folder), { recursive: true });
  writeFileSync(join(at, 'conf', 'defaults.ini'), '');
  writeFileSync(join(at, 'bin', 'grafana'), STAND_IN);
  chmodSync(join(at, 'bin', 'grafana'), 0o755);
  return at;
}

describe('finding Grafana', () => {
  it('uses GRAFANA_HOME', () => {
    const home = installation(join(dir, 'grafana'));
    expect(findGrafana({ GRAFANA_HOME: home })).toEqual({ binary: join(home, 'bin', 'grafana'), home });
  });

  it('rejects a GRAFANA_HOME without Grafana, and names the setting', () => {
    expect(() => findGrafana({ GRAFANA_HOME: dir })).toThrow(ConfigError);
    expect(() => findGrafana({ GRAFANA_HOME: dir })).toThrow(/^GRAFANA_HOME: /);
  });

  it('uses the one on the PATH, with the home that its link points into', () => {
    const home = installation(join(dir, 'grafana'));
    mkdirSync(join(dir, 'bin'));
    symlinkSync(join(home, 'bin', 'grafana'), join(dir, 'bin', 'grafana'));
    expect(findGrafana({ PATH: join(dir, 'bin') })).toEqual({ binary: join(dir, 'bin', 'grafana'), home });
  });

  it('uses one that a package has installed, with its files under share', () => {
    const share = installation(join(dir, 'usr', 'share', 'grafana'));
    mkdirSync(join(dir, 'usr', 'bin'));
    writeFileSync(join(dir, 'usr', 'bin', 'grafana'), STAND_IN, { mode: 0o755 });
    expect(findGrafana({ PATH: join(dir, 'usr', 'bin') })?.home).toBe(share);
  });

  it('returns undefined without one', () => {
    expect(findGrafana({ PATH: dir, GRAFANA_HOME: '' })).toBeUndefined();
  });
});

describe('the plugin', () => {
  const age = (path: string, seconds: number): void => {
    const time = Date.now() / 1000 - seconds;
    utimesSync(path, time, time);
  };

  it('is built only if a source file is newer than its bundle', async () => {
    const bundle = join(root, 'plugin', 'dist', 'module.js');
    const source = join(root, 'plugin', 'src', 'module.ts');
    writeFileSync(source, '');
    const scripts = { build: `node -e "require('fs').writeFileSync('dist/module.js', '')"` };
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ name: 'root', private: true, workspaces: ['plugin'] }),
    );
    writeFileSync(
      join(root, 'plugin', 'package.json'),
      JSON.stringify({ name: 'p', version: '1.0.0', scripts }),
    );
    let builds = 0;
    const ensure = (): Promise<void> => ensurePlugin(root, join(dir, 'build.log'), () => void (builds += 1));
    await ensure();
    expect([builds, existsSync(bundle)]).toEqual([1, true]);
    for (const path of [source, join(root, 'plugin', 'src'), join(root, 'plugin', 'package.json')])
      age(path, 60);
    await ensure();
    expect(builds).toBe(1);
    age(bundle, 120);
    await ensure();
    expect(builds).toBe(2);
  }, 600_000);

  it('causes an error that names the log if it cannot be built', async () => {
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ name: 'root', private: true, workspaces: ['plugin'] }),
    );
    writeFileSync(
      join(root, 'plugin', 'package.json'),
      JSON.stringify({ name: 'p', version: '1.0.0', scripts: { build: 'exit 3' } }),
    );
    const log = join(dir, 'build.log');
    await expect(ensurePlugin(root, log, () => undefined)).rejects.toThrow(
      `the plugin could not be built (exit code 3); see ${log}`,
    );
  }, 600_000);
});

describe('starting Grafana', () => {
  it('provisions everything, on loopback, with the plugin, and without settings of another Grafana', async () => {
    const home = installation(join(dir, 'grafana'));
    const work = join(dir, 'work');
    process.env.GF_AUTH_DISABLE_LOGIN_FORM = 'true';
    const grafana = await startGrafana({
      installation: { binary: join(home, 'bin', 'grafana'), home },
      root,
      dir: work,
      analyticsUrl: 'http://127.0.0.1:3001',
      analyticsToken: 'token',
      prometheusUrl: 'http://127.0.0.1:9090',
      adminPassword: 'password',
      signal: new AbortController().signal,
    }).finally(() => delete process.env.GF_AUTH_DISABLE_LOGIN_FORM);
    try {
      expect(grafana.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/d\/agentidp-agent-activity$/);
      const { args, env } = JSON.parse(readFileSync(join(work, 'data', 'started.json'), 'utf8')) as {
        args: string[];
        env: Record<string, string>;
      };
      expect(args).toEqual(['server', '--homepath', home]);
      expect(env).toMatchObject({
        AGENTIDP_ANALYTICS_URL: 'http://127.0.0.1:3001',
        AGENTIDP_ANALYTICS_TOKEN: 'token',
        AGENTIDP_DASHBOARDS_PATH: join(root, 'provisioning/grafana/dashboards'),
        PROMETHEUS_URL: 'http://127.0.0.1:9090',
        GF_SERVER_HTTP_ADDR: '127.0.0.1',
        GF_PATHS_PROVISIONING: join(root, 'provisioning/grafana/provisioning'),
        GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: 'agentidp-analytics-datasource',
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      });
      expect(env).not.toHaveProperty('GF_AUTH_DISABLE_LOGIN_FORM');
      const plugin = join(env.GF_PATHS_PLUGINS!, 'agentidp-analytics-datasource');
      expect([lstatSync(plugin).isSymbolicLink(), realpathSync(plugin)]).toEqual([
        true,
        join(root, 'plugin', 'dist'),
      ]);
    } finally {
      await grafana.stop();
    }
    await expect(fetch(grafana.url)).rejects.toThrow();
  });
});
