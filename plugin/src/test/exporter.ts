/** A real exporter in a separate process, behind a stand-in for Grafana's data proxy. */
import { setBackendSrv, type BackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Observable } from 'rxjs';
import { PROXY } from './backend';

export const REPOSITORY = resolve(__dirname, '../../..');
const CLI = join(REPOSITORY, 'exporter/bin/agentidp-analytics.js');

export class RealExporter {
  private readonly folder = mkdtempSync(join(tmpdir(), 'agentidp-frames-'));
  private readonly env: NodeJS.ProcessEnv;
  private process?: ChildProcess;
  private url = '';

  /** @param settings environment variables of the exporter */
  constructor(settings: Record<string, string> = {}) {
    this.env = {
      PATH: process.env.PATH,
      DATA_DIR: join(this.folder, 'data'),
      AUTH_JWT_SECRET: 'a secret of the tests that is long enough',
      PORT: '0',
      ...settings,
    };
  }

  /** Runs a command and returns its output. */
  run(...args: string[]): string {
    return execFileSync(process.execPath, [CLI, ...args], {
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  token(tenant: string, scope: string): string {
    return this.run('token', '--tenant', tenant, '--scope', scope).trim();
  }

  /** Starts the server, and forwards the plugin's requests to it with a token that can read. */
  async serve(tenant: string): Promise<void> {
    this.process = spawn(process.execPath, [CLI, 'serve'], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.url = await urlOf(this.process);
    setBackendSrv(forwardTo(this.url, this.token(tenant, 'analytics:read')));
  }

  /** Sends JSON and throws unless the request succeeds. @param path from the root */
  async send(method: string, path: string, token: string, body: unknown): Promise<unknown> {
    const { status, data } = await ask(this.url + path, method, token, body);
    if (status === undefined || status >= 300) {
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(data)}`);
    }
    return data;
  }

  async stop(): Promise<void> {
    if (this.process) {
      const ended = new Promise((done) => this.process?.once('exit', done));
      this.process.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The URL from the server's log. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const url = /"url":"(http:[^"]+)"/.exec(output)?.[1];
      if (url !== undefined) {
        found(url);
      }
    });
    child.once('exit', (code) => failed(new Error(`the exporter ended with ${code}: ${output}`)));
  });
}

/** Forwards the plugin's requests like Grafana's data proxy. */
function forwardTo(url: string, token: string): BackendSrv {
  const fetch = ({ method = 'GET', url: path, data, params }: BackendSrvRequest) =>
    new Observable((subscriber) => {
      const target = url + path.replace(`${PROXY}/token`, '').replace(PROXY, '') + searchOf(params);
      ask(target, method, token, data).then(
        (answer) => {
          if (answer.status === 200) {
            subscriber.next(answer);
            subscriber.complete();
          } else {
            subscriber.error({ ...answer, config: {} });
          }
        },
        (error) => subscriber.error(error),
      );
    });
  return { fetch } as unknown as BackendSrv;
}

/** Parameters with several values are repeated, as in Grafana. */
function searchOf(params: Record<string, unknown> = {}): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value]
      .flat()
      .flatMap((one): Array<[string, string]> => (one === undefined ? [] : [[name, String(one)]])),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

function ask(
  url: string,
  method: string,
  token: string,
  data: unknown,
): Promise<{ status?: number; data: unknown }> {
  return new Promise((answered, failed) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = httpRequest(url, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        answered({ status: response.statusCode, data: body === '' ? undefined : JSON.parse(body) }),
      );
    });
    sent.on('error', failed);
    sent.end(data === undefined ? undefined : JSON.stringify(data));
  });
}
