/**
 * The frames that panels draw, from a real exporter with the log of a real web server imported: its known sums. The log
 * lies beside the repository where it is there at all.
 */
import { FieldType, type DataFrame } from '@grafana/data';
import { setBackendSrv, type BackendSrv, type BackendSrvRequest } from '@grafana/runtime';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Observable } from 'rxjs';
import { PROXY } from './test/backend';
import { datasource, query, run } from './test/requests';
import { fakeTemplates } from './test/templates';

const REPOSITORY = resolve(__dirname, '../..');
const LOG = resolve(REPOSITORY, '../shared/data/access.log');
const CLI = join(REPOSITORY, 'exporter/bin/agentidp-analytics.js');
const RANGE = { from: '2015-05-17T00:00:00Z', to: '2015-05-21T00:00:00Z' };

const describeReal = existsSync(LOG) ? describe : describe.skip;
if (!existsSync(LOG)) {
  process.stderr.write(`Skipped: "frames of the log of a real web server", because ${LOG} is not there\n`);
}

describeReal('frames of the log of a real web server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentidp-frames-'));
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: join(folder, 'data'),
    AUTH_JWT_SECRET: 'a secret of the tests, long enough',
    RETENTION_DAYS: '5000',
    PORT: '0',
  };
  let exporter: ChildProcess;

  beforeAll(async () => {
    const cli = (...args: string[]): string =>
      execFileSync(process.execPath, [CLI, ...args], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    expect(cli('import', 'access-log', LOG, '--tenant', 'real')).toContain('10,000 accepted');
    const token = cli('token', '--tenant', 'real', '--scope', 'analytics:read').trim();
    exporter = spawn(process.execPath, [CLI, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    setBackendSrv(forwardTo(await urlOf(exporter), token));
    fakeTemplates();
  }, 120_000);

  afterAll(async () => {
    const ended = new Promise((done) => exporter.once('exit', done));
    exporter.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const frameOf = async (asked: Parameters<typeof query>[0]): Promise<DataFrame> => {
    const { data, errors } = await run(datasource(), [query(asked)], RANGE);
    expect(errors).toBeUndefined();
    return data[0] as DataFrame;
  };
  const valuesOf = (frame: DataFrame, type: FieldType): unknown[] =>
    frame.fields.find((field) => field.type === type)!.values;

  it('has the calls of each day as a time series', async () => {
    const frame = await frameOf({ metric: 'api_calls', interval: 'day', format: 'timeseries' });
    expect(valuesOf(frame, FieldType.number)).toEqual([1632, 2893, 2896, 2579]);
    expect(valuesOf(frame, FieldType.time)).toEqual([17, 18, 19, 20].map((day) => Date.UTC(2015, 4, day)));
  });

  it('has the status codes as a table', async () => {
    const frame = await frameOf({
      metric: 'api_calls',
      groupBy: ['statusCode'],
      interval: 'none',
      format: 'table',
    });
    const [codes, calls] = frame.fields.map(({ values }) => values as number[]);
    expect(Object.fromEntries(codes!.map((code, i) => [code, calls![i]]))).toEqual({
      200: 9126,
      304: 445,
      404: 213,
      301: 164,
      206: 45,
      500: 3,
      416: 2,
      403: 2,
    });
  });
});

/** Where it listens, as its log says. */
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

/** What Grafana's data proxy does with a request of the plugin. */
function forwardTo(url: string, token: string): BackendSrv {
  const fetch = ({ method = 'GET', url: path, data, params }: BackendSrvRequest) =>
    new Observable((subscriber) => {
      const search = params === undefined ? '' : `?${new URLSearchParams(params)}`;
      const target = url + path.replace(`${PROXY}/token`, '').replace(PROXY, '') + search;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = httpRequest(target, { method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          const answer = { status: response.statusCode, data: JSON.parse(body) };
          if (response.statusCode === 200) {
            subscriber.next(answer);
            subscriber.complete();
          } else {
            subscriber.error(answer);
          }
        });
      });
      sent.on('error', (error) => subscriber.error(error));
      sent.end(data === undefined ? undefined : JSON.stringify(data));
    });
  return { fetch } as unknown as BackendSrv;
}
