import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';
import { findProgram } from 'agentidp-analytics/demo/programs';
import { whyNoGrafana } from './support/stack.js';

const { resolve } = createRequire(import.meta.url);
const SIGN_IN = join(dirname(resolve('@grafana/plugin-e2e')), 'auth');
/** Where the project `auth` stores the administrator's session, relative to the directory of npm. */
const SESSION = 'playwright/.auth/admin.json';

/** The system's browser or, if there is none, Playwright's own. */
const chromium = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => findProgram(name))
  .find((path) => path !== undefined);

const installed = whyNoGrafana() === undefined;
const inBrowser = {
  ...devices['Desktop Chrome'],
  viewport: { width: 1600, height: 1200 },
  ...(installed && { storageState: SESSION }),
};
const dependencies = installed ? ['auth'] : [];

export default defineConfig<PluginOptions>({
  testDir: '.',
  globalSetup: './support/global-setup.ts',
  outputDir: './test-results',
  reporter: 'list',
  // Grafana, Prometheus, PostgreSQL, the exporter and the browser share the machine.
  workers: 1,
  timeout: 5 * 60_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: process.env.GRAFANA_URL,
    // No traces, because their screenshots take longer than rendering the page.
    screenshot: 'only-on-failure',
    actionTimeout: 30_000,
    navigationTimeout: 90_000,
    launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] },
  },
  projects: [
    ...(installed ? [{ name: 'auth', testDir: SIGN_IN, testMatch: /.*\.js/ }] : []),
    { name: 'grafana', testMatch: /.*\.spec\.ts/, use: inBrowser, dependencies },
  ],
});
