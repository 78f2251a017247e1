/** `report preview` writes what the service would send. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { runCli } from './run-cli.js';

const yesterday = new Date(Date.now() - 86_400_000).toISOString();
let t: TestApp;
let folder: string;
beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString() });
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  await t.sendAndRollup('acme', [call(yesterday, { agentId: 'bot', endpoint: 'GET /things', count: 4_321 })]);
});
afterAll(async () => {
  await t.close();
  await rm(folder, { recursive: true });
});

const preview = (...args: string[]) =>
  runCli(['report', 'preview', '--tenant', 'acme', ...args], { DATABASE_URL: t.database.url });

it('as HTML into a file', async () => {
  const file = join(folder, 'report.html');
  const { stdout, stderr, exitCode } = await preview('--template', 'usage_report', '--out', file);
  expect([stdout, stderr, exitCode]).toEqual(['', '', 0]);
  const html = await readFile(file, 'utf8');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain('4,321');
  expect(html).toContain('data:image/png;base64,');
});

it('as text to standard output', async () => {
  const { stdout, exitCode } = await preview('--metrics', 'api_calls', '--group-by', 'agent', '--text');
  expect([stdout, exitCode]).toEqual([expect.stringMatching(/API calls +4,321/), 0]);
});

it('or says what is wrong', async () => {
  const { stderr, exitCode } = await preview('--metrics', 'weather');
  expect([stderr, exitCode]).toEqual([expect.stringContaining('there is no metric "weather"'), 1]);
});
