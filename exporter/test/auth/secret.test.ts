import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureSecret } from '../../src/auth/secret.js';
import { ConfigError } from '../../src/errors.js';

const run = promisify(execFile);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentidp-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('ensureSecret', () => {
  it('creates a secret once, readable only by its owner', () => {
    const dataDir = join(folder, 'not', 'there', 'yet');
    const secret = ensureSecret(dataDir);
    expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
    expect(ensureSecret(dataDir)).toBe(secret);
    expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
  });

  it('creates a different secret in another directory', () => {
    expect(ensureSecret(join(folder, 'a'))).not.toBe(ensureSecret(join(folder, 'b')));
  });

  it('revokes access that others have been given', () => {
    const secret = ensureSecret(folder);
    chmodSync(join(folder, 'jwt-secret'), 0o644);
    expect(ensureSecret(folder)).toBe(secret);
    expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('gives processes that start together the same secret', async () => {
    const module = fileURLToPath(new URL('../../src/auth/secret.ts', import.meta.url));
    // All processes wait for the same instant, so that they run at the same time.
    const script = `
      const { ensureSecret } = await import(${JSON.stringify(module)});
      while (Date.now() < Number(process.argv[1])) {}
      process.stdout.write(ensureSecret(process.argv[2]));`;
    const start = String(Date.now() + 4_000);
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, start, folder];
    // NODE_OPTIONS contains the options of jest's own process.
    const env = { ...process.env, NODE_OPTIONS: '' };
    const outputs = await Promise.all([1, 2, 3].map(() => run(process.execPath, args, { env })));
    const secrets = new Set(outputs.map(({ stdout }) => stdout));
    expect([...secrets]).toEqual([ensureSecret(folder)]);
    expect(readdirSync(folder)).toEqual(['jwt-secret']);
  });

  it('rejects a damaged file, and names it', () => {
    writeFileSync(join(folder, 'jwt-secret'), 'short', { mode: 0o600 });
    expect(() => ensureSecret(folder)).toThrow(/^DATA_DIR: .*jwt-secret is damaged/);
  });

  it('names the setting if the directory cannot be used', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => ensureSecret(file)).toThrow(ConfigError);
    expect(() => ensureSecret(file)).toThrow(/set AUTH_JWT_SECRET instead/);
  });
});
