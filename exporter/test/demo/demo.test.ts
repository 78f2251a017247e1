import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, type Outcome } from '../cli/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { describeWith } from '../support/optional.js';

let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'agentidp-demo-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

interface Demo {
  outcome: Outcome;
  /** URL of the exporter. */
  url: string;
  token: string;
  /** The output up to the call of `questions`. */
  stdout: string;
}

/** Runs the demo until it is ready, calls `questions`, and then interrupts it like Ctrl-C. */
async function demo(
  args: readonly string[],
  questions: (demo: Omit<Demo, 'outcome'>) => Promise<void> = async () => undefined,
): Promise<Demo> {
  let asked: Promise<void> | undefined;
  let said: Omit<Demo, 'outcome'> | undefined;
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: 'warn',
    ROLLUP_INTERVAL_SECONDS: '1',
  };
  const outcome = await runCli(['demo', '--days', '4', '--no-grafana', ...args], env, (stdout) => {
    if (asked !== undefined || !stdout.includes('Press Ctrl-C to stop')) return;
    said = { url: /^Exporter +(\S+)$/m.exec(stdout)![1]!, token: /TOKEN=(\S+)/.exec(stdout)![1]!, stdout };
    asked = questions(said).finally(() => process.emit('SIGINT'));
  });
  await asked;
  if (said === undefined) throw new Error(`the demo did not start: ${outcome.stderr}`);
  return { outcome, ...said };
}

const countEvents = async (): Promise<number> =>
  (await database.pool.query<{ count: number }>('SELECT count(*) FROM usage_events')).rows[0]!.count;

describe('the demo', () => {
  let first: Demo;
  let seen: { summary: { totalApiCalls: number; activeAgentCount: number } };
  let downloaded: string;

  beforeAll(async () => {
    first = await demo(['--no-prometheus', '--no-live'], async ({ url, token, stdout }) => {
      const answer = await fetch(`${url}/api/v1/analytics/usage-summary`, {
        headers: { authorization: `Bearer ${token}` },
      });
      seen = (await answer.json()) as typeof seen;
      downloaded = await (await fetch(/^Export +(\S+)$/m.exec(stdout)![1]!)).text();
    });
  }, 600_000);

  it('prints the summary, the heatmap, URLs and example requests', () => {
    const { stdout, stderr, exitCode } = first.outcome;
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout).toMatch(/^Tenant "demo", /m);
    expect(stdout).toMatch(/^ {2}API calls +[\d,]{6,}$/m);
    expect(stdout).toMatch(/^ {2}Active agents +25$/m);
    expect(stdout).toMatch(/^ {2}Executions +[\d,]{3,}, [89]\d\.\d % of finished executions succeeded$/m);
    expect(stdout).toMatch(/^ {2}Cost +\$\d+\.\d\d, excluding \d+ unpriced executions$/m);
    expect(stdout).toMatch(/^ {2}Budgets +.*exceeded \(1\d\d %\)/m);
    expect(stdout).toContain('Tenant "neighbour" has');
    expect(stdout).toMatch(/^ {2}(Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*[░▒▓█]/m);
    expect(stdout.match(/^ {2}curl -s .*$/gm)).toHaveLength(5);
    expect(stdout).toMatch(/^API docs +http:.*\/docs$/m);
  });

  it('accepts the token that it prints', () => {
    expect(seen.summary).toMatchObject({ activeAgentCount: 25 });
    expect(first.outcome.stdout).toContain(seen.summary.totalApiCalls.toLocaleString('en-US'));
  });

  it('prints a link that downloads its executions without a token', () => {
    const [header, first] = downloaded.split('\n');
    expect(header).toMatch(/^id,started_at,completed_at,status,agent_id,/);
    expect(first).toMatch(/success|failure|timeout|blocked/);
  });

  it('says that without Grafana its dashboard was not published', () => {
    expect(first.outcome.stdout).toMatch(/^Dashboard +created, but not published, because .* no Grafana$/m);
  });

  it('stops everything on Ctrl-C', async () => {
    await expect(fetch(`${first.url}/health/live`)).rejects.toThrow();
  });

  it('creates no duplicates in a second run with live traffic', async () => {
    const before = await countEvents();
    await demo(['--no-prometheus'], async () => {
      const { count } = (await database.pool.query<{ count: number }>('SELECT count(*) FROM usage_events'))
        .rows[0]!;
      for (let i = 0; i < 600 && (await countEvents()) === count; i += 1)
        await new Promise((done) => setTimeout(done, 100));
      expect(await countEvents()).toBeGreaterThan(count);
    });
    const live = await countEvents();
    expect(live).toBeGreaterThan(before);
    // The third run only adds the time since the second one.
    const { outcome } = await demo(['--no-prometheus', '--no-live']);
    const added = Number(/\(([\d,]+) new events in this run/.exec(outcome.stdout)![1]!.replaceAll(',', ''));
    expect(await countEvents()).toBe(live + added);
  }, 600_000);

  it('rejects a port that is in use, in one line', async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const port = String((server.address() as { port: number }).port);
    const env = { DATABASE_URL: database.url, DATA_DIR: dataDir };
    const { stderr, exitCode } = await runCli(['demo', '--port', port], env);
    await new Promise((closed) => server.close(closed));
    expect([stderr, exitCode]).toEqual([`agentidp-analytics: --port: ${port} is already in use\n`, 1]);
  });

  it('rejects an invalid GRAFANA_HOME before anything else', async () => {
    const { stdout, stderr, exitCode } = await runCli(['demo'], {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      GRAFANA_HOME: dataDir,
    });
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toMatch(
      /^agentidp-analytics: GRAFANA_HOME: must be a directory with bin\/grafana, conf and public/,
    );
  });
});

describeWith('prometheus', 'the demo with Prometheus', () => {
  it('scrapes service and tenant metrics, and evaluates the rules', async () => {
    interface Target {
      labels: { job: string };
      health: string;
      lastError: string;
    }
    let targets: Target[] = [];
    let rules: { type: string }[] = [];
    await demo(['--no-live'], async ({ stdout }) => {
      const url = /^Prometheus +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(stdout)![1]!;
      const ask = async <T>(path: string): Promise<T> =>
        ((await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: T }).data;
      for (let i = 0; i < 500; i += 1) {
        targets = (await ask<{ activeTargets: Target[] }>('targets')).activeTargets;
        if (targets.length > 0 && targets.every(({ health }) => health !== 'unknown')) break;
        await new Promise((done) => setTimeout(done, 200));
      }
      rules = (await ask<{ groups: { rules: { type: string }[] }[] }>('rules')).groups.flatMap(
        (group) => group.rules,
      );
    });
    expect(targets.map(({ labels, health, lastError }) => [labels.job, health, lastError]).sort()).toEqual([
      ['agentidp', 'up', ''],
      ['agentidp-tenants', 'up', ''],
      ['prometheus', 'up', ''],
    ]);
    expect(rules.filter(({ type }) => type === 'alerting').length).toBeGreaterThan(5);
  }, 600_000);
});
