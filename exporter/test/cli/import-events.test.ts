import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testApp, type TestApp } from '../support/app.js';
import { type Outcome, runCli } from './run-cli.js';

let t: TestApp;
let folder: string;

beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString() });
  folder = mkdtempSync(join(tmpdir(), 'agentidp-events-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await t.close();
});

/** Imports the lines; objects are written as JSON. */
async function importEvents(
  tenant: string,
  lines: readonly (object | string)[],
  ...args: string[]
): Promise<Outcome> {
  const path = join(folder, `${tenant}.ndjson`);
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return runCli(['import', 'events', path, '--tenant', tenant, ...args], { DATABASE_URL: t.database.url });
}

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const issued = {
  metricType: 'token_issuances',
  agentId: 'a1',
  agentName: 'Billing bot',
  occurredAt: daysAgo(3),
};
const total = async (tenant: string): Promise<number> =>
  (await t.read<{ summary: { totalTokenIssuances: number } }>('usage-summary', tenant)).summary
    .totalTokenIssuances;

describe('import events', () => {
  it('imports events as in a request, and they are visible immediately', async () => {
    const { stdout, stderr } = await importEvents('wire', [
      issued,
      { ...issued, count: 4, occurredAt: daysAgo(2) },
    ]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^2 lines: 2 accepted, 0 duplicates, 0 rejected, 0 broken; [\d,]+ aggregate rows written\.\n$/,
    );
    expect(await total('wire')).toBe(5);
  });

  it('derives missing ids from the content, so that a second run creates no duplicates', async () => {
    const lines = [issued, issued, { ...issued, id: '01890a5d-ac96-774b-bcce-b302099a8057' }];
    expect((await importEvents('ids', lines)).stdout).toContain('3 lines: 3 accepted, 0 duplicates');
    expect((await importEvents('ids', lines)).stdout).toContain('3 lines: 0 accepted, 3 duplicates');
    expect(await total('ids')).toBe(3);
  });

  it('--dry-run shows what would be made of the first lines, and writes nothing', async () => {
    const lines = ['{', { ...issued, count: 0 }, ...Array<object>(20).fill(issued)];
    const { stdout, stderr, exitCode } = await importEvents('dry', lines, '--dry-run');
    expect(stdout).toMatch(/^line 3: \{"metricType":"token_issuances","agentId":"a1",/);
    expect(stdout).toContain(
      'The first 5 lines: 3 accepted, 0 duplicates, 1 rejected, 1 broken; nothing was written.',
    );
    expect(stderr).toContain('line 1: not JSON');
    expect(stderr).toContain('line 2: count must be a whole number');
    expect(exitCode).toBe(3);
    expect((await t.pool.query(`SELECT FROM tenants WHERE id = 'dry'`)).rowCount).toBe(0);
  });

  it('reports broken and rejected lines by number', async () => {
    const { stdout, stderr } = await importEvents('broken', [
      issued,
      'not json',
      '[1]',
      { metricType: 'token_issuances', agentId: 'a1' },
      { ...issued, metricType: 'logins' },
      { ...issued, occurredAt: daysAgo(-1) },
    ]);
    expect(stdout).toMatch(/^6 lines: 1 accepted, 0 duplicates, 2 rejected, 3 broken;/);
    expect(stderr).toContain('line 2: not JSON\n');
    expect(stderr).toContain('line 3: not an object\n');
    expect(stderr).toContain('line 4: occurredAt is required without an id');
    expect(stderr).toMatch(/1 rejected, VALIDATION_ERROR:\n {2}line 5: metricType must be one of/);
    expect(stderr).toMatch(/1 rejected, EVENT_IN_FUTURE:\n {2}line 6: /);
  });

  it('imports more than one batch', async () => {
    const lines = Array.from({ length: 12_345 }, (_, i) => ({
      ...issued,
      occurredAt: daysAgo(1 + i / 10_000),
    }));
    const { stdout, stderr } = await importEvents('many', lines);
    expect([stderr, stdout]).toEqual(['', expect.stringContaining('12,345 lines: 12,345 accepted')]);
    expect(await total('many')).toBe(12_345);
  });
});
