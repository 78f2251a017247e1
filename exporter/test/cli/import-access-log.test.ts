import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rowsOf, testApp, type TestApp } from '../support/app.js';
import { type Outcome, runCli } from './run-cli.js';

/** 10,000 requests of a real web server. The file is optional and not part of the repository. */
const REAL_LOG = fileURLToPath(new URL('../../../../shared/data/access.log', import.meta.url));
const NOW = Date.now();
const PERIOD = 'from=2015-05-17&to=2015-05-20';

interface Summary {
  summary: { totalApiCalls: number; activeAgentCount: number; peakDailyApiCalls: number; peakDate: string };
}
interface Patterns {
  endpoints: { endpoint: string; calls: number; errors: number; share: number }[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

let t: TestApp;
let folder: string;
const env = () => ({ DATABASE_URL: t.database.url, RETENTION_DAYS: '5000' });

beforeAll(async () => {
  t = await testApp({ now: new Date(NOW).toISOString(), env: { RETENTION_DAYS: '5000' } });
  folder = mkdtempSync(join(tmpdir(), 'agentidp-import-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await t.close();
});

function importLog(file: string, ...args: string[]): Promise<Outcome> {
  return runCli(['import', 'access-log', file, ...args], env());
}

function logFile(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const line = (second: number, { user = '-', request = 'GET /v1/orders', status = 200 } = {}): string =>
  `192.0.2.1 - ${user} [17/May/2015:10:05:${String(second).padStart(2, '0')} +0000] "${request}" ${status} 512 "-" "curl/8"`;

const describeRealLog = existsSync(REAL_LOG) ? describe : describe.skip;
if (!existsSync(REAL_LOG))
  process.stderr.write(`Skipped: "the log of a real web server", because ${REAL_LOG} is not there\n`);

describeRealLog('the log of a real web server', () => {
  let first: Outcome;

  beforeAll(async () => {
    first = await importLog(REAL_LOG, '--tenant', 'real');
  }, 600_000);

  it('is imported completely', () => {
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(
      /^10,000 lines: 10,000 accepted, 0 duplicates, 0 rejected, 0 broken; [\d,]+ aggregate rows written\.\n$/,
    );
  });

  it('adds up to the same daily totals in the usage summary and in a query', async () => {
    const { summary } = await t.read<Summary>(`usage-summary?${PERIOD}`, 'real');
    expect(summary).toMatchObject({ totalApiCalls: 10_000, peakDailyApiCalls: 2896, peakDate: '2015-05-19' });
    const { A } = await t.query('real', {
      range: { from: '2015-05-17T00:00:00Z', to: '2015-05-21T00:00:00Z' },
      queries: [{ refId: 'A', metric: 'api_calls', groupBy: [], filters: [], interval: 'day' }],
    });
    expect(rowsOf(A!).map(({ value }) => value)).toEqual([1632, 2893, 2896, 2579]);
  });

  it('has the right status codes', async () => {
    const { A } = await t.query('real', {
      range: { from: '2015-05-17T00:00:00Z', to: '2015-05-21T00:00:00Z' },
      queries: [{ refId: 'A', metric: 'api_calls', groupBy: ['statusCode'], filters: [], interval: 'none' }],
    });
    const counts = Object.fromEntries(rowsOf(A!).map(({ statusCode, value }) => [statusCode, value]));
    expect(counts).toEqual({ 200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 416: 2, 403: 2 });
  });

  it('has all calls and errors in the call patterns', async () => {
    const { endpoints } = await t.read<Patterns>(`call-patterns?${PERIOD}&limit=1001`, 'real');
    expect(sum(endpoints.map(({ calls }) => calls))).toBe(10_000);
    expect(sum(endpoints.map(({ errors }) => errors))).toBe(213 + 3 + 2 + 2);
    expect(sum(endpoints.map(({ share }) => share))).toBeCloseTo(100);
  });

  it('creates no duplicates when it is imported again', async () => {
    const again = await importLog(REAL_LOG, '--tenant', 'real');
    expect(again.stdout).toMatch(
      /^10,000 lines: 0 accepted, 10,000 duplicates, 0 rejected, 0 broken; 0 aggregate rows written\.\n$/,
    );
    const { summary } = await t.read<Summary>(`usage-summary?${PERIOD}`, 'real');
    expect(summary.totalApiCalls).toBe(10_000);
  });

  it('has an agent for each of the 1,753 addresses with --agent-from address, also if compressed', async () => {
    const packed = join(folder, 'access.log.gz');
    writeFileSync(packed, gzipSync(readFileSync(REAL_LOG)));
    await importLog(packed, '--tenant', 'addresses', '--agent-from', 'address');
    const { summary } = await t.read<Summary>(`usage-summary?${PERIOD}`, 'addresses');
    expect(summary).toMatchObject({ totalApiCalls: 10_000, activeAgentCount: 1753 });
  }, 600_000);
});

describe('import access-log', () => {
  it('names the agent after the user', async () => {
    const file = logFile('users.log', [
      line(1, { user: 'billing-bot' }),
      line(2, { user: 'billing-bot' }),
      line(3),
    ]);
    await importLog(file, '--tenant', 'users');
    const { agents } = await t.read<{ agents: object[] }>(`agent-activity?${PERIOD}`, 'users');
    expect(agents).toEqual([
      {
        agentId: 'billing-bot',
        agentName: null,
        dailyActivity: [{ date: '2015-05-17', apiCalls: 2, tokenIssuances: 0, credentialRotations: 0 }],
      },
    ]);
    const { summary } = await t.read<Summary>(`usage-summary?${PERIOD}`, 'users');
    expect(summary.totalApiCalls).toBe(3);
  });

  it('replaces the agents of lines that are imported again with another --agent-from', async () => {
    const file = logFile('again.log', [line(1), line(1), line(2, { user: 'bot' })]);
    await importLog(file, '--tenant', 'again');
    const again = await importLog(file, '--tenant', 'again', '--agent-from', 'address');
    expect(again.stdout).toContain('3 lines: 3 accepted, 0 duplicates');
    const { agents } = await t.read<{ agents: object[] }>(`agent-activity?${PERIOD}`, 'again');
    expect(agents).toMatchObject([{ agentId: '192.0.2.1', dailyActivity: [{ apiCalls: 3 }] }]);
    const third = await importLog(file, '--tenant', 'again', '--agent-from', 'address');
    expect(third.stdout).toContain('3 lines: 0 accepted, 3 duplicates');
  });

  it('keeps the agents of before where the new ones cannot be written', async () => {
    const file = logFile('kept.log', [line(1), line(2, { user: 'bot' })]);
    await importLog(file, '--tenant', 'kept');
    await t.pool.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stopped'; END $$`,
    );
    await t.pool.query(
      `CREATE TRIGGER refuse BEFORE INSERT ON usage_events FOR EACH ROW WHEN (NEW.tenant_id = 'kept') EXECUTE FUNCTION refuse()`,
    );
    const stopped = await importLog(file, '--tenant', 'kept', '--agent-from', 'address');
    await t.pool.query('DROP FUNCTION refuse CASCADE');
    expect(stopped.exitCode).toBe(1);
    const stored = await t.pool.query(
      `SELECT agent_id FROM usage_events WHERE tenant_id = 'kept' ORDER BY 1`,
    );
    expect(stored.rows).toEqual([{ agent_id: 'bot' }, { agent_id: null }]);
    const again = await importLog(file, '--tenant', 'kept', '--agent-from', 'address');
    expect(again.stdout).toContain('2 lines: 2 accepted, 0 duplicates');
    const { summary } = await t.read<Summary>(`usage-summary?${PERIOD}`, 'kept');
    expect(summary).toMatchObject({ totalApiCalls: 2, activeAgentCount: 1 });
  });

  it('--dry-run shows what would be made of the first lines, and writes nothing', async () => {
    const lines = ['no log line', ...Array.from({ length: 20 }, (_, i) => line(i, { user: 'bot' }))];
    const args = ['--tenant', 'dry', '--agent-from', 'address', '--dry-run'];
    const { stdout, stderr, exitCode } = await importLog(logFile('dry.log', lines), ...args);
    expect(stdout).toMatch(
      /^line 2: \{"occurredAt":"2015-05-17T10:05:00\.000Z","metricType":"api_calls","agentId":"192\.0\.2\.1",/,
    );
    expect(stdout).toContain(
      'The first 5 lines: 4 accepted, 0 duplicates, 0 rejected, 1 broken; nothing was written.',
    );
    expect(stderr).toContain('line 1: not in the combined log format');
    expect(exitCode).toBe(3);
    expect((await t.pool.query(`SELECT FROM tenants WHERE id = 'dry'`)).rowCount).toBe(0);
  });

  it('counts identical lines individually, and not again in a second run', async () => {
    const file = logFile('equal.log', [line(1), line(1), line(2), line(1)]);
    expect((await importLog(file, '--tenant', 'equal')).stdout).toContain(
      '4 lines: 4 accepted, 0 duplicates',
    );
    expect((await importLog(file, '--tenant', 'equal')).stdout).toContain(
      '4 lines: 0 accepted, 4 duplicates',
    );
  });

  it('imports lines that have been added to the file', async () => {
    const lines = [line(1), line(1), line(2)];
    await importLog(logFile('growing.log', lines), '--tenant', 'growing');
    const longer = logFile('growing.log', [...lines, line(2), line(3)]);
    expect((await importLog(longer, '--tenant', 'growing')).stdout).toContain(
      '5 lines: 2 accepted, 3 duplicates',
    );
  });

  it('reports broken lines with their numbers, and imports the others', async () => {
    const file = logFile('broken.log', [
      line(1),
      'no log line',
      line(2),
      '',
      line(3).replace('May', 'Mai'),
      line(4),
    ]);
    const { stdout, stderr, exitCode } = await importLog(file, '--tenant', 'broken');
    expect(stdout).toMatch(/^5 lines: 3 accepted, 0 duplicates, 0 rejected, 2 broken;/);
    expect(stderr).toMatch(
      /^2 broken lines:\n {2}line 2: not in the combined log format.*\n {2}line 5: the time "17\/Mai.*\n$/,
    );
    expect(exitCode).toBe(3);
  });

  it('shows only the first few of many broken lines', async () => {
    const file = logFile('very-broken.log', [
      line(1),
      ...Array.from({ length: 20 }, (_, i) => `nothing ${i}`),
    ]);
    const { stderr } = await importLog(file, '--tenant', 'very-broken');
    expect(stderr.trimEnd().split('\n')).toHaveLength(7);
    expect(stderr).toContain('20 broken lines:\n');
    expect(stderr).toContain('  and 15 more\n');
  });

  it('exits with code 1 if the file has no valid line', async () => {
    const { exitCode, stdout } = await importLog(logFile('other.csv', ['a,b', '1,2']), '--tenant', 'none');
    expect([exitCode, stdout]).toEqual([
      1,
      '2 lines: 0 accepted, 0 duplicates, 0 rejected, 2 broken; 0 aggregate rows written.\n',
    ]);
  });

  it('counts lines that are too old, and recommends a RETENTION_DAYS', async () => {
    const file = logFile('old.log', [line(1), line(2)]);
    const old = await runCli(['import', 'access-log', file, '--tenant', 'old'], {
      ...env(),
      RETENTION_DAYS: '400',
    });
    expect(old.stdout).toContain('2 lines: 0 accepted, 0 duplicates, 2 rejected, 0 broken');
    const advised = /RETENTION_DAYS=(\d+)/.exec(old.stderr)?.[1];
    expect(old.stderr).toContain('2 rejected, EVENT_TOO_OLD:\n  line 1: ');
    const taken = await runCli(['import', 'access-log', file, '--tenant', 'old'], {
      ...env(),
      RETENTION_DAYS: advised!,
    });
    expect(taken.stdout).toContain('2 lines: 2 accepted');
  });

  it('imports the readable part of a damaged archive, and reports the error', async () => {
    const path = join(folder, 'damaged.log.gz');
    const lines = Array.from({ length: 2000 }, (_, i) => line(i % 60, { request: `GET /v1/${i * 7919}/x` }));
    const packed = gzipSync(lines.join('\n'));
    writeFileSync(path, packed.subarray(0, packed.length / 2));
    const { stdout, stderr, exitCode } = await importLog(path, '--tenant', 'damaged');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^agentidp-analytics: .*damaged\.log\.gz: unexpected end of file\n$/);
    expect(Number(/ ([\d,]+) accepted/.exec(stdout)?.[1]?.replace(',', ''))).toBeGreaterThan(100);
  });

  it.each([
    [
      'a file that is not there',
      ['/nowhere/access.log', '--tenant', 'x'],
      '/nowhere/access.log: no such file',
    ],
    ['a directory', [tmpdir(), '--tenant', 'x'], 'is a directory'],
    ['no tenant', ['access.log'], '--tenant'],
    ['an unknown source of agents', ['access.log', '--tenant', 'x', '--agent-from', 'host'], '--agent-from'],
  ])('refuses %s in one line', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await runCli(['import', 'access-log', ...args], env());
    expect([stdout, exitCode, stderr.split('\n').length]).toEqual(['', 1, 2]);
    expect(stderr).toContain(message);
  });
});
