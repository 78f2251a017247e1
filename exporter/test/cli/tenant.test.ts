import { refusalOf, testApp, type TestApp } from '../support/app.js';
import { type Outcome, runCli } from './run-cli.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const tenantSet = (...args: string[]): Promise<Outcome> =>
  runCli(['tenant', 'set', ...args], { DATABASE_URL: t.database.url });

describe('tenant set', () => {
  it('creates a tenant with tier and name', async () => {
    const { stdout, stderr, exitCode } = await tenantSet(
      'acme',
      '--tier',
      'enterprise',
      '--name',
      'Acme Corporation',
    );
    expect([stdout, stderr, exitCode]).toEqual(['acme: tier enterprise, name "Acme Corporation"\n', '', 0]);
  });

  it('changes only the given options', async () => {
    await tenantSet('beta', '--tier', 'enterprise', '--name', 'Beta');
    expect((await tenantSet('beta', '--name', 'Beta Limited')).stdout).toBe(
      'beta: tier enterprise, name "Beta Limited"\n',
    );
    expect((await tenantSet('beta', '--tier', 'pro')).stdout).toBe('beta: tier pro, name "Beta Limited"\n');
  });

  it('gives a new tenant TENANT_DEFAULT_TIER', async () => {
    expect((await tenantSet('gamma')).stdout).toBe('gamma: tier pro\n');
  });

  it('controls whether the tenant can read', async () => {
    await tenantSet('delta', '--tier', 'free');
    expect(refusalOf(await t.get('usage-summary', 'delta'))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
  });

  it.each([
    ['an id with white space', ['a b'], 'id'],
    ['an unknown tier', ['acme', '--tier', 'gold'], '--tier'],
    ['an empty name', ['acme', '--name', ' '], '--name'],
  ])('refuses %s', async (_, args, option) => {
    const { stdout, stderr, exitCode } = await tenantSet(...args);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain(option);
  });
});
