import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { createTokenVerifier } from '../../src/auth/verifier.js';
import { ensureSecret } from '../../src/auth/secret.js';
import { loadConfig } from '../../src/config.js';
import { SECRET } from '../support/app.js';
import { runCli } from './run-cli.js';

const verify = (token: string, env: Record<string, string> = {}) =>
  createTokenVerifier(loadConfig({ AUTH_JWT_SECRET: SECRET, ...env })).verify(`Bearer ${token}`);

describe('token', () => {
  it('prints a token that the service accepts, and nothing else', async () => {
    const { stdout, stderr, exitCode } = await runCli(['token', '--tenant', 'acme']);
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const principal = await verify(stdout.trim());
    expect(principal.tenantId).toBe('acme');
    expect([...principal.scopes]).toEqual(['analytics:read']);
  });

  it('is valid for 30 days unless --days says otherwise', async () => {
    const lifetime = async (...args: string[]) => {
      const { exp, iat } = decodeJwt((await runCli(['token', '--tenant', 'acme', ...args])).stdout.trim());
      return (exp! - iat!) / 86_400;
    };
    expect(await lifetime()).toBe(30);
    expect(await lifetime('--days', '7')).toBe(7);
  });

  it('has all requested scopes', async () => {
    const scope = 'analytics:read analytics:write analytics:admin';
    const { stdout } = await runCli(['token', '--tenant', 'acme', '--scope', scope]);
    expect([...(await verify(stdout.trim())).scopes].join(' ')).toBe(scope);
  });

  it('rejects an unknown scope, naming the option and the valid scopes', async () => {
    const { stdout, stderr, exitCode } = await runCli([
      'token',
      '--tenant',
      'acme',
      '--scope',
      'analytics:read,write',
    ]);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toMatch(
      /--scope.*Unknown scope "analytics:read,write"; scopes are analytics:read, analytics:write, analytics:admin/,
    );
  });

  it.each([
    ['--tenant', ['token']],
    ['--tenant', ['token', '--tenant', 'white space']],
    ['--days', ['token', '--tenant', 'acme', '--days', '0']],
    ['--days', ['token', '--tenant', 'acme', '--days', '1.5']],
    ['--scope', ['token', '--tenant', 'acme', '--scope', '']],
  ])('names %s where it is wrong: %j', async (option, args) => {
    const { stdout, stderr, exitCode } = await runCli(args);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain(option);
  });

  it('includes AUTH_ISSUER and AUTH_AUDIENCE if they are set', async () => {
    const env = { AUTH_ISSUER: 'https://idp.test', AUTH_AUDIENCE: 'analytics' };
    const { stdout } = await runCli(['token', '--tenant', 'acme'], env);
    await expect(verify(stdout.trim(), env)).resolves.toMatchObject({ tenantId: 'acme' });
  });

  it('is signed with the first of two secrets, and has the tenant where AUTH_TENANT_CLAIM says', async () => {
    const env = { AUTH_JWT_SECRET: `${SECRET} in future,${SECRET}`, AUTH_TENANT_CLAIM: 'organization.id' };
    const { stdout } = await runCli(['token', '--tenant', 'acme'], env);
    const future = { ...env, AUTH_JWT_SECRET: `${SECRET} in future` };
    await expect(verify(stdout.trim(), future)).resolves.toMatchObject({ tenantId: 'acme' });
  });

  it('is signed with the secret under DATA_DIR if none is set', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'agentidp-token-'));
    try {
      const { stdout } = await runCli(['token', '--tenant', 'acme'], {
        AUTH_JWT_SECRET: '',
        DATA_DIR: dataDir,
      });
      const env = { AUTH_JWT_SECRET: ensureSecret(dataDir) };
      await expect(verify(stdout.trim(), env)).resolves.toMatchObject({ tenantId: 'acme' });
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('cannot be signed with a JWKS alone; the message names the missing setting', async () => {
    const env = {
      AUTH_JWT_SECRET: '',
      AUTH_JWKS_URL: 'https://idp.test/jwks',
      AUTH_AUDIENCE: 'analytics',
    };
    const { stdout, stderr, exitCode } = await runCli(['token', '--tenant', 'acme'], env);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toMatch(/^agentidp-analytics: AUTH_JWT_SECRET: .+\n$/);
  });
});
