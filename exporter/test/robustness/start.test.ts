/** Startup as an operator sees it: the real command line in its own process. */
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { findProcess } from 'agentidp-analytics-embedded';
import { createTestDatabase } from '../support/database.js';
import { type Command, embeddedServer, Processes } from './exporter-process.js';

const processes = new Processes();
afterEach(() => processes.cleanUp());

/** Expects exit code 1 and exactly one line on stderr. */
async function expectRefused(command: Command, line: RegExp): Promise<void> {
  expect(await command.ended).toEqual({ code: 1, signal: null });
  expect(command.errors).toMatch(line);
  expect(command.errors.trim().split('\n')).toHaveLength(1);
}

it('exits with one line that names an invalid setting, before it creates anything', async () => {
  const DATA_DIR = join(processes.directory(), 'data');
  const wrong: [Record<string, string>, RegExp][] = [
    [{ PORT: '70000' }, /^agentidp-analytics: PORT: must be a whole number from 0 to 65535, not "70000"$/m],
    [
      { DATABASE_URL: 'mysql://user:geheim@db' },
      /^agentidp-analytics: DATABASE_URL: must be a URL that begins with/,
    ],
    [{ AGGREGATION_CRON: 'at night' }, /^agentidp-analytics: AGGREGATION_CRON: must be a cron expression/],
    [
      { HOST: '0.0.0.0' },
      /^agentidp-analytics: AUTH_JWT_SECRET: set this or AUTH_JWKS_URL if HOST is not a loopback address/,
    ],
  ];
  const commands = wrong.map(([env]) => processes.run(['serve'], { DATA_DIR, ...env }));
  for (const [i, [, line]] of wrong.entries()) {
    await expectRefused(commands[i]!, line);
    expect(commands[i]!.output).toBe('');
    expect(commands[i]!.errors).not.toContain('geheim');
  }
  expect(existsSync(DATA_DIR)).toBe(false);
}, 600_000);

it('exits with one line if the port is in use', async () => {
  const database = await createTestDatabase();
  const other: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const env = { DATABASE_URL: database.url, PORT: String(port), AUTH_JWT_SECRET: 'x'.repeat(32) };
  await expectRefused(
    processes.run(['serve'], env),
    new RegExp(`^agentidp-analytics: PORT: port ${port} is already in use on 127\\.0\\.0\\.1 `),
  );
  other.close();
  await database.drop();
}, 600_000);

it('exits with one line if the schema is that of a newer release, also with DATABASE_URL', async () => {
  const database = await createTestDatabase();
  await database.pool.query(
    `INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'next', '')`,
  );
  const exporter = processes.launch({ DATABASE_URL: database.url });
  await expectRefused(
    exporter,
    /^agentidp-analytics: the database has schema version 9999 \(next\), but this release supports only \d+: start the newer release$/m,
  );
  await database.drop();
}, 600_000);

/** The quickest of a few starts counts, because other load on the machine can delay any of them. */
const TRIES = 3;

it('is ready within 20 seconds with an empty DATA_DIR and no other settings', async () => {
  let quickest = Infinity;
  for (let i = 0; i < TRIES && quickest > 20_000; i += 1) {
    const DATA_DIR = join(processes.directory(), 'new');
    const began = performance.now();
    const exporter = processes.launch({ DATA_DIR, AUTH_JWT_SECRET: '' });
    await (await exporter.listening()).ready();
    quickest = Math.min(quickest, performance.now() - began);
    expect(existsSync(join(DATA_DIR, 'jwt-secret'))).toBe(true);
    const { pid } = embeddedServer(DATA_DIR);
    exporter.signal('SIGTERM');
    expect(await exporter.ended).toEqual({ code: 0, signal: null });
    expect(findProcess(pid)).toBeUndefined();
  }
  expect(quickest).toBeLessThan(20_000);
}, 600_000);
