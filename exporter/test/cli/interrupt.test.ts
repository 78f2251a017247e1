import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Outcome, runCli } from './run-cli.js';

const LINES = 60_000;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'agentidp-interrupt-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

const countEvents = async (): Promise<number> =>
  (await database.pool.query<{ count: number }>('SELECT count(*) FROM usage_events')).rows[0]!.count;

describe('a command that is interrupted', () => {
  it('finishes the current batch, reports the interruption, and continues when it is run again', async () => {
    const file = join(folder, 'events.ndjson');
    const start = Date.now() - 86_400_000;
    const line = (i: number): string =>
      JSON.stringify({
        metricType: 'api_calls',
        agentId: 'a1',
        occurredAt: new Date(start + i).toISOString(),
      });
    writeFileSync(file, Array.from({ length: LINES }, (_, i) => line(i)).join('\n'));
    const run = (): Promise<Outcome> =>
      runCli(['import', 'events', file, '--tenant', 'acme'], { DATABASE_URL: database.url });

    const running = run();
    while ((await countEvents()) === 0) await delay(10);
    process.emit('SIGINT');
    const { stdout, stderr, exitCode } = await running;
    expect([stderr, exitCode]).toEqual(['agentidp-analytics: interrupted\n', 1]);
    const written = await countEvents();
    expect(written).toBeLessThan(LINES);
    expect(stdout).toContain(`${written.toLocaleString('en-US')} accepted`);

    expect((await run()).stdout).toMatch(
      /^60,000 lines: [\d,]+ accepted, [\d,]+ duplicates, 0 rejected, 0 broken/,
    );
    expect(await countEvents()).toBe(LINES);
  }, 600_000);
});
